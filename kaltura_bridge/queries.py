"""Reads of what a session became at Kaltura, for the pages that people see."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from django.utils import timezone

from events.models import Session, SessionType
from events.recordings import Recording
from kaltura_bridge.gates import Remote
from kaltura_bridge.models import RemoteLink, SyncState, SyncTarget, TargetKind
from kaltura_bridge.specs import Kind, key_for

# What people of each type enter: a room, or the page of a live entry.
_ENTERED: Final = {
    SessionType.INTERACTIVE: Kind.ROOM,
    SessionType.WEBINAR: Kind.ROOM,
}
_RECORDING_FIELDS: Final = ("redirectEntryId", "recordedEntryId")


@dataclass(frozen=True)
class Place:
    """Where a session takes place at Kaltura, and what is left of it afterwards."""

    entry_id: str = ""
    in_room: bool = False
    recording_id: str = ""
    remote: Remote = Remote.COMING

    @property
    def recording(self) -> Recording:
        return Recording.READY if self.recording_id else Recording.NONE


def remote_entry_id(session: Session) -> str | None:
    """The id of the live entry or room that people of this session enter; None: not yet."""
    return place_of(session).entry_id or None


def place_of(session: Session) -> Place:
    """Everything the join page must know of Kaltura, from our own tables. One or two queries."""
    kind = _entered_kind(session)
    links = RemoteLink.objects.filter(kind=kind, key=key_for(session.uuid), gone=False)
    link = links.exclude(remote_id=None).first()
    if link is None:
        return Place(remote=_remote_state(session))
    return Place(
        entry_id=str(link.remote_id),
        in_room=kind == Kind.ROOM,
        recording_id=_recording_id(link.seen),
        remote=Remote.READY,
    )


def _entered_kind(session: Session) -> Kind:
    return _ENTERED.get(SessionType(session.session_type), Kind.ENTRY)


def _remote_state(session: Session) -> Remote:
    failed = SyncTarget.objects.filter(
        kind=TargetKind.SESSION, object_uuid=session.uuid, state=SyncState.FAILED
    )
    return Remote.FAILED if failed.exists() else Remote.COMING


def _recording_id(seen: dict[str, str]) -> str:
    """What players follow after the end, in their order: the redirect, else the recording."""
    return next((seen[name] for name in _RECORDING_FIELDS if seen.get(name)), "")


def recording_of(session: Session) -> Recording:
    """Whether Kaltura holds a recording of a session that is over; before that, nobody asks."""
    if timezone.now() < session.ends_at:
        return Recording.NONE
    return place_of(session).recording
