"""What a session became at Kaltura, for the pages that people see. From our own tables only."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

from django.db.models import Exists, FilteredRelation, OuterRef, Q, QuerySet, Subquery
from django.utils import timezone

from events.caching.prepared import PreparedRows
from events.models import Session, SessionType
from events.remote import RecordingState, RemoteState, RoomState
from events.roles import StageRole
from kaltura_bridge.api import ks
from kaltura_bridge.captions.transcript import transcripts_of
from kaltura_bridge.delivery.options import event_delivery, session_delivery
from kaltura_bridge.delivery.players import KAF, ChosenPlayer, PlayerSetting, chosen_player
from kaltura_bridge.models import (
    EventDelivery,
    Recording,
    RecordingLook,
    RecordingOrigin,
    RecordingStatus,
    RoomSharing,
    SessionDelivery,
    SyncState,
    SyncTarget,
    TargetKind,
)
from kaltura_bridge.recipes.room import LEGACY_EVENT
from kaltura_bridge.recipes.studio import SUFFIX as STUDIO
from kaltura_bridge.recordings.choosing import watchable
from kaltura_bridge.specs import Identity, Kind, key_for

ROOMS: Final = frozenset({SessionType.INTERACTIVE, SessionType.WEBINAR})
_RECORDING_FIELDS: Final = ("redirectEntryId", "recordedEntryId")


class KafPage(StrEnum):
    """By which of KAF's pages a session is entered."""

    ENTRY = "entry"  # a broadcast or a recording
    ROOM = "room"
    LAUNCH = "launch"  # a room of the older form, by its scheduled event


@dataclass(frozen=True)
class JoinDestination:
    """Where a session takes place at Kaltura, and what is left of it afterwards.

    ``entry_id`` is the id of what is entered: an entry, or the event of an older room.
    ``resource_id``: that room itself, by which leaders enter to prepare it. ``second_device``:
    what the event says of people with two (``SecondDevice``). ``leads_elsewhere``: a producer
    shows viewers of this broadcast something else. ``is_shared``: it is the room of the track, in
    which other sessions take place, too. ``player``: what broadcasts and recordings
    are watched in.
    """

    entry_id: str = ""
    page: KafPage = KafPage.ENTRY
    recording_id: str = ""
    is_processing: bool = False
    recording_s: int = 0
    can_download: bool = False
    has_transcript: bool = False
    room: RoomState = RoomState.PREPARING
    resource_id: str = ""
    second_device: str = ""
    leads_elsewhere: bool = False
    is_shared: bool = False
    player: ChosenPlayer = KAF

    @property
    def state(self) -> RemoteState:
        """As the domain asks for it."""
        recording = RecordingState.NONE
        if self.recording_id:
            recording = RecordingState.READY
        elif self.is_processing:
            recording = RecordingState.PROCESSING
        # Without a signing secret no page at Kaltura opens, whatever it holds.
        room = self.room if ks.can_mint() else RoomState.NOT_CONFIGURED
        is_there = bool(self.recording_id)
        length = self.recording_s if is_there else 0
        may_keep, reads = is_there and self.can_download, is_there and self.has_transcript
        return RemoteState(room, recording, length, may_keep, reads)


@dataclass(frozen=True)
class _LinkRow:
    """What is read of a session's object at Kaltura, beside the session's sync state."""

    target_kind: str
    state: str
    kind: str | None
    key: str | None
    remote_id: str | None
    made_for: str | None
    seen: dict[str, Any] | None
    led_elsewhere_id: str | None
    second_device: str | None
    player: str | None
    uiconf_id: int | None
    own_player: str | None
    own_uiconf_id: int | None
    by_hand: bool | None
    recording_id: str | None
    recording_origin: str | None
    recording_s: int | None
    can_download: bool | None
    has_recordings: bool
    was_looked_for: bool
    is_processing: bool
    has_transcript: bool

    @property
    def identity(self) -> Identity | None:
        return (Kind(self.kind), self.key) if self.kind and self.key else None

    @property
    def chosen_player(self) -> ChosenPlayer:
        of_event = PlayerSetting(self.player or "", self.uiconf_id)
        return chosen_player(of_event, PlayerSetting(self.own_player or "", self.own_uiconf_id))

    @property
    def is_entered(self) -> bool:
        """A room entry has a scheduled event too; only that of an older room is entered."""
        is_older_room = (self.made_for or "").startswith(LEGACY_EVENT)
        return bool(self.remote_id) and (self.kind != Kind.SCHEDULE_EVENT or is_older_room)


def remote_entry_id(session: Session) -> str | None:
    """The id of the live entry or room that attendees of this session enter; None: not yet."""
    return destination_of(session).entry_id or None


def remote_state(session: Session, role: StageRole) -> RemoteState:
    """How the session stands for people of this role; the domain asks (``events.remote``)."""
    return destination_of(session, role).state


def destination_of(session: Session, role: StageRole = StageRole.ATTENDEE) -> JoinDestination:
    """Where people of this role enter the session, in one query.

    Who is on the stage of a webcast studio enters its room; everyone else its broadcast. A
    simulive that is over takes two queries, as does a room that waits in a track that failed.
    """
    pages = _pages_for(session, role)
    rows = _links_of(session, {key for _, key in pages})
    found = {row.identity: row for row in rows if row.is_entered}
    entered = next((identity for identity in pages if identity in found), None)
    if entered is None:
        return _without_place(session, rows)
    broadcast = found.get((Kind.ENTRY, key_for(session.uuid)), found[entered])
    return JoinDestination(
        entry_id=str(found[entered].remote_id),
        page=pages[entered],
        recording_id=_recording_id(session, broadcast),
        recording_s=broadcast.recording_s or 0,
        can_download=bool(broadcast.can_download and broadcast.recording_id),
        has_transcript=broadcast.has_transcript,
        is_processing=broadcast.is_processing and timezone.now() >= session.ends_at,
        room=RoomState.READY,
        resource_id=_resource_id(session, found),
        second_device=found[entered].second_device or "",
        leads_elsewhere=found[entered].led_elsewhere_id == found[entered].remote_id,
        is_shared=entered[1] in _track_keys(session),
        player=found[entered].chosen_player,
    )


def _without_place(session: Session, rows: Sequence[_LinkRow]) -> JoinDestination:
    """Nothing to enter yet, or no more; what was recorded can be watched all the same."""
    room = RoomState.FAILED if _has_failed(session, rows) else RoomState.PREPARING
    left = next((row for row in rows if row.recording_id), None)
    if left is None or session.session_type == SessionType.SIMULIVE:
        return JoinDestination(room=room)
    recording_id = _recording_id(session, left)
    return JoinDestination(
        room=room,
        recording_id=recording_id,
        recording_s=left.recording_s or 0,
        can_download=bool(left.can_download),
        has_transcript=left.has_transcript,
    )


def _has_failed(session: Session, rows: Iterable[_LinkRow]) -> bool:
    """Whether Kaltura refused what people would enter; a track's only where it has the room."""
    failed = {row.target_kind for row in rows if row.state == SyncState.FAILED}
    if TargetKind.SESSION in failed or not failed:
        return bool(failed)
    decided = event_delivery(session.event)
    return decided is not None and decided.room_sharing == RoomSharing.TRACK


def _resource_id(session: Session, found: Mapping[Identity | None, _LinkRow]) -> str:
    """The resource of a room of the older form; "" where there is none."""
    keys = (key_for(session.uuid), *_track_keys(session))
    rows = (found.get((Kind.RESOURCE, key)) for key in keys)
    return next((str(row.remote_id) for row in rows if row), "")


def _track_keys(session: Session) -> tuple[str, ...]:
    """The key of the room that the session's track may share (recipes/shared.py)."""
    return (key_for(session.track.uuid, session.session_type),) if session.track else ()


def _pages_for(session: Session, role: StageRole) -> dict[Identity, KafPage]:
    """What people of this role may enter; the first that exists counts."""
    key = key_for(session.uuid)
    if session.session_type in ROOMS:
        own = {(Kind.ROOM, key): KafPage.ROOM, (Kind.SCHEDULE_EVENT, key): KafPage.LAUNCH}
        return own | {(Kind.ROOM, shared): KafPage.ROOM for shared in _track_keys(session)}
    broadcast = {(Kind.ENTRY, key): KafPage.ENTRY}
    if session.session_type == SessionType.STUDIO and role != StageRole.ATTENDEE:
        return {(Kind.ROOM, key_for(session.uuid, STUDIO)): KafPage.ROOM, **broadcast}
    return broadcast


def _links_of(session: Session, keys: set[str]) -> list[_LinkRow]:
    """The session's objects with these keys, and its sync state even when there is none yet."""
    first, second = min(keys), max(keys)
    # People on stage of a studio have two keys as well; the track has nothing to do with it.
    may_share = not keys.isdisjoint(_track_keys(session))
    asked = {
        _SOME_SESSION: session.uuid,
        _SOME_TRACK: session.track.uuid if may_share and session.track else session.uuid,
        _ONE_KEY: first,
        _OTHER_KEY: second,
    }
    return [_LinkRow(*row) for row in _LINKS.rows(asked)]


# No object has these ids, nor one of these keys. Nobody enters by more than two.
_SOME_SESSION: Final = UUID(int=9_444_444)
_SOME_TRACK: Final = UUID(int=9_555_555)
_ONE_KEY, _OTHER_KEY = "*one*", "*other*"
# In the order of _LinkRow.
_ASIDE: Final = (
    *("second_device", "player", "uiconf_id", "own_player", "own_uiconf_id", "by_hand"),
    *(
        "recording_id",
        "recording_origin",
        "recording_s",
        "can_download",
        "has_recordings",
        "was_looked_for",
        "is_processing",
        "has_transcript",
    ),
)


def _links() -> QuerySet[Any, Any]:
    targets = SyncTarget.objects.filter(
        kind__in=(TargetKind.SESSION, TargetKind.TRACK),
        object_uuid__in=(_SOME_SESSION, _SOME_TRACK),
    )
    among = Q(links__key__in=[_ONE_KEY, _OTHER_KEY], links__gone=False)
    policy = EventDelivery.objects.filter(event__uuid=OuterRef("event_uuid"))
    recordings = Recording.objects.filter(session__uuid=_SOME_SESSION).order_by()
    looks = RecordingLook.objects.filter(session__uuid=_SOME_SESSION, looked_at__isnull=False)
    shown = watchable().filter(session__uuid=_SOME_SESSION)
    first = shown.order_by("-is_main", "-recorded_at", "pk")
    own = SessionDelivery.objects.filter(session__uuid=_SOME_SESSION)
    fields = ("kind", "key", "remote_id", "made_for", "seen", "led_elsewhere_id")
    return (
        targets.annotate(
            held=FilteredRelation("links", condition=among),
            second_device=Subquery(policy.values("second_device")[:1]),
            player=Subquery(policy.values("player")[:1]),
            uiconf_id=Subquery(policy.values("player_uiconf_id")[:1]),
            own_player=Subquery(own.values("player")[:1]),
            own_uiconf_id=Subquery(own.values("player_uiconf_id")[:1]),
            by_hand=Subquery(policy.values("recordings_by_hand")[:1]),
            recording_id=Subquery(first.values("entry_id")[:1]),
            recording_origin=Subquery(first.values("origin")[:1]),
            recording_s=Subquery(first.values("seconds")[:1]),
            can_download=Subquery(policy.values("recordings_download")[:1]),
            has_recordings=Exists(recordings),
            was_looked_for=Exists(looks),
            is_processing=Exists(recordings.filter(state=RecordingStatus.PROCESSING)),
            has_transcript=Exists(transcripts_of(_SOME_SESSION)),
        )
        .values_list("kind", "state", *(f"held__{name}" for name in fields), *_ASIDE)
        .order_by()
    )


_LINKS: Final = PreparedRows(SyncTarget, _links)


def _recording_id(session: Session, broadcast: _LinkRow) -> str:
    """What is watched after the end: the published recording. Before the end nobody asks.

    Until the worker has looked (recordings/looking.py), what players follow, in their order: the
    redirect, else the recording. A simulive entry leads to its video by itself, so there it is
    the entry.
    """
    if timezone.now() < session.ends_at:
        return ""
    if session.session_type == SessionType.SIMULIVE:
        return _replay_id(session, broadcast)
    if broadcast.has_recordings or broadcast.was_looked_for:
        return broadcast.recording_id or ""
    seen = {} if broadcast.by_hand else broadcast.seen or {}
    return next((seen[name] for name in _RECORDING_FIELDS if seen.get(name)), "")


def _replay_id(session: Session, broadcast: _LinkRow) -> str:
    decided = session_delivery(session)
    if broadcast.recording_id and broadcast.recording_origin != RecordingOrigin.SOURCE:
        return broadcast.recording_id
    is_hidden = broadcast.has_recordings and not broadcast.recording_id
    return str(broadcast.remote_id) if decided and decided.replay and not is_hidden else ""
