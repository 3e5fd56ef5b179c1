"""The heat map of a day: a table whose cells are shaded by how many people were there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

# Shades a cell can have beside none; darker ones are for more people.
SHADES: Final = 5


@dataclass(frozen=True)
class HeatCell:
    """How many, and how dark: 0 for nobody, up to SHADES for the fullest of the map."""

    number: int
    shade: int


@dataclass(frozen=True)
class HeatRow:
    """A line of the map, such as a track or a session; ``url`` leads to what it names."""

    label: str
    cells: Sequence[HeatCell]
    url: str = ""


@dataclass(frozen=True)
class HeatMap:
    """Rows of cells under the hours of a day."""

    hours: Sequence[str]
    rows: Sequence[HeatRow]


def heat_map(
    hours: Sequence[str],
    numbers: Sequence[tuple[str, Mapping[str, int], str]],
) -> HeatMap | None:
    """A map of ``(label, hour -> number, url)``; None when nobody was anywhere."""
    most = max((n for _label, by_hour, _url in numbers for n in by_hour.values()), default=0)
    if not most:
        return None
    rows = [
        HeatRow(label, [_cell(by_hour.get(hour, 0), most) for hour in hours], url)
        for label, by_hour, url in numbers
    ]
    return HeatMap(hours, rows)


def _cell(number: int, most: int) -> HeatCell:
    # Somebody is never shaded as nobody is.
    return HeatCell(number, -(-number * SHADES // most))
