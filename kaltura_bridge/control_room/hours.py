"""Which sessions stand in the control room, with all that our own tables know of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.db.models import OuterRef, Q, QuerySet, Subquery

from events.models import Event, EventStatus, Session, SessionStatus
from kaltura_bridge.live.panels import ROOMS
from kaltura_bridge.models import RemoteLink, SyncAttempt, SyncState, SyncTarget, TargetKind
from kaltura_bridge.recipes.room import LEGACY_EVENT
from kaltura_bridge.specs import Kind, key_for

AROUND: Final = timedelta(hours=2)
#: More rows than that nobody can look after; the page says so.
MOST: Final = 300
_RECENT: Final = timedelta(days=1)
_SHOWN: Final = ("pk", "state", "error_kind", "error", "changed_there")
_PLACES: Final = (Kind.ENTRY, Kind.ROOM, Kind.SCHEDULE_EVENT)


@dataclass
class WatchedSession:
    """A session with what became of it at Kaltura, as last read.

    ``keys``: its own, and that of the room that its track may share. ``entry_id``: the broadcast
    that viewers open. ``has_place``: whether there is anything to enter. ``starts_unix`` and
    ``ends_unix``: the times of its calendar event at Kaltura.
    """

    session: Session
    entry_id: str = ""
    has_place: bool = False
    starts_unix: str = ""
    ends_unix: str = ""
    keys: tuple[str, ...] = ()

    @property
    def is_room(self) -> bool:
        return self.session.session_type in ROOMS


def sessions_around(events: QuerySet[Event], now: datetime) -> list[Session]:
    """What is on, was on, or comes within two hours; one more than ``MOST`` where there are more.

    With its sync state as ``sync_state`` and so on, and its last failure within a day as
    ``failed_at`` and ``failed_with``. What is cancelled for good is left out.
    """
    target = SyncTarget.objects.filter(kind=TargetKind.SESSION, object_uuid=OuterRef("uuid"))
    failures = SyncAttempt.objects.filter(
        target__kind=TargetKind.SESSION,
        target__object_uuid=OuterRef("uuid"),
        outcome=SyncState.FAILED,
        at__gt=now - _RECENT,
    ).order_by("-at", "-pk")
    around: QuerySet[Any] = Session.objects.filter(
        event__in=events.order_by().values("pk"),
        starts_at__lte=now + AROUND,
        ends_at__gte=now - AROUND,
    )
    around = around.annotate(
        **{f"sync_{name}": Subquery(target.values(name)[:1]) for name in _SHOWN},
        failed_at=Subquery(failures.values("at")[:1]),
        failed_with=Subquery(failures.values("message")[:1]),
    )
    stands = ~Q(status=SessionStatus.CANCELLED) & ~Q(event__status=EventStatus.CANCELLED)
    unsettled = Q(sync_state__in=(SyncState.PENDING, SyncState.SENDING, SyncState.FAILED))
    shown = around.filter(stands | unsettled).select_related(
        "event__delivery", "delivery", "track", "join_test"
    )
    return list(shown.order_by("starts_at", "title", "pk")[: MOST + 1])


def watched(sessions: list[Session]) -> list[WatchedSession]:
    """The same with what Kaltura holds of each, in one query."""
    rows = {session.uuid: WatchedSession(session, keys=_keys_of(session)) for session in sessions}
    by_key = {row.keys[0]: row for row in rows.values()}
    tracks = {session.track.uuid for session in sessions if session.track}
    links = RemoteLink.objects.filter(
        target__object_uuid__in=[*rows, *tracks],
        kind__in=_PLACES,
        gone=False,
        remote_id__isnull=False,
    )
    asked = ("kind", "key", "remote_id", "made_for", "seen", "pushed")
    rooms: set[str] = set()
    for kind, key, remote_id, made_for, seen, pushed in links.order_by("pk").values_list(*asked):
        if kind == Kind.ROOM or str(made_for).startswith(LEGACY_EVENT):
            rooms.add(key)
        if row := by_key.get(key):
            # What was just written counts as read: Kaltura said yes to it.
            _note(row, Kind(kind), str(remote_id), {**pushed, **seen})
    for row in rows.values():
        row.has_place = bool(row.entry_id) or not rooms.isdisjoint(row.keys)
    return list(rows.values())


def _keys_of(session: Session) -> tuple[str, ...]:
    """Its own key first (recipes/shared.py has the other)."""
    own = key_for(session.uuid)
    if session.session_type not in ROOMS or session.track is None:
        return (own,)
    return own, key_for(session.track.uuid, session.session_type)


def _note(row: WatchedSession, kind: Kind, remote_id: str, known: dict[str, Any]) -> None:
    if kind is Kind.ENTRY and not row.is_room:
        row.entry_id = remote_id
    if kind is Kind.SCHEDULE_EVENT:
        row.starts_unix = str(known.get("startDate", ""))
        row.ends_unix = str(known.get("endDate", ""))
