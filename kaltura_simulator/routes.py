"""The front doors: which module serves which paths.

A door is a function that takes the router and registers its handlers with
``router.route(prefix, handler)``. One way to add one: import it and name it here.
"""

from __future__ import annotations

from kaltura_simulator.api import endpoint
from kaltura_simulator.control import endpoint as control
from kaltura_simulator.control import visits
from kaltura_simulator.kaf import door as kaf
from kaltura_simulator.media import cdn
from kaltura_simulator.newrow import door as newrow
from kaltura_simulator.notify import door as notifications
from kaltura_simulator.ui import door as face
from kaltura_simulator.web.http import Router


def open_all(router: Router) -> None:
    """Register every handler."""
    for prefix in endpoint.PREFIXES:
        router.route(prefix, endpoint.handle)
    router.route(control.PREFIX, control.handle)
    visits.open_door(router)
    cdn.open_door(router)
    notifications.open_door(router)
    kaf.open_door(router)
    newrow.open_door(router)
    face.open_door(router)
