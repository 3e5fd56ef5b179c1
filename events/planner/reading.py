"""Reads an event's plan, in a number of queries that does not grow with it."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from datetime import timedelta
from typing import Any

from events.drafts.gathering import live_now
from events.drafts.overlay import overlay_board
from events.models import (
    Event,
    PlannerRules,
    RoomHours,
    SessionSpeaker,
    SessionStatus,
    SpeakerHours,
)
from events.moving import Times
from events.planner.board import Board, PlannedSlot
from events.planner.conflicts import has_blocks
from events.planner.kinds import SharedKind, conflict_kinds


def rules_of(event: Event) -> PlannerRules:
    """The event's own, or what holds as long as nobody has chosen any."""
    return PlannerRules.objects.filter(event=event).first() or PlannerRules(event=event)


def read_board(event: Event, rules: PlannerRules | None = None) -> Board:
    """The plan as its managers mean it: with what is not released yet."""
    rules = rules or rules_of(event)
    slots, people = _slots(event)
    board = Board(
        event=event,
        slots=slots,
        people=people,
        changeover=timedelta(minutes=rules.changeover_minutes),
        levels=rules.levels,
        room_hours=_room_hours(event),
        speaker_hours=_speaker_hours(event),
        things={},
    )
    shared = [kind for kind in conflict_kinds() if isinstance(kind, SharedKind)]
    return replace(board, things={kind.name: kind.read(board) for kind in shared})


def read_both(event: Event) -> tuple[Board, Board]:
    """The plan as it is released, and as its managers mean it."""
    with live_now():
        released = read_board(event)
    slots, people = _slots(event)
    return released, replace(released, slots=slots, people={**released.people, **people})


def forbids_something(rules: PlannerRules) -> bool:
    """Whether any conflict is not allowed; otherwise nobody need read the plan before a save."""
    return has_blocks(rules.levels.values())


def _slots(event: Event) -> tuple[dict[int, PlannedSlot], dict[int, str]]:
    """The sessions in order of time, and what the people in them are called."""
    names = ("pk", "title", "starts_at", "ends_at", "location", "track_id", "session_type")
    values: Any = event.sessions.values(*names, "status").order_by()
    people: dict[int, str] = {}
    speakers: dict[int, list[int]] = defaultdict(list)
    rows, stage = overlay_board(event, {row["pk"]: row for row in values}, _stage(event))
    for seat in stage:
        speakers[seat["session_id"]].append(seat["speaker_id"])
        people[seat["speaker_id"]] = seat["speaker__name"]
    planned = [row for row in rows.values() if row["status"] != SessionStatus.CANCELLED]
    slots = [
        PlannedSlot(
            row["pk"],
            row["title"],
            row["starts_at"],
            row["ends_at"],
            row["location"],
            row["track_id"],
            row["session_type"],
            row["status"],
            tuple(speakers.get(row["pk"], ())),
        )
        for row in sorted(planned, key=lambda row: (row["starts_at"], row["title"]))
    ]
    return {slot.pk: slot for slot in slots}, people


def _stage(event: Event) -> list[dict[str, Any]]:
    rows = SessionSpeaker.objects.filter(session__event=event).order_by("position", "pk")
    values: Any = rows.values("pk", "session_id", "speaker_id", "position", "speaker__name")
    return list(values)


def _room_hours(event: Event) -> dict[str, tuple[Times, ...]]:
    found: dict[str, list[Times]] = defaultdict(list)
    rows = RoomHours.objects.filter(room__event=event)
    for name, starts_at, ends_at in rows.values_list("room__name", "starts_at", "ends_at"):
        found[name].append(Times(starts_at, ends_at))
    return {name: tuple(hours) for name, hours in found.items()}


def _speaker_hours(event: Event) -> dict[int, tuple[Times, ...]]:
    found: dict[int, list[Times]] = defaultdict(list)
    rows = SpeakerHours.objects.filter(speaker__event=event)
    for pk, starts_at, ends_at in rows.values_list("speaker_id", "starts_at", "ends_at"):
        found[pk].append(Times(starts_at, ends_at))
    return {pk: tuple(hours) for pk, hours in found.items()}
