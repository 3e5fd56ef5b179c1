"""A day of the plan as the planner's script draws it: columns, hours, cards, conflicts."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from events.characters import clean_line
from events.models import Event, SessionStatus, SessionType, Track
from events.planner.board import Board, PlannedSlot
from events.planner.conflicts import PlanConflict, conflicts
from events.planner.steps import PlannedPlace
from events.zones import clock

HOUR: Final = timedelta(hours=1)
#: What a day shows at least, and how far it goes into the next one.
FIRST_HOUR, LAST_HOUR, LONGEST_NIGHT = time(8), time(20), timedelta(hours=12)
#: A pause of this length that begins before the morning is the night.
NIGHT: Final = timedelta(hours=2)
MORNING: Final = time(6)
#: Of a primary key that somebody sends.
MOST_DIGITS: Final = 15
_NUMBER: Final = re.compile(r"(\d+)")


class Columns(StrEnum):
    """What stands beside each other in the grid."""

    ROOMS = "rooms"
    TRACKS = "tracks"

    def key(self, slot: PlannedSlot) -> str:
        """In which column a session stands; empty: in the tray."""
        if self is Columns.ROOMS:
            return slot.room
        return str(slot.track_id) if slot.track_id else ""

    def place(self, now: PlannedPlace, key: str) -> PlannedPlace:
        """The place in another column. Raises ValueError for what is no key of a column."""
        if self is Columns.ROOMS:
            return replace(now, location=clean_line(key))
        if key and not (key.isascii() and key.isdecimal() and len(key) <= MOST_DIGITS):
            raise ValueError(key)
        return replace(now, track_id=int(key) if key else None)


@dataclass(frozen=True)
class PlannerColumn:
    """A room or a track."""

    key: str
    name: str


@dataclass(frozen=True)
class PlannerHour:
    """A full hour, as its moment and as the clock of the event shows it."""

    at: int
    label: str


@dataclass(frozen=True)
class PlannerWindow:
    """The part of time that a day's grid shows."""

    begins: datetime
    ends: datetime

    def hours(self, zone: ZoneInfo) -> list[PlannerHour]:
        count = (self.ends - self.begins) // HOUR
        moments = (self.begins + number * HOUR for number in range(count))
        return [PlannerHour(int(each.timestamp()), clock(each, zone)) for each in moments]

    def shows(self, slot: PlannedSlot) -> bool:
        return slot.starts_at < self.ends and self.begins < slot.ends_at


@dataclass(frozen=True)
class PlannerCard:
    """One session. ``starts`` and ``ends`` are Unix seconds; ``level`` is its worst conflict."""

    id: int
    title: str
    speakers: str
    kind: str
    status: str
    is_draft: bool
    starts: int
    ends: int
    column: str
    track: str
    color: str
    room: str
    when: str
    version: str
    url: str
    level: str


class PlannerDay:
    """One day of a board, with either rooms or tracks across."""

    def __init__(self, board: Board, day: date, across: Columns, rooms: Iterable[str]) -> None:
        self.board, self.day, self.across = board, day, across
        self.tracks: dict[int, Track] = {track.pk: track for track in board.event.tracks.all()}
        self.columns = self._columns(rooms)
        self.window = _window(board, day)
        self.conflicts = conflicts(board)
        self._levels = _levels(self.conflicts)

    def as_json(self) -> dict[str, Any]:
        return {
            "day": self.day.isoformat(),
            "begins": int(self.window.begins.timestamp()),
            "ends": int(self.window.ends.timestamp()),
            "hours": [asdict(hour) for hour in self.window.hours(self.board.zone)],
            "columns": [asdict(column) for column in self.columns],
            "cards": [asdict(card) for card in self.cards()],
            "tray": [asdict(card) for card in self.tray()],
            "conflicts": [conflict_json(each) for each in self.conflicts],
        }

    def opens(self, now: datetime) -> datetime:
        """What an opened page shows first: now, or the hour of the day's first session.

        What still runs from the evening before is not the day's first.
        """
        if self.window.begins <= now < self.window.ends:
            return _full_hour(now, self.board.zone)
        slots = sorted(
            (slot for slot in self.board.slots.values() if self._is_in_column(slot)),
            key=lambda slot: slot.starts_at,
        )
        zone, busy_until = self.board.zone, self.window.begins
        opens = slots[0].starts_at if slots else _at(self.day, FIRST_HOUR, zone)
        morning = _at(self.day, MORNING, zone)
        for slot in slots:
            if busy_until < morning and slot.starts_at - busy_until >= NIGHT:
                opens = slot.starts_at
            busy_until = max(busy_until, slot.ends_at)
        return max(_full_hour(opens, zone), self.window.begins)

    def cards(self) -> list[PlannerCard]:
        """What is in a column on this day, in order of time."""
        return [self._card(slot) for slot in self.board.slots.values() if self._is_in_column(slot)]

    def tray(self) -> list[PlannerCard]:
        """What has no column yet, or no time within the event; of all days."""
        return [self._card(slot) for slot in self.board.slots.values() if self._is_unplaced(slot)]

    def _is_in_column(self, slot: PlannedSlot) -> bool:
        return not self._is_unplaced(slot) and self.window.shows(slot)

    def _is_unplaced(self, slot: PlannedSlot) -> bool:
        event = self.board.event
        local = slot.starts_at.astimezone(self.board.zone).date()
        is_outside = not event.starts_on <= local <= event.ends_on
        return is_outside or not self.across.key(slot)

    def _columns(self, rooms: Iterable[str]) -> list[PlannerColumn]:
        if self.across is Columns.TRACKS:
            return [PlannerColumn(str(track.pk), track.name) for track in self.tracks.values()]
        used = {slot.room for slot in self.board.slots.values() if slot.room}
        named = list(dict.fromkeys(rooms))
        return [
            PlannerColumn(name, name) for name in (*named, *sorted(used - {*named}, key=_natural))
        ]

    def _card(self, slot: PlannedSlot) -> PlannerCard:
        zone, track = self.board.zone, self.tracks.get(slot.track_id or 0)
        people = (self.board.people.get(pk, "") for pk in slot.speakers)
        starts = slot.starts_at.astimezone(zone)
        return PlannerCard(
            id=slot.pk,
            title=slot.title,
            speakers=", ".join(people),
            kind=str(SessionType(slot.session_type).label),
            status=str(SessionStatus(slot.status).label),
            is_draft=slot.status == SessionStatus.DRAFT,
            starts=int(slot.starts_at.timestamp()),
            ends=int(slot.ends_at.timestamp()),
            column=self.across.key(slot),
            track=track.name if track else "",
            color=track.color if track else "",
            room=slot.room,
            when=f"{starts:%Y-%m-%d %H:%M}–{slot.ends_at.astimezone(zone):%H:%M}",
            version=slot.version,
            url=reverse("admin:events_session_change", args=[slot.pk]),
            level=self._levels.get(slot.pk, ""),
        )


def conflict_json(found: PlanConflict) -> dict[str, Any]:
    sessions = [pk for pk in (found.session, found.other) if pk]
    return {"level": found.level, "text": found.text, "sessions": sessions}


def room_names(event: Event) -> list[str]:
    """The rooms that somebody has named, in their order."""
    return list(event.rooms.values_list("name", flat=True))


def unnamed_rooms(event: Event) -> list[str]:
    """The rooms that only sessions name, in natural order."""
    sessions = event.sessions.exclude(status=SessionStatus.CANCELLED).exclude(location="")
    used = set(sessions.values_list("location", flat=True))
    return sorted(used - {*room_names(event)}, key=_natural)


def day_of(request: HttpRequest, event: Event) -> date:
    """The day of the address, else today during the event, else its first."""
    try:
        asked = date.fromisoformat(request.GET.get("day", ""))
    except ValueError:
        asked = timezone.now().astimezone(event.zone).date()
    return asked if event.starts_on <= asked <= event.ends_on else event.starts_on


def default_columns(event: Event) -> Columns:
    """Rooms, where there are any; else tracks, as in events without a building."""
    has_rooms = event.rooms.exists() or event.sessions.exclude(location="").exists()
    return Columns.ROOMS if has_rooms or not event.tracks.exists() else Columns.TRACKS


def _levels(found: list[PlanConflict]) -> Mapping[int, str]:
    """The worst of each session; the list begins with what is not allowed."""
    levels: dict[int, str] = defaultdict(str)
    for each in found:
        for pk in (each.session, each.other):
            if pk and not levels[pk]:
                levels[pk] = each.level
    return levels


def _window(board: Board, day: date) -> PlannerWindow:
    zone = board.zone
    today = [slot for slot in board.slots.values() if slot.starts_at.astimezone(zone).date() == day]
    midnight = datetime.combine(day + timedelta(days=1), time(), zone)
    begins = min(
        [_at(day, FIRST_HOUR, zone), *(_full_hour(slot.starts_at, zone) for slot in today)]
    )
    ends = max([_at(day, LAST_HOUR, zone), *(slot.ends_at for slot in today)])
    # In UTC: sums and differences of one zone's times are wall-clock time.
    first, latest = (_utc(each) for each in (begins, midnight + LONGEST_NIGHT))
    count = -((first - min(_utc(ends), latest)) // HOUR)
    return PlannerWindow(first, first + count * HOUR)


def _at(day: date, hour: time, zone: ZoneInfo) -> datetime:
    return _utc(datetime.combine(day, hour, zone))


def _full_hour(moment: datetime, zone: ZoneInfo) -> datetime:
    local = moment.astimezone(zone)
    return _utc(moment) - timedelta(minutes=local.minute, seconds=local.second)


def _utc(moment: datetime) -> datetime:
    return moment.astimezone(ZoneInfo("UTC"))


def _natural(name: str) -> list[tuple[int, str]]:
    """So that Room 2 comes before Room 10."""
    parts = _NUMBER.split(name.casefold())
    return [(int(part), "") if part.isdecimal() else (-1, part) for part in parts]
