"""Where a session's own recordings are listed: with it, as long as attendees may watch them.

Kaltura puts a recording into the categories of its broadcast, and what the portal made into none.
KAF opens no entry that is in no category, and lists all that is in one. So what is published has
a place, and what is hidden, or whose session is not shown, must have none.
"""

from __future__ import annotations

from collections.abc import Iterable

from events.models import EventStatus, Session
from kaltura_bridge.models import Recording
from kaltura_bridge.recipes.base import homes_of, is_shown, places_in
from kaltura_bridge.recordings.choosing import own_recordings
from kaltura_bridge.specs import Kind, Ref, Spec, recorded_key


def recorded_specs(session: Session) -> list[Spec]:
    """The places of its recordings that are ready. Of a draft event nothing is listed anyway."""
    if session.event.status == EventStatus.DRAFT:
        return []
    homes, is_listed = homes_of(session.event, session.track), is_shown(session)
    return [
        spec
        for recording in _own(session)
        for spec in places_in(
            homes,
            Ref(Kind.ENTRY, recorded_key(session.uuid, recording.entry_id)),
            f"the recording “{recording}”",
            unwanted=not (is_listed and recording.is_shown),
        )
    ]


def _own(session: Session) -> Iterable[Recording]:
    """As they were read with many sessions at once (sync/desired.py), or of this one."""
    read: list[Recording] | None = getattr(session, "own_recordings", None)
    return own_recordings().filter(session=session) if read is None else read
