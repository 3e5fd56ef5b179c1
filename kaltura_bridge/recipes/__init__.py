"""What each planned object needs at Kaltura: a domain object in, specs out; pure, no I/O.

One module for each session type. ``specs_for`` is the only way in.
"""

from __future__ import annotations

from collections.abc import Callable

from events.models import Event, Session, SessionType, Track
from kaltura_bridge.recipes.base import Context, UnsupportedSession
from kaltura_bridge.recipes.categories import event_specs, track_specs
from kaltura_bridge.recipes.room import interactive_specs, webinar_specs
from kaltura_bridge.recipes.webcast import webcast_specs
from kaltura_bridge.specs import Spec

__all__ = ["Context", "UnsupportedSession", "specs_for"]

Recipe = Callable[[Session, Context], list[Spec]]

RECIPES: dict[str, Recipe] = {
    SessionType.WEBCAST: webcast_specs,
    SessionType.INTERACTIVE: interactive_specs,
    SessionType.WEBINAR: webinar_specs,
}


def specs_for(planned: Event | Track | Session, context: Context) -> list[Spec]:
    """Everything that Kaltura should hold for one planned object.

    Raises UnsupportedSession for a session type without a recipe.
    """
    if isinstance(planned, Event):
        return event_specs(planned, context)
    if isinstance(planned, Track):
        return track_specs(planned, context)
    recipe = RECIPES.get(planned.session_type)
    if recipe is None:
        raise UnsupportedSession(planned)
    return recipe(planned, context)
