"""What a chart is made of: plain numbers and words, for an SVG and a table of a template."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from django.utils.functional import Promise

from analytics.charts.axes import BOTTOM, HEIGHT, LEFT, RIGHT, TOP, WIDTH, Tick

Words = str | Promise
# Lines that can be told apart by colour and by dashes; more would be a tangle.
MOST_SERIES: Final = 6


@dataclass(frozen=True)
class Series:
    """A line over time. ``number`` is its colour and dashes; 0 is the sum, filled below."""

    label: str
    number: int
    line: str
    area: str = ""


@dataclass(frozen=True)
class Bar:
    """A bar, with what it says when it is pointed at, and what is written beside it."""

    x: float
    y: float
    width: float
    height: float
    label: str
    text: str = ""

    @property
    def end(self) -> float:
        return round(self.x + self.width, 1)

    @property
    def middle(self) -> float:
        return round(self.y + self.height / 2, 1)


@dataclass(frozen=True)
class ChartTable:
    """The same as the chart in numbers: the first cell of each row is its heading."""

    columns: Sequence[Words]
    rows: Sequence[Sequence[Words | int]]
    caption: Words = ""


@dataclass(frozen=True)
class Chart:
    """A drawing with axes, and its table. ``name`` is its own on the page.

    ``summary`` tells in a sentence or two what is to be seen, for those who do not see it.
    """

    name: str
    title: Words
    summary: str
    table: ChartTable
    series: Sequence[Series] = ()
    bars: Sequence[Bar] = ()
    x_ticks: Sequence[Tick] = ()
    y_ticks: Sequence[Tick] = ()
    marks: Sequence[Tick] = ()
    #: Names of what lies across, written at the left of each.
    names: Sequence[Tick] = ()
    definition: Words = ""
    width: int = WIDTH
    height: int = HEIGHT
    left: float = LEFT
    right: float = WIDTH - RIGHT
    top: float = TOP
    bottom: float = HEIGHT - BOTTOM

    @property
    def has_legend(self) -> bool:
        return len(self.series) > 1
