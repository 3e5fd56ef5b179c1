"""Which module serves which paths.

A module with paths of its own has ``add_routes(router)``, which registers its handlers
with ``router.route(prefix, handler)``. To add one, name it in ``_MODULES``.
"""

from __future__ import annotations

from kaltura_simulator.api import endpoint as api
from kaltura_simulator.control import encoders, notifications, visits
from kaltura_simulator.control import endpoint as control
from kaltura_simulator.control import newrow as newrow_control
from kaltura_simulator.kaf import endpoint as kaf
from kaltura_simulator.kaf import moderator
from kaltura_simulator.media import cdn
from kaltura_simulator.newrow import endpoint as newrow
from kaltura_simulator.ui import endpoint as ui
from kaltura_simulator.web.http import Router

_MODULES = (
    *(api, control, newrow_control, notifications, visits, encoders),
    *(cdn, kaf, newrow, moderator, ui),
)


def router() -> Router:
    """A router that knows every path."""
    found = Router()
    for module in _MODULES:
        module.add_routes(found)
    return found
