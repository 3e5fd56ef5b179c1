"""Bars: upright over time, and lying beside the names of what they measure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from analytics.charts.axes import (
    BOTTOM,
    HEIGHT,
    RIGHT,
    WIDTH,
    Tick,
    count_ticks,
    round_up,
    time_ticks,
    x_at,
    y_at,
)
from analytics.charts.shapes import Bar, Chart, ChartTable, Words
from analytics.dictionary import Term
from analytics.metrics import Interval

# Between the bars, and for the names of lying ones.
GAP: Final = 1.0
NAMES_WIDTH: Final = 190
VALUES_WIDTH: Final = 84
ROW_HEIGHT: Final = 28
NAME_LENGTH: Final = 28


def columns_over_time(
    term: Term,
    counts: Sequence[tuple[datetime, int]],
    window: Interval,
    zone: ZoneInfo,
    step: timedelta,
    *,
    unit: str = "",
    adds_up: bool = True,
) -> Chart | None:
    """Upright bars: a number for each step of the window; None when all are 0.

    ``unit`` stands behind each number. ``adds_up``: their sum means something.
    """
    if not any(count for _at, count in counts):
        return None
    most = round_up(max(count for _at, count in counts))
    bars = []
    for at, count in counts:
        left, right = x_at(at, window), x_at(min(at + step, window.end), window)
        top = y_at(count, most)
        if count:
            width = round(max(right - left - GAP, 0.5), 1)
            height = round(HEIGHT - BOTTOM - top, 1)
            bars.append(
                Bar(left, top, width, height, f"{at.astimezone(zone):%H:%M}: {count}{unit}")
            )
    total = sum(count for _at, count in counts)
    highest = max(counts, key=lambda each: each[1])
    return Chart(
        name=term.name,
        title=term.label,
        definition=term.definition,
        summary=(
            _("%(total)d in all; the most at %(time)s, %(most)d.")
            if adds_up
            else _("The most at %(time)s, %(most)s.")
        )
        % {
            "total": total,
            "time": f"{highest[0].astimezone(zone):%H:%M}",
            "most": highest[1] if adds_up else f"{highest[1]}{unit}",
        },
        bars=bars,
        x_ticks=time_ticks(window, zone),
        y_ticks=count_ticks(most),
        table=ChartTable(
            columns=[_("From"), term.label],
            rows=[[f"{at.astimezone(zone):%H:%M}", count] for at, count in counts if count],
            caption=_("Within each %(minutes)d min, where there are any")
            % {"minutes": step.total_seconds() // 60},
        ),
    )


@dataclass(frozen=True)
class Measure:
    """What a lying bar shows: a name, how long it is, and what is written at its end."""

    name: str
    value: float
    text: str


def bars_beside_names(
    term: Term,
    measures: Sequence[Measure],
    heading: Words,
    *,
    most: float | None = None,
    summary: str = "",
) -> Chart | None:
    """Lying bars, the longest ``most`` (or the longest of them); None when there are none."""
    longest = most or max((measure.value for measure in measures), default=0)
    if not measures or not longest:
        return None
    room = WIDTH - NAMES_WIDTH - VALUES_WIDTH
    bars, names = [], []
    for row, measure in enumerate(measures):
        y = row * ROW_HEIGHT + 5.0
        width = round(room * min(measure.value / longest, 1), 1)
        said = f"{measure.name}: {measure.text}"
        bars.append(Bar(NAMES_WIDTH, y, width, ROW_HEIGHT - 10, said, measure.text))
        names.append(Tick(y + (ROW_HEIGHT - 10) / 2, _shortened(measure.name)))
    height = len(measures) * ROW_HEIGHT
    return Chart(
        name=term.name,
        title=term.label,
        definition=term.definition,
        summary=summary or "; ".join(bar.label for bar in bars) + ".",
        bars=bars,
        names=names,
        table=ChartTable(
            columns=[heading, term.label],
            rows=[[measure.name, measure.text] for measure in measures],
        ),
        height=height,
        left=NAMES_WIDTH,
        right=WIDTH - RIGHT,
        top=0,
        bottom=height,
    )


def _shortened(name: str) -> str:
    """No longer than the room at the left; the table has the whole name."""
    return name if len(name) <= NAME_LENGTH else f"{name[: NAME_LENGTH - 1].rstrip()}…"
