"""Reads of what a session became at Kaltura, for the pages that people see."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from django.utils import timezone

from events.models import Session, SessionType
from events.recordings import Recording
from kaltura_bridge.delivery.options import session_delivery
from kaltura_bridge.join.access import Remote
from kaltura_bridge.join.identity import StageRole
from kaltura_bridge.models import RemoteLink, SyncState, SyncTarget, TargetKind
from kaltura_bridge.recipes.room import LEGACY_EVENT
from kaltura_bridge.recipes.studio import SUFFIX as STUDIO
from kaltura_bridge.specs import Identity, Kind, key_for

_ROOMS: Final = frozenset({SessionType.INTERACTIVE, SessionType.WEBINAR})
_RECORDING_FIELDS: Final = ("redirectEntryId", "recordedEntryId")


class Door(StrEnum):
    """Which of Kaltura's pages people enter by."""

    ENTRY = "entry"  # a broadcast or a recording
    ROOM = "room"
    LAUNCH = "launch"  # a room of the older form, by its scheduled event


@dataclass(frozen=True)
class Place:
    """Where a session takes place at Kaltura, and what is left of it afterwards.

    ``entry_id`` is the id of what is entered: an entry, or the event of an older room.
    """

    entry_id: str = ""
    door: Door = Door.ENTRY
    recording_id: str = ""
    remote: Remote = Remote.COMING

    @property
    def recording(self) -> Recording:
        return Recording.READY if self.recording_id else Recording.NONE


def remote_entry_id(session: Session) -> str | None:
    """The id of the live entry or room that attendees of this session enter; None: not yet."""
    return place_of(session).entry_id or None


def place_of(session: Session, role: StageRole = StageRole.ATTENDEE) -> Place:
    """Everything the join page must know of Kaltura, from our own tables. One or two queries.

    Who is on the stage of a webcast studio enters its room; everyone else its broadcast.
    """
    doors = _doors(session, role)
    links = RemoteLink.objects.filter(key__in={key for _, key in doors}, gone=False)
    found = {(Kind(i.kind), i.key): i for i in links.exclude(remote_id=None) if _is_entered(i)}
    entered = next((identity for identity in doors if identity in found), None)
    if entered is None:
        return Place(remote=_remote_state(session))
    broadcast = found.get((Kind.ENTRY, key_for(session.uuid)), found[entered])
    return Place(
        entry_id=str(found[entered].remote_id),
        door=doors[entered],
        recording_id=_recording_id(session, broadcast),
        remote=Remote.READY,
    )


def _doors(session: Session, role: StageRole) -> dict[Identity, Door]:
    """What people of this role may enter, the first that exists counts."""
    key = key_for(session.uuid)
    if session.session_type in _ROOMS:
        return {(Kind.ROOM, key): Door.ROOM, (Kind.SCHEDULE_EVENT, key): Door.LAUNCH}
    broadcast = {(Kind.ENTRY, key): Door.ENTRY}
    if session.session_type == SessionType.STUDIO and role != StageRole.ATTENDEE:
        return {(Kind.ROOM, key_for(session.uuid, STUDIO)): Door.ROOM, **broadcast}
    return broadcast


def _is_entered(link: RemoteLink) -> bool:
    """A room entry has a scheduled event too; only that of an older room is a door."""
    return link.kind != Kind.SCHEDULE_EVENT or link.made_for.startswith(LEGACY_EVENT)


def _remote_state(session: Session) -> Remote:
    failed = SyncTarget.objects.filter(
        kind=TargetKind.SESSION, object_uuid=session.uuid, state=SyncState.FAILED
    )
    return Remote.FAILED if failed.exists() else Remote.COMING


def _recording_id(session: Session, broadcast: RemoteLink) -> str:
    """What players follow after the end, in their order: the redirect, else the recording.

    A simulive entry leads to its video by itself, so there it is the entry.
    """
    if session.session_type == SessionType.SIMULIVE:
        decided = session_delivery(session)
        return str(broadcast.remote_id) if decided and decided.replay else ""
    seen = broadcast.seen
    return next((seen[name] for name in _RECORDING_FIELDS if seen.get(name)), "")


def recording_of(session: Session) -> Recording:
    """Whether Kaltura holds a recording of a session that is over; before that, nobody asks."""
    if timezone.now() < session.ends_at:
        return Recording.NONE
    return place_of(session).recording
