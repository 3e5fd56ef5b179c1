"""The front doors: which module serves which paths.

A door is a function that takes the router and registers its handlers with
``router.route(prefix, handler)``. One way to add one: import it and name it here.
"""

from __future__ import annotations

from kaltura_bridge.simulator import api, control, delivery, visits_control
from kaltura_bridge.simulator.face import door as face
from kaltura_bridge.simulator.http import Router
from kaltura_bridge.simulator.kaf import door as kaf
from kaltura_bridge.simulator.newrow import door as newrow
from kaltura_bridge.simulator.notify import door as notifications


def open_all(router: Router) -> None:
    """Register every handler."""
    for prefix in api.PREFIXES:
        router.route(prefix, api.handle)
    router.route(control.PREFIX, control.handle)
    visits_control.open_door(router)
    delivery.open_door(router)
    notifications.open_door(router)
    kaf.open_door(router)
    newrow.open_door(router)
    face.open_door(router)
