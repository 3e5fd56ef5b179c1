"""The parts of a run that a person split: made from what was reported, as often as needed.

What was reported stays as it is. The whole run counts no more; its parts do, each with the
stays that fall into it, cut at the moment of the split. After every pull they are compared
with what they should be, and only what differs is written.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from django.db import transaction

from analytics.models import RoomRun, RunDecision, RunRule, Stay

_COPIED: Final = (
    "source remote_user_id name email joined_at left_at minutes attention open_interval raw "
    "user_id matched_by pulled_at"
).split()
_UPDATED: Final = [
    "run",
    *("user" if name == "user_id" else name for name in _COPIED if name != "source"),
]
_MINUTE: Final = Decimal(60)


def standing_decisions(runs: Iterable[RoomRun]) -> dict[int, RunDecision]:
    """Run pk -> the decision about it that stands; nothing for runs without one."""
    found = RunDecision.objects.filter(run__in=[run.pk for run in runs], undone_at=None)
    return {decision.run_id: decision for decision in found}


@transaction.atomic
def renew_parts(runs: Iterable[RoomRun]) -> set[int]:
    """Make each run's parts what they should be. Returns the pks of sessions that changed."""
    whole = [run for run in runs if run.part_of_id is None]
    decisions = standing_decisions(whole)
    touched: set[int] = set()
    for run in whole:
        decision = decisions.get(run.pk)
        if decision is not None and decision.split_at is not None:
            touched |= _renew(run, decision, decision.split_at)
        elif run.is_split:
            touched |= _take_away(run)
    return touched


def _take_away(run: RoomRun) -> set[int]:
    """The run is whole again."""
    parts = list(run.parts.all())
    touched = {part.session_id for part in parts if part.session_id}
    RoomRun.objects.filter(pk__in=[part.pk for part in parts]).delete()
    run.is_split = False
    run.save(update_fields=["is_split"])
    return touched


def _renew(run: RoomRun, decision: RunDecision, at: datetime) -> set[int]:
    touched: set[int] = set()
    if not run.is_split:
        run.is_split = True
        run.save(update_fields=["is_split"])
    spans = (
        (1, decision.session_id, run.started_at, at),
        (2, decision.session_after_id, at, run.ended_at),
    )
    for number, session, start, end in spans:
        part, changed = _part(run, number, session, start, end)
        changed |= _write_stays(run, part, dict(_stays_within(run, number, at)))
        touched |= changed
    return touched


def _part(
    run: RoomRun, number: int, session: int | None, start: datetime, end: datetime | None
) -> tuple[RoomRun, set[int]]:
    """One part's own row, and the sessions that win or lose it."""
    fields = {
        "room_remote_id": run.room_remote_id,
        "room_name": run.room_name,
        "started_at": start,
        "ended_at": end,
        "session_id": session,
        "matched_by": RunRule.DECISION,
        "event_id": run.event_id,
        "pulled_at": run.pulled_at,
    }
    key = {"source": run.source, "remote_id": _part_id(run, number)}
    part, is_new = RoomRun.objects.get_or_create(**key, defaults={**fields, "part_of": run})
    before = part.session_id
    if not is_new and any(getattr(part, name) != value for name, value in fields.items()):
        RoomRun.objects.filter(pk=part.pk).update(**fields)
        part.session_id = session
    owners = {before, session} if is_new or before != session else set()
    return part, {pk for pk in owners if pk}


def _part_id(run: RoomRun, number: int) -> str:
    # The source's own number fits 64 characters; so must ours.
    return f"{run.remote_id[:62]}/{number}"


def _stays_within(run: RoomRun, number: int, at: datetime) -> Iterator[tuple[str, dict[str, Any]]]:
    """The stays of one part by key, cut at ``at``."""
    rows = Stay.objects.filter(run=run).order_by("pk").values("remote_key", *_COPIED)
    for row in rows.iterator(chunk_size=2000):
        key = f"{row.pop('remote_key')}@{number}"
        known_until = row["left_at"] or run.ended_at or row["pulled_at"]
        cut = _before(row, at, known_until) if number == 1 else _after(row, at, known_until)
        if cut is not None:
            yield key, cut


def _before(row: dict[str, Any], at: datetime, known_until: datetime) -> dict[str, Any] | None:
    if row["joined_at"] >= at:
        return None
    if known_until <= at:
        return row
    # Who is known to have been there after the split was there at the split.
    return _timed({**row, "left_at": at, "open_interval": False})


def _after(row: dict[str, Any], at: datetime, known_until: datetime) -> dict[str, Any] | None:
    if row["joined_at"] >= at:
        return row
    return _timed({**row, "joined_at": at}) if known_until > at else None


def _timed(row: dict[str, Any]) -> dict[str, Any]:
    """With the minutes of the cut stay; what the source said was about the whole."""
    if row["left_at"] is None:
        return row
    seconds = Decimal(str((row["left_at"] - row["joined_at"]).total_seconds()))
    return {**row, "minutes": (seconds / _MINUTE).quantize(Decimal("0.0001"))}


def _said(row: dict[str, Any]) -> dict[str, Any]:
    """What figures turn on: the moment of the pull is that only for a stay that goes on."""
    return row if row["left_at"] is None else {**row, "pulled_at": None}


def _write_stays(run: RoomRun, part: RoomRun, wanted: Mapping[str, dict[str, Any]]) -> set[int]:
    """Insert, update and delete what differs. Returns the part's session if anything did."""
    kept = {
        row.pop("remote_key"): row
        for row in Stay.objects.filter(run=part).values("remote_key", *_COPIED)
    }
    changed = [
        key for key, row in wanted.items() if key not in kept or _said(kept[key]) != _said(row)
    ]
    gone = kept.keys() - wanted.keys()
    Stay.objects.filter(run=part, remote_key__in=gone).delete()
    Stay.objects.bulk_create(
        [Stay(run=part, remote_key=key, **wanted[key]) for key in changed],
        batch_size=400,
        update_conflicts=True,
        unique_fields=["source", "remote_key"],
        update_fields=_UPDATED,
    )
    return {part.session_id} if part.session_id and (changed or gone) else set()
