"""Which person and which session a reported row belongs to. Can be redone at any time.

People are matched by the opaque user id in their KS and by nothing else. Names and
e-mail addresses are what somebody typed; nobody is ever matched by them.

A run belongs to the session that uses its room and whose window, doors-open to the end
of the overrun, shares the most time with it. A run outside every window (a rehearsal)
belongs to none.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Final, TypeVar
from uuid import UUID

from django.db.models import Case, QuerySet, Value, When

from analytics.metrics import Interval, Schedule
from analytics.models import MatchedBy, RoomRun, Stay, ViewerTotal
from events.models import Session
from kaltura_bridge.join.identity import users_by_kaltura_id
from kaltura_bridge.models import RemoteLink, TargetKind
from kaltura_bridge.specs import Kind

# SQLite takes a limited number of values in one statement: https://sqlite.org/limits.html
BATCH: Final = 400

T = TypeVar("T")


def in_batches(items: Sequence[T], size: int = BATCH) -> Iterator[Sequence[T]]:
    """``items`` in pieces of at most ``size``."""
    for start in range(0, len(items), size):
        yield items[start : start + size]


def schedule_of(session: Session) -> Schedule:
    """When the session is planned, and its window. Needs ``session.event``."""
    return Schedule(
        planned=Interval(session.starts_at, session.ends_at),
        window=Interval(session.doors_open_at, session.doors_close_at),
    )


# Newrow knows a room of the older form by its schedule resource, any other by its entry.
ROOMS: Final = (Kind.ROOM, Kind.RESOURCE)


def remote_ids(sessions: Iterable[Session], *kinds: Kind) -> dict[int, str]:
    """Session pk -> the id of its room or webcast entry at Kaltura, where there is one."""
    by_uuid = {session.uuid: session.pk for session in sessions}
    found: dict[int, str] = {}
    for uuids in in_batches(list(by_uuid)):
        links = RemoteLink.objects.filter(
            kind__in=kinds,
            remote_id__isnull=False,
            target__kind=TargetKind.SESSION,
            target__object_uuid__in=uuids,
        ).values_list("target__object_uuid", "remote_id")
        # Should a session have two objects of one kind, the older one counts: it is the
        # room or live entry itself, and a recording, say, comes later.
        for owner, remote_id in links.order_by("-pk"):
            found[by_uuid[owner]] = str(remote_id)
    return found


def sessions_by_remote_id(ids: Iterable[str], *kinds: Kind) -> dict[str, list[Session]]:
    """Remote id of a room or webcast -> the sessions that it belongs to."""
    owners: dict[str, list[UUID]] = defaultdict(list)
    for batch in in_batches(sorted(set(ids))):
        links = RemoteLink.objects.filter(
            kind__in=kinds, remote_id__in=batch, target__kind=TargetKind.SESSION
        )
        for remote_id, uuid in links.values_list("remote_id", "target__object_uuid"):
            owners[str(remote_id)].append(uuid)
    sessions: dict[UUID, Session] = {}
    for some in in_batches(sorted({uuid for group in owners.values() for uuid in group})):
        rows = Session.objects.filter(uuid__in=some).select_related("event")
        sessions.update((session.uuid, session) for session in rows)
    return {key: [sessions[u] for u in group if u in sessions] for key, group in owners.items()}


def session_of_run(run: RoomRun, candidates: Iterable[Session]) -> Session | None:
    """The candidate whose window shares the most time with the run; None when none does.

    A run that is still going on lasts until when it was last seen.
    """
    reach = Interval(run.started_at, max(run.ended_at or run.pulled_at, run.started_at))
    best: tuple[timedelta, datetime] | None = None
    chosen = None
    for session in candidates:
        shared = reach.clipped_to(schedule_of(session).window)
        if shared is None:
            continue
        # On a tie the later session wins, whatever the order of the candidates.
        rank = (shared.length, session.starts_at)
        if best is None or rank > best:
            best, chosen = rank, session
    return chosen


def match_runs(runs: Iterable[RoomRun]) -> set[int]:
    """Find each run's session again. Returns the pks of sessions that gained or lost a run."""
    rows = list(runs)
    candidates = sessions_by_remote_id((run.room_remote_id for run in rows), *ROOMS)
    touched: set[int] = set()
    moved = []
    for run in rows:
        session = session_of_run(run, candidates.get(run.room_remote_id, []))
        if run.session_id != (session.pk if session else None):
            touched |= {pk for pk in (run.session_id, session and session.pk) if pk}
            run.session = session
            moved.append(run)
    RoomRun.objects.bulk_update(moved, ["session"], batch_size=BATCH)
    return touched


def match_people(rows: QuerySet[Stay] | QuerySet[ViewerTotal]) -> int:
    """Match unmatched rows to people, by user id only. Returns how many people were found."""
    unmatched = rows.filter(user__isnull=True).exclude(remote_user_id="")
    # order_by(): the models' own ordering would sort the rows for nothing.
    ids = sorted(set(unmatched.order_by().values_list("remote_user_id", flat=True)))
    users = users_by_kaltura_id(ids)
    for batch in in_batches(sorted(users)):
        # One UPDATE for the whole batch, not one for each person.
        unmatched.filter(remote_user_id__in=batch).update(
            user_id=Case(*(When(remote_user_id=key, then=Value(users[key].pk)) for key in batch)),
            matched_by=MatchedBy.USER_ID,
        )
    return len({user.pk for user in users.values()})


def rematch(session: Session) -> set[int]:
    """Match a session's people and its room's runs again, as after it was moved.

    Returns the pks of the sessions whose attendance this changes, its own included.
    """
    rooms = remote_ids([session], *ROOMS).values()
    touched = match_runs(RoomRun.objects.filter(room_remote_id__in=rooms))
    match_people(Stay.objects.filter(run__session=session))
    match_people(ViewerTotal.objects.filter(session=session))
    return touched | {session.pk}
