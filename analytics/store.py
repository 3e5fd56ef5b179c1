"""Writes reported rows by the source's own key, many in a statement; safe to repeat.

Two pulls may write at the same time. A row is inserted or updated by its key, never
doubled, and what was fetched later is never replaced by what was fetched before.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, TypeVar

from django.db import models, transaction

from analytics.match import in_batches
from analytics.models import RejectedRow, RoomRun, Source, Stay, ViewerTotal
from analytics.sources.parsing import BadRow, RunRow, StayRow, ViewerRow, storable
from events.models import Session

_STAY_FIELDS: Final = (
    "remote_user_id name email joined_at left_at minutes attention open_interval raw"
).split()
_TOTAL_FIELDS: Final = (
    "name is_anonymous plays live_minutes recording_minutes engaged raw session_id"
).split()

ReportedModel = TypeVar("ReportedModel", Stay, ViewerTotal)


@dataclass
class WriteCounts:
    """How many rows were new, and how many changed."""

    new: int = 0
    changed: int = 0


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
        for name in ("room_remote_id", "room_name", "started_at", "ended_at", "raw", "pulled_at"):
            setattr(kept, name, getattr(row, name))
        kept.save()
        return kept, _write_stays(kept, stays, fetched_at)


def _write_stays(
    run: RoomRun, stays: Sequence[tuple[StayRow, dict[str, Any]]], fetched_at: datetime
) -> WriteCounts:
    # By identity: equal rows may come twice, and stay_keys sorts them.
    raw_of = {id(row): raw for row, raw in stays}
    rows = [
        _stay(run, key, row, raw_of[id(row)], fetched_at)
        for key, row in stay_keys(run.remote_id, [row for row, _ in stays])
    ]
    return _upsert(Stay, rows, ("source", "remote_key"), _STAY_FIELDS)


def _stay(run: RoomRun, key: str, row: StayRow, raw: dict[str, Any], fetched_at: datetime) -> Stay:
    return Stay(
        source=run.source,
        run=run,
        remote_key=key,
        remote_user_id=row.account_id or row.source_user_id,
        name=row.name[:255],
        email=row.email[:255],
        joined_at=row.joined_at,
        left_at=row.left_at,
        # While a stay goes on, Newrow's duration is 0 or what has passed so far: no figure.
        minutes=row.minutes if row.left_at else None,
        attention=row.attention,
        open_interval=row.left_at is None,
        raw=storable_json(raw),
        pulled_at=fetched_at,
    )


def store_viewers(
    session: Session,
    entry: str,
    viewers: Sequence[tuple[ViewerRow, dict[str, Any]]],
    fetched_at: datetime,
) -> WriteCounts:
    """Write the totals of everyone who watched a webcast, as fetched at ``fetched_at``."""
    # The report is ordered by plays, so a viewer may move to a later page while we read
    # and come twice: the later row is the newer one.
    rows = {
        viewer.user_id: ViewerTotal(
            source=Source.REPORT,
            entry_remote_id=entry,
            remote_user_id=viewer.user_id,
            session=session,
            name=viewer.name[:255],
            is_anonymous=viewer.is_anonymous,
            plays=viewer.plays,
            live_minutes=viewer.live_minutes,
            recording_minutes=viewer.recording_minutes,
            engaged=viewer.engaged,
            raw=storable_json(raw),
            pulled_at=fetched_at,
        )
        for viewer, raw in viewers
    }
    with transaction.atomic():
        # As in store_run: pulls of one webcast wait for each other, here at the session's row.
        Session.objects.select_for_update(of=("self",)).get(pk=session.pk)
        newest = ViewerTotal.objects.filter(entry_remote_id=entry).aggregate(
            at=models.Max("pulled_at")
        )["at"]
        if newest and newest > fetched_at:
            return WriteCounts()
        keys = ("source", "entry_remote_id", "remote_user_id")
        return _upsert(ViewerTotal, list(rows.values()), keys, _TOTAL_FIELDS)


def _upsert(
    model: type[ReportedModel],
    rows: list[ReportedModel],
    keys: Sequence[str],
    fields: Sequence[str],
) -> WriteCounts:
    """Insert new rows, update known ones; the person they were matched to stays."""
    own = keys[-1]
    known = _known(model, rows, keys, fields)
    written = WriteCounts()
    for row in rows:
        before = known.get(getattr(row, own))
        written.new += before is None
        written.changed += before is not None and before != _values(row, fields)
    if rows:
        # One INSERT ... ON CONFLICT DO UPDATE for each batch, on both databases. ``user`` is
        # not among the fields: a known row keeps the person it was matched to.
        model.objects.bulk_create(
            rows,
            batch_size=500,
            update_conflicts=True,
            unique_fields=list(keys),
            update_fields=[*fields, "pulled_at"],
        )
    # A stay's key holds the source's own number of the person, and the user id beside it may
    # still change. A viewer's key is the user id.
    if model is Stay:
        _unmatch_reassigned(rows, known, own)
    return written


def _known(
    model: type[ReportedModel],
    rows: Sequence[ReportedModel],
    keys: Sequence[str],
    fields: Sequence[str],
) -> dict[str, list[Any]]:
    """The rows already stored under these keys: own key -> the values of ``fields``."""
    own, same = keys[-1], {name: getattr(rows[0], name) for name in keys[:-1]} if rows else {}
    known: dict[str, list[Any]] = {}
    for batch in in_batches([getattr(row, own) for row in rows]):
        found = model.objects.filter(**same, **{f"{own}__in": batch})
        for key, *values in found.values_list(own, *fields):
            known[key] = values
    return known


def _values(row: Stay | ViewerTotal, fields: Sequence[str]) -> list[Any]:
    return [getattr(row, name) for name in fields]


def _unmatch_reassigned(
    rows: Sequence[ReportedModel], known: dict[str, list[Any]], own: str
) -> None:
    """Unmatch the stays that the source now reports for another user id."""
    moved = [
        key
        for row in rows
        if (before := known.get(key := getattr(row, own))) and before[0] != row.remote_user_id
    ]
    for batch in in_batches(moved):
        Stay.objects.filter(source=rows[0].source, remote_key__in=batch).update(
            user=None, matched_by=""
        )


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
