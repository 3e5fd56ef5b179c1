"""The room that a session shares with its track: whoever extends it must find the room empty."""

from __future__ import annotations

from django.db.models import Q

from events.models import Session
from events.programme.extending import OneAtATime
from kaltura_bridge.delivery.options import options_for
from kaltura_bridge.models import RoomForm
from kaltura_bridge.recipes.shared import MODES, shared_room


def room_of_track(session: Session) -> OneAtATime | None:
    """The room entry that the session shares; two calendar events of one may not overlap.

    Kaltura lets those of a location resource overlap.
    """
    options = options_for(session)
    is_entry = session.session_type in MODES and options.room_form == RoomForm.ENTRY
    if session.track is None or not is_entry or not shared_room(session, options):
        return None
    return OneAtATime(session.track.name, Q(track=session.track, session_type=session.session_type))
