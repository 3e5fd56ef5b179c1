"""What each planned object needs at Kaltura: a domain object in, specs out; pure, no I/O.

One module for each session type. ``specs_for`` is the only way in.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from events.models import Event, Session, SessionType, Track
from kaltura_bridge.members.people import CategoryMember
from kaltura_bridge.recipes.base import (
    CannotSend,
    Context,
    Pointed,
    Publication,
    Video,
    publication_of,
)
from kaltura_bridge.recipes.categories import event_specs, track_specs
from kaltura_bridge.recipes.members import member_specs
from kaltura_bridge.recipes.recorded import recorded_specs
from kaltura_bridge.recipes.references import check_references
from kaltura_bridge.recipes.room import room_specs
from kaltura_bridge.recipes.simulive import simulive_specs
from kaltura_bridge.recipes.studio import studio_specs
from kaltura_bridge.recipes.webcast import webcast_specs
from kaltura_bridge.specs import Spec

__all__ = ["CannotSend", "Context", "Pointed", "Video", "specs_for"]

Recipe = Callable[[Session, Context], list[Spec]]

RECIPES: dict[str, Recipe] = {
    SessionType.WEBCAST: webcast_specs,
    SessionType.INTERACTIVE: room_specs,
    SessionType.WEBINAR: room_specs,
    SessionType.STUDIO: studio_specs,
    SessionType.SIMULIVE: simulive_specs,
}


def specs_for(planned: Event | Track | Session | CategoryMember, context: Context) -> list[Spec]:
    """Everything that Kaltura should hold for one planned object.

    Raises CannotSend when it lacks something that a person must choose.
    """
    if isinstance(planned, CategoryMember):
        return member_specs(planned)
    check_references(planned, context)
    if isinstance(planned, Event):
        return event_specs(planned, context)
    if isinstance(planned, Track):
        return track_specs(planned, context)
    specs = [*RECIPES[planned.session_type](planned, context), *recorded_specs(planned)]
    if publication_of(planned) is not Publication.DRAFT:
        return specs
    # What was made before it became a draft again stays: a broadcast's stream key, its chat
    # and its recordings hang on it.
    return [replace(spec, only_if_held=True) for spec in specs]
