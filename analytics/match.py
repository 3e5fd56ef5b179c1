"""Which person and which session a reported row belongs to. Can be redone at any time.

People are matched here by the opaque user id in their KS; analytics/matching goes further.
Nobody is ever matched by name.

A run belongs to the session that uses its room and whose window, doors-open to the end
of the overrun, shares the most time with it. A run outside every window (a rehearsal)
belongs to none. What a person decided about a run goes before this, and each run says by
which rule it got its session.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final, TypeVar
from uuid import UUID

from django.db import connection, transaction
from django.db.models import QuerySet

from analytics.figures.versions import note_changed
from analytics.matching.parts import standing_decisions
from analytics.metrics import Interval, Schedule
from analytics.models import MatchedBy, RoomRun, RunRule, Source, Stay, ViewerTotal
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
# Where an entry or a room says what became of it.
RECORDINGS: Final = ("redirectEntryId", "recordedEntryId")


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


def recording_ids(sessions: Iterable[Session]) -> dict[int, list[str]]:
    """Session pk -> the entries of its recordings at Kaltura, as last seen there."""
    by_uuid = {session.uuid: session.pk for session in sessions}
    found: dict[int, list[str]] = defaultdict(list)
    for uuids in in_batches(list(by_uuid)):
        links = RemoteLink.objects.filter(
            kind__in=(Kind.ROOM, Kind.ENTRY),
            gone=False,
            target__kind=TargetKind.SESSION,
            target__object_uuid__in=uuids,
        ).values_list("target__object_uuid", "remote_id", "seen")
        for owner, remote_id, seen in links.order_by("pk"):
            for name in RECORDINGS:
                recording = (seen or {}).get(name)
                # A simulive, say, leads to its own entry.
                if recording and recording != remote_id and recording not in found[by_uuid[owner]]:
                    found[by_uuid[owner]].append(str(recording))
    return {pk: ids for pk, ids in found.items() if ids}


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


def reach_of(run: RoomRun) -> Interval:
    """From when to when a run lasted; one that is still going on, until it was last seen."""
    return Interval(run.started_at, max(run.ended_at or run.pulled_at, run.started_at))


def sessions_touched(run: RoomRun, candidates: Iterable[Session]) -> list[Session]:
    """The candidates whose window the run touches: most time in common first."""
    reach = reach_of(run)
    shared = [
        (part.length, session.starts_at, session.pk, session)
        for session in candidates
        if (part := reach.clipped_to(schedule_of(session).window))
    ]
    # On a tie the later session wins, whatever the order of the candidates.
    return [session for *_, session in sorted(shared, key=lambda each: each[:3], reverse=True)]


def session_of_run(run: RoomRun, candidates: Iterable[Session]) -> Session | None:
    """The candidate whose window shares the most time with the run; None when none does."""
    return next(iter(sessions_touched(run, candidates)), None)


def ruled_session(run: RoomRun, candidates: Iterable[Session]) -> tuple[int | None, RunRule]:
    """The pk of the session that the rules give a run, and the rule that did."""
    touched = sessions_touched(run, candidates)
    if not touched:
        return None, RunRule.NONE
    return touched[0].pk, RunRule.WINDOW if len(touched) == 1 else RunRule.MOST_TIME


def match_runs(runs: Iterable[RoomRun]) -> set[int]:
    """Find each run's session again. Returns the pks of sessions that gained or lost a run."""
    # A split run's parts and the portal's own pages have their sessions by other ways.
    rows = [run for run in runs if run.part_of_id is None and run.source != Source.PORTAL]
    candidates = sessions_by_remote_id((run.room_remote_id for run in rows), *ROOMS)
    decisions = standing_decisions(rows)
    touched: set[int] = set()
    moved = []
    for run in rows:
        if decision := decisions.get(run.pk):
            # The parts of a split run have sessions, see matching/parts.py; the whole has none.
            session = None if decision.split_at else decision.session_id
            rule = RunRule.DECISION
        else:
            session, rule = ruled_session(run, candidates.get(run.room_remote_id, []))
        if (run.session_id, run.matched_by) != (session, rule):
            if run.session_id != session:
                touched |= {pk for pk in (run.session_id, session) if pk}
            run.session_id, run.matched_by = session, rule
            moved.append(run)
    with transaction.atomic():
        RoomRun.objects.bulk_update(moved, ["session", "matched_by"], batch_size=BATCH)
        if touched:
            note_changed(touched)
    return touched


def match_people(rows: QuerySet[Stay] | QuerySet[ViewerTotal]) -> int:
    """Match unmatched rows to people, by user id only. Returns how many people were found."""
    unmatched = rows.filter(user__isnull=True).exclude(remote_user_id="")
    # order_by(): the models' own ordering would sort the rows for nothing.
    ids = sorted(set(unmatched.order_by().values_list("remote_user_id", flat=True)))
    users = users_by_kaltura_id(ids)
    with transaction.atomic():
        for batch in in_batches(sorted(users)):
            _give_accounts(unmatched, {key: users[key].pk for key in batch})
    return len({user.pk for user in users.values()})


GIVE_ACCOUNTS: Final = """
WITH known(remote_user_id, account) AS (VALUES {marks})
UPDATE {table} SET user_id = known.account, matched_by = %s FROM known
WHERE known.remote_user_id = {table}.remote_user_id AND {table}.id IN ({rows})"""


def _give_accounts(
    unmatched: QuerySet[Stay] | QuerySet[ViewerTotal], accounts: Mapping[str, int]
) -> None:
    """Give rows their accounts by user id, in one statement, and note whose figures change."""
    rows: QuerySet[Any] = unmatched.filter(remote_user_id__in=accounts).order_by()
    owner = "run__session" if rows.model is Stay else "session"
    touched = set(rows.values_list(owner, flat=True).distinct()) - {None}
    # A join, where CASE would compare every row with every person.
    chosen, params = rows.values("pk").query.sql_with_params()
    marks = ", ".join(["(%s, CAST(%s AS bigint))"] * len(accounts))
    statement = GIVE_ACCOUNTS.format(table=rows.model._meta.db_table, marks=marks, rows=chosen)
    people = [value for pair in accounts.items() for value in pair]
    with connection.cursor() as cursor:
        cursor.execute(statement, [*people, MatchedBy.USER_ID.value, *params])
    if touched:
        note_changed(touched)
