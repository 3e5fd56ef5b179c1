"""Rows of a sheet while they are judged: each cell by itself, with where it stands."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from django.utils.translation import gettext as _

from events.imports.schedule import BrokenFile, CellPlace, RejectedTalk
from events.imports.tables.cells import BadCell, text_of
from events.imports.tables.columns import TableLayout
from events.imports.tables.sheets import TableSheet, is_empty, letters

Value = TypeVar("Value")


@dataclass
class JudgedRow:
    """A row of the sheet while it is judged: its cells by field, and what is wrong with them."""

    number: int
    cells: Mapping[str, object]
    places: Mapping[str, CellPlace]
    errors: list[tuple[str, str, str]] = field(default_factory=list)
    known: Any = None
    external_id: str = ""

    @property
    def title(self) -> str:
        return self._quiet("title")

    def _quiet(self, name: str) -> str:
        try:
            return text_of(self.cells.get(name))
        except BadCell:
            return ""

    def read(self, name: str, how: Callable[[object], Value]) -> Value | None:
        """The cell's value; None when there is no such column, or it cannot be read."""
        if name not in self.cells:
            return None
        try:
            return how(self.cells[name])
        except BadCell as bad:
            self.refuse(name, bad.reason, bad.expected)
            return None

    def refuse(self, name: str, reason: str, expected: str = "") -> None:
        self.errors.append((name, reason, expected))

    @property
    def name(self) -> str:
        called = self.title or self._quiet("name")
        shown = f"“{called[:80]}” " if called else ""
        return f"{shown}row {self.number}"


class RowPlaces(Mapping[str, CellPlace]):
    """Where each field of a row stands, made when somebody asks: only errors do."""

    def __init__(
        self, sheet: str, row: int, columns: Mapping[str, int], cells: Mapping[str, object]
    ) -> None:
        self.sheet, self.row, self.columns, self.cells = sheet, row, columns, cells

    def __getitem__(self, name: str) -> CellPlace:
        column = letters(self.columns[name])
        return CellPlace(self.sheet, self.row, column, str(self.cells.get(name) or "")[:200])

    def __iter__(self) -> Iterator[str]:
        return iter(self.columns)

    def __len__(self) -> int:
        return len(self.columns)


def judged_rows(sheet: TableSheet, layout: TableLayout) -> list[JudgedRow]:
    """The rows below the header that say something. Raises BrokenFile for none."""
    columns = {key: at for at, key in layout.columns.items()}
    found = []
    for at, cells in enumerate(sheet.rows):
        if at <= layout.header:
            continue
        values = {
            key: cells[column] if column < len(cells) else None for key, column in columns.items()
        }
        if not all(map(is_empty, values.values())):
            places = RowPlaces(sheet.name, at + 1, columns, values)
            found.append(JudgedRow(at + 1, values, places))
    if not found:
        raise BrokenFile("The table has no rows below its header.")
    return found


def limited(limit: int, *, long: bool = False) -> Callable[[object], str]:
    """Reads a text of at most so many characters; 0 for any number."""

    def read(value: object) -> str:
        text = text_of(value, long=long)
        if limit and len(text) > limit:
            raise BadCell(
                _("This has %(n)d characters.") % {"n": len(text)},
                _("at most %(most)d characters") % {"most": limit},
            )
        return text

    return read


def rejections_of(row: JudgedRow) -> list[RejectedTalk]:
    found = []
    for name, reason, expected in row.errors:
        place = row.places[name] if name in row.places else CellPlace("", row.number, "", "")
        found.append(
            RejectedTalk(row.name, name, reason, row.external_id, cell=place, expected=expected)
        )
    return found
