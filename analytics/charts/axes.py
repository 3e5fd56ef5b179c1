"""Where things stand in a chart: its frame, its axes, their marks. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from analytics.metrics import Interval
from events.i18n.dates import in_letters

WIDTH: Final = 760
HEIGHT: Final = 260
LEFT: Final = 44
RIGHT: Final = 24
TOP: Final = 18
BOTTOM: Final = 30


@dataclass(frozen=True)
class Tick:
    """A mark on an axis: where, and what is written there."""

    at: float
    label: str


def round_up(number: int) -> int:
    """The next round number, so that the axis ends well: 1, 2, 4, 5, 10, 20, 40, 50, ..."""
    unit = 1
    while True:
        for step in (1, 2, 4, 5):
            if number <= step * unit:
                return step * unit
        unit *= 10


def count_steps(most: int) -> list[int]:
    """Whole numbers from 0 to ``most`` in even steps, five at most."""
    for pieces in (4, 5, 2):
        if most % pieces == 0:
            return [most * piece // pieces for piece in range(pieces + 1)]
    return [0, most]


def count_ticks(most: int) -> list[Tick]:
    """The marks of an axis of people that ends at ``most``."""
    return [Tick(y_at(number, most), str(number)) for number in count_steps(most)]


def time_ticks(window: Interval, zone: ZoneInfo, at_most: int = 8) -> list[Tick]:
    """Round times of day inside the window, as clocks in ``zone`` show them.

    Where the window holds several days, each midnight says its date.
    """
    for minutes in (5, 10, 15, 30, 60, 120, 240, 480, 1440):
        if window.length <= timedelta(minutes=minutes * at_most):
            break
    step = minutes * 60
    # Round in the zone's own time: half past is half past in Kolkata too.
    offset = int((window.start.astimezone(zone).utcoffset() or timedelta()).total_seconds())
    first = -(-(int(window.start.timestamp()) + offset) // step) * step - offset
    ends = int(window.end.timestamp())
    # Half a year of days has no room for each of them.
    every = step * max(1, -(-(ends - first) // step) // (2 * at_most))
    ticks = []
    for unix in range(first, ends + 1, every):
        at = datetime.fromtimestamp(unix, zone)
        is_date = window.length > timedelta(days=1) and at.hour == at.minute == 0
        ticks.append(Tick(x_at(at, window), in_letters(at, "d M") if is_date else f"{at:%H:%M}"))
    return ticks


def x_at(at: datetime, window: Interval) -> float:
    """Where a moment of the window stands, from the left."""
    share = (at - window.start) / window.length if window.length else 0.0
    return round(LEFT + share * (WIDTH - LEFT - RIGHT), 1)


def y_at(present: int, most: int) -> float:
    """Where a number of people stands, from the top, on an axis that ends at ``most``."""
    return round(HEIGHT - BOTTOM - present / most * (HEIGHT - TOP - BOTTOM), 1)
