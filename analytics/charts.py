"""Charts as plain numbers, for an SVG that a template writes. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from analytics.metrics import Headcount, Interval, Schedule

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


@dataclass(frozen=True)
class Chart:
    """How many people were present over a session's window."""

    line: str
    area: str
    times: list[Tick]
    counts: list[Tick]
    plan: list[Tick]
    bottom: float = HEIGHT - BOTTOM
    top: float = TOP
    left: float = LEFT
    right: float = WIDTH - RIGHT
    width: int = WIDTH
    height: int = HEIGHT


def chart_of(
    samples: Sequence[Headcount], schedule: Schedule, zone: ZoneInfo, step: timedelta
) -> Chart | None:
    """A stepped line of ``samples``, with times written in ``zone``; None without samples."""
    if not samples:
        return None
    window = schedule.window
    most = round_up(max(sample.present for sample in samples))
    points: list[str] = []
    for sample in samples:
        y = _y(sample.present, most)
        end = min(sample.at + step, window.end)
        points += [f"{_x(sample.at, window)} {y}", f"{_x(end, window)} {y}"]
    line = "M" + " L".join(points)
    floor = HEIGHT - BOTTOM
    area = f"{line} L{_x(window.end, window)} {floor} L{_x(window.start, window)} {floor} Z"
    planned = (("Start", schedule.planned.start), ("End", schedule.planned.end))
    return Chart(
        line=line,
        area=area,
        times=time_ticks(window, zone),
        counts=[Tick(_y(number, most), str(number)) for number in count_steps(most)],
        plan=[Tick(_x(at, window), label) for label, at in planned],
    )


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


def time_ticks(window: Interval, zone: ZoneInfo, at_most: int = 8) -> list[Tick]:
    """Round times of day inside the window, as clocks in ``zone`` show them."""
    for minutes in (5, 10, 15, 30, 60, 120, 240, 480):
        if window.length <= timedelta(minutes=minutes * at_most):
            break
    step = minutes * 60
    # Round in the zone's own time: half past is half past in Kolkata too.
    offset = int((window.start.astimezone(zone).utcoffset() or timedelta()).total_seconds())
    first = -(-(int(window.start.timestamp()) + offset) // step) * step - offset
    ticks = []
    for unix in range(first, int(window.end.timestamp()) + 1, step):
        at = datetime.fromtimestamp(unix, zone)
        ticks.append(Tick(_x(at, window), f"{at:%H:%M}"))
    return ticks


def _x(at: datetime, window: Interval) -> float:
    share = (at - window.start) / window.length if window.length else 0.0
    return round(LEFT + share * (WIDTH - LEFT - RIGHT), 1)


def _y(present: int, most: int) -> float:
    return round(HEIGHT - BOTTOM - present / most * (HEIGHT - TOP - BOTTOM), 1)
