"""What a table file says: sheets of rows of values, as the file has them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Final

MAX_TABLE_BYTES: Final = 16 * 1024 * 1024
MAX_ROWS: Final = 20_000
MAX_COLUMNS: Final = 200
#: More than any text of ours; a description of a talk has some thousand.
MAX_CELL_CHARACTERS: Final = 200_000

TableValue = str | int | float | bool | datetime | date | time | timedelta | None


@dataclass(frozen=True)
class FormulaError:
    """A cell whose formula went wrong; ``text`` such as #REF!."""

    text: str

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True)
class TableSheet:
    """Rows as they stand, the first is number 1; empty cells at the end may be missing."""

    name: str
    rows: list[Sequence[object]]


@dataclass(frozen=True)
class TableFile:
    """A file's sheets that hold something, and what its reader should know (``notes``)."""

    format: str
    sheets: list[TableSheet]
    notes: list[str] = field(default_factory=list)
    separator: str = ""


def is_empty(value: object) -> bool:
    return value is None or (isinstance(value, str) and not value.strip())


def letters(column: int) -> str:
    """A column's name in spreadsheets: 0 is A, 26 is AA."""
    name = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        name = chr(ord("A") + rest) + name
    return name
