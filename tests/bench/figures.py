"""Measured figures: taken several times, put side by side, printed or given as JSON."""

from __future__ import annotations

import statistics
import textwrap
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

Number = int | float | None
WIDTH = 96


@dataclass(frozen=True)
class Spread:
    """Seconds that one thing took in several runs, on the wall and of this process's CPU."""

    seconds: tuple[float, ...]
    cpu_s: tuple[float, ...]

    @property
    def median(self) -> float:
        return statistics.median(self.seconds)

    @property
    def cpu(self) -> float:
        return statistics.median(self.cpu_s)

    @property
    def ms(self) -> tuple[float, float, float]:
        """Milliseconds: the median, the least, and the CPU's median. As ``SPREAD`` names them."""
        return (1000 * self.median, 1000 * min(self.seconds), 1000 * self.cpu)


def timed(call: Callable[[], Any], runs: int, warm_up: int = 1) -> Spread:
    """How long ``call`` takes; the first ``warm_up`` runs do not count."""
    for _ in range(warm_up):
        call()
    seconds, cpu_s = [], []
    for _ in range(runs):
        began, cpu = time.perf_counter(), time.process_time()
        call()
        seconds.append(time.perf_counter() - began)
        cpu_s.append(time.process_time() - cpu)
    return Spread(tuple(seconds), tuple(cpu_s))


@dataclass(frozen=True)
class Column:
    """One kind of figure, and how many decimals of it mean something."""

    name: str
    decimals: int = 0

    def text(self, value: Number) -> str:
        return "" if value is None else f"{value:,.{self.decimals}f}"


SPREAD = (Column("ms", 1), Column("least", 1), Column("CPU ms", 1))


@dataclass(frozen=True)
class Row:
    """The figures of one thing; of a ratio, how many times the one before it."""

    name: str
    values: Sequence[Number]
    is_ratio: bool = False


@dataclass
class Table:
    """The figures of one topic; ``measured`` says of what, where and how."""

    topic: str
    measured: str
    columns: Sequence[Column]
    rows: list[Row] = field(default_factory=list)

    def add_ratio(self, name: str, of: Row, to: Row) -> None:
        """How many times as much ``of`` is as ``to``, where both have a figure."""
        ratios = [a / b if a and b else None for a, b in zip(of.values, to.values, strict=True)]
        self.rows.append(Row(name, ratios, is_ratio=True))

    def lines(self) -> list[str]:
        """Topic and what was measured, then the figures, their columns aligned to the right."""
        about = textwrap.wrap(f"{self.topic}: {self.measured}.", WIDTH)
        return [*about, *(f"  {line}" for line in self._aligned())]

    def _aligned(self) -> list[str]:
        cells = [["", *(column.name for column in self.columns)], *map(self._cells, self.rows)]
        widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
        return [
            "  ".join([name.ljust(widths[0]), *map(str.rjust, values, widths[1:])]).rstrip()
            for name, *values in cells
        ]

    def _cells(self, row: Row) -> list[str]:
        if row.is_ratio:
            return [row.name, *("" if v is None else f"{v:.2f}x" for v in row.values)]
        pairs = zip(self.columns, row.values, strict=True)
        return [row.name, *(column.text(value) for column, value in pairs)]

    def as_json(self) -> dict[str, Any]:
        names = [column.name for column in self.columns]
        rows = [
            {
                "name": row.name,
                "is_ratio": row.is_ratio,
                **dict(zip(names, row.values, strict=True)),
            }
            for row in self.rows
        ]
        return {"topic": self.topic, "measured": self.measured, "rows": rows}
