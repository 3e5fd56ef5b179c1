"""Writes reported rows by the source's own key, many in a statement; safe to repeat.

Two pulls may write at the same time. A row is inserted or updated by its key, never
doubled, and what was fetched later is never replaced by what was fetched before.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any, Final

from django.db import transaction
from pydantic_core import PydanticSerializationError, to_json

from analytics.figures.versions import note_changed
from analytics.models import Coverage, RejectedRow, RoomRun, Source, Stay, ViewerTotal
from analytics.sources.parsing import BadRow, RunRow, StayRow, ViewerRow, storable
from analytics.staging import ReportedRows, WriteCounts, add, merge
from events.models import Session
from kaltura_bridge.join.identity import is_join_tester

# To be raised when the same report shall be written in another way than before.
WRITTEN_AS: Final = "4"
# The order in which rows are written. JSON is written as text.
_STAY_COLUMNS: Final = (
    "source run_id remote_key remote_user_id name email joined_at left_at minutes attention "
    "open_interval raw"
).split()
_TOTAL_COLUMNS: Final = (
    "source entry_remote_id remote_user_id session_id name is_anonymous plays live_minutes "
    "recording_minutes engaged raw"
).split()


def storable_json(value: Any) -> Any:
    """JSON that PostgreSQL takes: without NUL and lone surrogates."""
    match value:
        case str():
            return storable(value)
        case dict():
            return {storable(str(key)): storable_json(inner) for key, inner in value.items()}
        case list():
            return [storable_json(inner) for inner in value]
        case _:
            return value


def json_text(value: Any) -> str:
    """``value`` as JSON that PostgreSQL takes."""
    try:
        # Several times as quick as json.dumps, and there are as many of these as rows.
        text = to_json(value, inf_nan_mode="strings").decode()
    except PydanticSerializationError:  # Half of a surrogate pair.
        return json.dumps(storable_json(value))
    # Few rows hold what PostgreSQL refuses, and it would show here.
    return json.dumps(storable_json(value)) if "\\u0000" in text else text


def stay_keys(run_id: str, rows: Iterable[StayRow]) -> list[tuple[str, StayRow]]:
    """Each stay with its key: run, person, moment of joining.

    Should the source report two different stays under one key, the second and further
    ones, in the order of leaving, get a number.
    """
    counts: dict[str, int] = {}
    keyed = []
    for row in sorted(rows, key=_order):
        person = row.source_user_id or row.account_id or row.name
        # The key's column is limited; a guest's name is not.
        if len(person) > 64:
            person = hashlib.sha256(person.encode()).hexdigest()
        key = f"{run_id}/{person}/{int(row.joined_at.timestamp())}"
        counts[key] = counts.get(key, 0) + 1
        keyed.append((key if counts[key] == 1 else f"{key}/{counts[key]}", row))
    return keyed


def _order(row: StayRow) -> tuple[datetime, bool, datetime, str]:
    return row.joined_at, row.left_at is None, row.left_at or row.joined_at, row.name


def store_run(
    room: str,
    run: RunRow,
    raw_run: dict[str, Any],
    stays: Sequence[tuple[StayRow, dict[str, Any]]],
    fetched_at: datetime,
) -> tuple[RoomRun, WriteCounts]:
    """Write one run of a room with its stays, as fetched at ``fetched_at``."""
    row = RoomRun(
        source=Source.NEWROW,
        remote_id=run.remote_id,
        room_remote_id=room,
        room_name=run.room_name[:255],
        started_at=run.started_at,
        ended_at=run.ended_at,
        raw=storable_json(raw_run),
        pulled_at=fetched_at,
    )
    with transaction.atomic():
        # Insert first, so that there is a row to lock; the lock makes two pulls of one run
        # wait for each other. SQLite knows no row locks, but its transactions are IMMEDIATE.
        RoomRun.objects.bulk_create([row], ignore_conflicts=True)
        kept = RoomRun.objects.select_for_update().get(source=row.source, remote_id=row.remote_id)
        # The other pull asked later than we did and wrote first: its answer is the newer one.
        if kept.pulled_at > fetched_at:
            return kept, WriteCounts()
        has_ended = kept.ended_at != row.ended_at
        for name in ("room_remote_id", "room_name", "started_at", "ended_at", "raw", "pulled_at"):
            setattr(kept, name, getattr(row, name))
        rows = _stay_rows(kept, stays)
        # A digest that there is nothing to compare with is made of what was written: rows
        # that nobody has to look at beforehand go to the database as they come.
        is_known = bool(kept.digest) and _holds(kept, _digest_of(rows, stays), len(stays))
        written = WriteCounts() if is_known else _write_stays(kept, rows, stays, fetched_at)
        kept.digest = _digest_of(rows, stays)
        kept.save()
        if kept.session_id and (written.total or has_ended):
            note_changed([kept.session_id])
        return kept, written


def _stay_rows(run: RoomRun, stays: Sequence[tuple[StayRow, dict[str, Any]]]) -> ReportedRows:
    return ReportedRows(_STAY_COLUMNS, _stay_values(run, stays))


def _digest_of(rows: ReportedRows, stays: Sequence[tuple[StayRow, dict[str, Any]]]) -> str:
    """A digest of what a run's stays become; empty while anybody is still there.

    Of an open stay it matters when it was last seen, so it is written every time.
    """
    return "" if any(stay.left_at is None for stay, _ in stays) else rows.digest(WRITTEN_AS)


def _holds(run: RoomRun, digest: str, stays: int) -> bool:
    """Whether the run's stays are these, and all of them are there."""
    return bool(digest) and run.digest == digest and run.stays.count() == stays


def _write_stays(
    run: RoomRun,
    rows: ReportedRows,
    stays: Sequence[tuple[StayRow, dict[str, Any]]],
    fetched_at: datetime,
) -> WriteCounts:
    keys = ("source", "remote_key")
    if not stays:
        return WriteCounts()
    if run.stays.exists():
        return merge(Stay, keys, rows, fetched_at)
    people = (row.account_id or row.source_user_id for row, _ in stays)
    return add(Stay, keys, rows, people, fetched_at)


def _stay_values(
    run: RoomRun, stays: Sequence[tuple[StayRow, dict[str, Any]]]
) -> Iterator[tuple[Any, ...]]:
    # By identity: equal rows may come twice, and stay_keys sorts them.
    raw_of = {id(row): raw for row, raw in stays}
    source, pk = str(run.source), run.pk
    people = [row for row, _ in stays if not is_join_tester(row.account_id or row.source_user_id)]
    for key, row in stay_keys(run.remote_id, people):
        left_at = row.left_at
        yield (
            source,
            pk,
            key,
            row.account_id or row.source_user_id,
            row.name[:255],
            row.email[:255],
            row.joined_at,
            left_at,
            # While a stay goes on, Newrow's duration is 0 or what has passed so far: no figure.
            row.minutes if left_at else None,
            row.attention,
            left_at is None,
            json_text(raw_of[id(row)]),
        )


def store_viewers(
    session: Session,
    entry: str,
    viewers: Sequence[tuple[ViewerRow, dict[str, Any]]],
    fetched_at: datetime,
    source: Source = Source.REPORT,
) -> WriteCounts:
    """Write the totals of everyone who watched a webcast, as fetched at ``fetched_at``."""
    # The report is ordered by plays, so a viewer may move to a later page while we read
    # and come twice: the later row is the newer one.
    rows = {
        viewer.user_id: (
            source,
            entry,
            viewer.user_id,
            session.pk,
            viewer.name[:255],
            viewer.is_anonymous,
            viewer.plays,
            viewer.live_minutes,
            viewer.recording_minutes,
            viewer.engaged,
            json_text(raw),
        )
        for viewer, raw in viewers
        if not is_join_tester(viewer.user_id)
    }
    with transaction.atomic():
        # As in store_run: pulls of one webcast wait for each other, here at the session's row.
        Session.objects.select_for_update(of=("self",)).get(pk=session.pk)
        if _asked_since(session, source, entry, fetched_at):
            return WriteCounts()
        keys = ("source", "entry_remote_id", "remote_user_id")
        moved = ViewerTotal.objects.filter(source=source, entry_remote_id=entry)
        moved = moved.exclude(session=session)
        before = set(moved.order_by().values_list("session_id", flat=True).distinct()) - {None}
        reported = ReportedRows(_TOTAL_COLUMNS, rows.values())
        written = merge(ViewerTotal, keys, reported, fetched_at)
        if written.total:
            note_changed({session.pk, *before})
        return written


def forget_viewers_of(
    session: Session, recordings: Collection[str], source: Source, fetched_at: datetime
) -> None:
    """Delete what was kept under recordings' own ids before ``fetched_at``.

    A recording's viewers are kept under the session's webcast or room; once all of them are
    stored there, a row under the recording would count them twice.
    """
    if not recordings:
        return
    with transaction.atomic():
        before = ViewerTotal.objects.filter(
            session=session, source=source, entry_remote_id__in=recordings
        )
        if before.filter(pulled_at__lte=fetched_at).delete()[0]:
            note_changed([session.pk])


def forget_viewers_in(room: str, source: Source, fetched_at: datetime) -> None:
    """Delete what was kept under the id of a room that several sessions have.

    It went to the session that was asked about last, with the minutes of all.
    """
    with transaction.atomic():
        before = ViewerTotal.objects.filter(
            source=source, entry_remote_id=room, pulled_at__lte=fetched_at
        )
        sessions = set(before.order_by().values_list("session_id", flat=True)) - {None}
        if sessions:
            before.delete()
            note_changed(sessions)


def _asked_since(session: Session, source: Source, entry: str, fetched_at: datetime) -> bool:
    """Whether another pull asked later than we did and wrote first.

    A row that was reported again and is the same keeps its moment, so the session's coverage
    is looked at as well.
    """
    later = {"source": source, "pulled_at__gt": fetched_at}
    rows = ViewerTotal.objects.filter(entry_remote_id=entry, **later)
    pulls = Coverage.objects.filter(session=session, **later)
    return rows.exists() or pulls.exists()


def store_rejected(
    source: Source,
    place: str,
    run: str,
    bad: Sequence[BadRow],
    at: datetime,
    *,
    event: int | None = None,
) -> None:
    """Keep the rows that could not be read; a known one only gets a new ``last_seen_at``."""
    rows: dict[str, RejectedRow] = {}
    for row in bad:
        raw = storable_json(row.raw)
        text = json.dumps([source, place, run, row.field, raw], sort_keys=True)
        digest = hashlib.sha256(text.encode()).hexdigest()
        rows[digest] = RejectedRow(
            event_id=event,
            source=source,
            place=place,
            run=run[:64],
            field=row.field[:64],
            reason=storable(row.reason)[:500],
            raw=raw,
            digest=digest,
            first_seen_at=at,
            last_seen_at=at,
        )
    RejectedRow.objects.bulk_create(
        rows.values(),
        update_conflicts=True,
        unique_fields=["digest"],
        update_fields=["last_seen_at"],
    )
