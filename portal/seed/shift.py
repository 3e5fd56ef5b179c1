"""Moving a real schedule to now, so that whoever starts the demo finds sessions live.

Everything moves by whole days, so a talk at 11:30 stays at 11:30. Only if nothing would
be live then (at night, in a break) everything also moves by as few quarter hours as
it takes to have a webcast and an interactive session live.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from events.imports.schedule import Agenda, ScheduleDay, Talk
from events.models import SessionType

STEP: Final = timedelta(minutes=15)
AT_MOST: Final = timedelta(hours=12)
# A person who starts the demo needs time to look around before they join.
LEFT_AT_LEAST: Final = timedelta(minutes=35)
BEGUN_AT_LEAST: Final = timedelta(minutes=3)
SOON: Final = timedelta(hours=1)


@dataclass(frozen=True)
class Shift:
    """How far a schedule moves: calendar days, then hours and minutes of the wall clock."""

    days: int
    clock: timedelta = timedelta(0)

    def moved(self, moment: datetime, zone: ZoneInfo) -> datetime:
        local = moment.astimezone(zone).replace(tzinfo=None) + timedelta(self.days) + self.clock
        return local.replace(tzinfo=zone).astimezone(UTC)


def kind_of(talk: Talk) -> str:
    """A talk's session type in the demo: lectures in large halls are webcasts, the rest rooms."""
    lecture = talk.kind in (None, "", "lecture")
    small = talk.location in {"Saal 6", "Meitner"}
    return SessionType.INTERACTIVE if small or not lecture else SessionType.WEBCAST


def shift_into_the_middle(talks: Sequence[Talk], zone: ZoneInfo, now: datetime) -> Shift:
    """The shift by which ``now`` falls into a busy hour of the second or third day."""
    days = sorted({talk.starts_at.astimezone(zone).date() for talk in talks})
    today = now.astimezone(zone).date()
    middle = days[1:3] or days
    candidates = [Shift((today - day).days, clock) for clock in _clocks() for day in middle]
    for shift in candidates:
        if is_busy(talks, shift, zone, now):
            return shift
    return candidates[0]


def _clocks() -> list[timedelta]:
    """No shift first, then further and further in both directions."""
    steps = AT_MOST // STEP
    return [n * STEP for n in sorted(range(-steps, steps + 1), key=abs)]


def is_busy(talks: Sequence[Talk], shift: Shift, zone: ZoneInfo, now: datetime) -> bool:
    """Whether both types are live for a while, and something starts within the hour."""
    live: set[str] = set()
    soon = False
    for talk in talks:
        start = shift.moved(talk.starts_at, zone)
        end = start + (talk.ends_at - talk.starts_at)
        if start <= now - BEGUN_AT_LEAST and end >= now + LEFT_AT_LEAST:
            live.add(kind_of(talk))
        soon = soon or now < start <= now + SOON
    return soon and live == {SessionType.WEBCAST, SessionType.INTERACTIVE}


def shift_to_start(talks: Sequence[Talk], zone: ZoneInfo, first_day: date) -> Shift:
    """The shift by which the schedule begins on ``first_day``."""
    begins = min(talk.starts_at for talk in talks).astimezone(zone).date()
    return Shift((first_day - begins).days)


def shifted(agenda: Agenda, shift: Shift, zone: ZoneInfo) -> Agenda:
    """The whole schedule, moved; every talk keeps its length."""
    talks = []
    for talk in agenda.talks:
        start = shift.moved(talk.starts_at, zone)
        end = start + (talk.ends_at - talk.starts_at)
        talks.append(replace(talk, starts_at=start, ends_at=end))
    days = [ScheduleDay(_moved_date(day.date, shift), "") for day in agenda.days]
    return replace(agenda, talks=talks, days=days)


def _moved_date(text: str, shift: Shift) -> str:
    return (date.fromisoformat(text) + timedelta(shift.days)).isoformat()
