"""Reads an event's plan, in a number of queries that does not grow with it."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from datetime import timedelta

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
    """The plan as it is now."""
    rules = rules or rules_of(event)
    speakers, people = _appearances(event)
    board = Board(
        event=event,
        slots=_slots(event, speakers),
        people=people,
        changeover=timedelta(minutes=rules.changeover_minutes),
        levels=rules.levels,
        room_hours=_room_hours(event),
        speaker_hours=_speaker_hours(event),
        things={},
    )
    shared = [kind for kind in conflict_kinds() if isinstance(kind, SharedKind)]
    return replace(board, things={kind.name: kind.read(board) for kind in shared})


def forbids_something(rules: PlannerRules) -> bool:
    """Whether any conflict is not allowed; otherwise nobody need read the plan before a save."""
    return has_blocks(rules.levels.values())


def _slots(event: Event, speakers: dict[int, list[int]]) -> dict[int, PlannedSlot]:
    rows = event.sessions.exclude(status=SessionStatus.CANCELLED).order_by("starts_at", "title")
    names = ("pk", "title", "starts_at", "ends_at", "location", "track_id", "session_type")
    return {
        pk: PlannedSlot(
            pk, title, start, end, room, track, kind, status, tuple(speakers.get(pk, ()))
        )
        for pk, title, start, end, room, track, kind, status in rows.values_list(*names, "status")
    }


def _appearances(event: Event) -> tuple[dict[int, list[int]], dict[int, str]]:
    """Who is in each session, and what each of them is called."""
    rows = SessionSpeaker.objects.filter(session__event=event).order_by("position", "pk")
    speakers: dict[int, list[int]] = defaultdict(list)
    people: dict[int, str] = {}
    for session, speaker, name in rows.values_list("session_id", "speaker_id", "speaker__name"):
        speakers[session].append(speaker)
        people[speaker] = name
    return speakers, people


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
