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
from collections.abc import Iterable, Iterator, Sequence
from typing import Final, TypeVar
from uuid import UUID

from django.db import connection, transaction
from django.db.models import QuerySet

from analytics.figures.dialect import dialect
from analytics.figures.versions import note_changed
from analytics.matching.parts import standing_decisions
from analytics.metrics import Interval, Schedule
from analytics.models import MatchedBy, RoomRun, RunRule, Source, Stay, ViewerTotal
from events.models import Session, SessionType, Track, User
from kaltura_bridge.join.identity import ID_PREFIX
from kaltura_bridge.models import RemoteLink, TargetKind
from kaltura_bridge.specs import Kind, key_for

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
ROOM_TYPES: Final = (SessionType.INTERACTIVE, SessionType.WEBINAR)


def remote_ids(sessions: Iterable[Session], *kinds: Kind) -> dict[int, str]:
    """Session pk -> the id of its room or webcast entry at Kaltura, where there is one."""
    by_pk = {session.pk: session for session in sessions}
    by_uuid = {session.uuid: session.pk for session in by_pk.values()}
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
    if not set(kinds).isdisjoint(ROOMS):
        found |= shared_ids([s for s in by_pk.values() if s.pk not in found], kinds)
    return found


def shared_ids(sessions: Iterable[Session], kinds: Iterable[Kind]) -> dict[int, str]:
    """The same of sessions whose track has one room for all of them."""
    in_tracks = [s for s in sessions if s.track_id and s.session_type in ROOM_TYPES]
    # By their tracks, which are few; those that were not read with them.
    read = [session.track for session in in_tracks if "track" in session._state.fields_cache]
    uuids = {track.pk: track.uuid for track in read if track}
    unread = {session.track_id or 0 for session in in_tracks} - uuids.keys()
    if unread:
        uuids.update(Track.objects.filter(pk__in=unread).values_list("pk", "uuid"))
    keys: dict[str, list[int]] = defaultdict(list)
    for session in in_tracks:
        if track := uuids.get(session.track_id or 0):
            keys[key_for(track, session.session_type)].append(session.pk)
    found: dict[int, str] = {}
    for some in in_batches(sorted(keys)):
        links = RemoteLink.objects.filter(kind__in=kinds, key__in=some, remote_id__isnull=False)
        for key, remote_id in links.values_list("key", "remote_id"):
            found |= dict.fromkeys(keys[key], str(remote_id))
    return found


def sessions_by_remote_id(ids: Iterable[str], *kinds: Kind) -> dict[str, list[Session]]:
    """Remote id of a room or webcast -> the sessions that it belongs to."""
    owners: dict[str, list[UUID]] = defaultdict(list)
    shared: dict[str, tuple[UUID, str]] = {}
    for batch in in_batches(sorted(set(ids))):
        links = RemoteLink.objects.filter(
            kind__in=kinds,
            remote_id__in=batch,
            target__kind__in=(TargetKind.SESSION, TargetKind.TRACK),
        ).values_list("remote_id", "target__object_uuid", "target__kind", "key")
        for remote_id, uuid, kind, key in links:
            if kind == TargetKind.TRACK:
                shared[str(remote_id)] = (uuid, key.rpartition("/")[2])
            else:
                owners[str(remote_id)].append(uuid)
    for remote_id, (track, session_type) in shared.items():
        booked = Session.objects.filter(track__uuid=track, session_type=session_type)
        owners[remote_id] += booked.values_list("uuid", flat=True)
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
    """Match unmatched rows to people, by user id only. Returns how many people were found.

    In three statements, however many rows there are; none of them comes to Python.
    """
    unmatched = rows.filter(user__isnull=True, remote_user_id__istartswith=ID_PREFIX).order_by()
    if not unmatched.exists():
        return 0
    model = rows.model
    owner = "run__session" if model is Stay else "session"
    chosen, params = unmatched.values_list("pk", "remote_user_id", owner).query.sql_with_params()
    words = {
        "temporary": dialect().temporary,
        "chosen": chosen,
        "users": User._meta.db_table,
        "account": dialect().account("chosen.remote_user_id"),
        "table": model._meta.db_table,
    }
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS found_people")
        cursor.execute(FOUND.format(**words), params)
        cursor.execute("SELECT COUNT(DISTINCT user_id) FROM found_people")
        people = int(cursor.fetchone()[0])
        cursor.execute("SELECT DISTINCT session_id FROM found_people WHERE session_id IS NOT NULL")
        touched = [pk for (pk,) in cursor.fetchall()]
        if people:
            cursor.execute(GIVE_ACCOUNTS.format(**words), [MatchedBy.USER_ID.value])
        cursor.execute("DROP TABLE found_people")
        note_changed(touched)
    return people


FOUND: Final = """
CREATE TEMPORARY TABLE found_people {temporary} AS
WITH chosen(row_id, remote_user_id, session_id) AS ({chosen})
SELECT chosen.row_id, chosen.session_id, u.id AS user_id
FROM chosen JOIN {users} u ON u.uuid = {account}"""
GIVE_ACCOUNTS: Final = """
UPDATE {table} SET user_id = found.user_id, matched_by = %s
FROM found_people found WHERE found.row_id = {table}.id"""
