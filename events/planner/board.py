"""The plan of an event as the rules see it: sessions, rooms, hours, and the event's own wishes.

Pure: reading.py fills it, conflicts.py looks for what is in the way in it.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cached_property
from hashlib import blake2s
from typing import Final
from zoneinfo import ZoneInfo

from events.models import Event, SessionStatus
from events.moving import Times

NO_TIME: Final = timedelta()


@dataclass(frozen=True)
class PlannedSlot:
    """A session with its place, and all that decides whether it can be there."""

    pk: int
    title: str
    starts_at: datetime
    ends_at: datetime
    room: str
    track_id: int | None
    session_type: str
    status: str
    speakers: tuple[int, ...] = ()

    @property
    def version(self) -> str:
        """Names its place and status; another one as soon as somebody has changed either."""
        place = (self.starts_at.timestamp(), self.ends_at.timestamp(), self.room, self.track_id)
        return blake2s(repr((place, self.status)).encode(), digest_size=6).hexdigest()

    @property
    def times(self) -> Times:
        return Times(self.starts_at, self.ends_at)

    def overlaps(self, other: PlannedSlot) -> bool:
        return self.starts_at < other.ends_at and other.starts_at < self.ends_at


@dataclass(frozen=True)
class SlotThing:
    """What a session uses, and ``lasts``: how long it is still in use after its end."""

    key: Hashable
    name: str
    lasts: timedelta = NO_TIME


@dataclass(frozen=True)
class Board:
    """An event's plan at one moment."""

    event: Event
    slots: Mapping[int, PlannedSlot]
    people: Mapping[int, str]
    changeover: timedelta
    levels: Mapping[str, str]
    room_hours: Mapping[str, tuple[Times, ...]]
    speaker_hours: Mapping[int, tuple[Times, ...]]
    #: By the name of a kind: what a session uses.
    things: Mapping[str, Callable[[PlannedSlot], Iterable[SlotThing]]]

    @cached_property
    def zone(self) -> ZoneInfo:
        return self.event.zone

    @cached_property
    def has_rooms(self) -> bool:
        return any(slot.room for slot in self.slots.values())

    def is_placed(self, slot: PlannedSlot) -> bool:
        """Whether it takes a place. Drafts do from when they have a room: their time is a wish.

        Where no session has a room, as in events without a building, every session does.
        """
        if slot.status == SessionStatus.CANCELLED:
            return False
        return bool(slot.room) or slot.status == SessionStatus.PUBLISHED or not self.has_rooms

    @cached_property
    def placed(self) -> list[PlannedSlot]:
        """What takes a place, in order of time."""
        found = (slot for slot in self.slots.values() if self.is_placed(slot))
        return sorted(found, key=lambda slot: (slot.starts_at, slot.pk))

    def moved(self, slots: Iterable[PlannedSlot]) -> Board:
        """The plan with these sessions as they would be."""
        return replace(self, slots={**self.slots, **{slot.pk: slot for slot in slots}})
