"""Attendance as a workbook: real dates, truths and numbers, and a sheet about the file."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from itertools import islice
from typing import Final

from analytics.exports.about import Fact, facts_of
from analytics.exports.columns import CellKind, ExportColumn
from analytics.exports.lines import CELLS, LineFormat
from analytics.exports.rows import ExportRow, ExportTable, cells_of
from events.exports.tables import CellValue
from events.exports.workbook import (
    EMPTY_CELL,
    MOMENT,
    ROW_AFTER,
    ROW_BEFORE,
    TEXT_AFTER,
    TEXT_BEFORE,
    Sheet,
    number_style,
    serial_day,
    text_cell,
    value_cell,
    workbook_chunks,
)

SHEET_NAME: Final = "Attendance"
ABOUT_NAME: Final = "About"
BATCH_ROWS: Final = 500
# Letters that need no care in XML and in Excel; everything else is written by cell_text.
_PLAIN: Final = " !-%'-;=?-^`-~\u00a0-\u1fff\u3040-\ud7ff"
_WIDTHS: Final = {
    CellKind.TEXT: 24,
    CellKind.WORD: 12,
    CellKind.UUID: 38,
    CellKind.TIME: 20,
    CellKind.LOCAL_TIME: 20,
    CellKind.BOOL: 11,
    CellKind.NUMBER: 12,
}


def _around(column: ExportColumn) -> tuple[str, str]:
    match column.kind:
        case CellKind.TIME:
            return f'<c s="{MOMENT}"><v>', "</v></c>"
        case CellKind.BOOL:
            return '<c t="b"><v>', "</v></c>"
        case CellKind.NUMBER:
            return f'<c s="{number_style(column.decimals)}"><v>', "</v></c>"
    return TEXT_BEFORE, TEXT_AFTER


def _cell(column: ExportColumn, text: str | None) -> str:
    """A cell from what all our files write."""
    if text is None:
        return EMPTY_CELL
    before, after = _around(column)
    match column.kind:
        case CellKind.TIME:
            return f"{before}{serial_day(datetime.fromisoformat(text))}{after}"
        case CellKind.BOOL:
            return f"{before}{int(text == 'true')}{after}"
        case CellKind.NUMBER:
            return f"{before}{text}{after}"
    return text_cell(text)


def _line(columns: Sequence[ExportColumn], texts: Sequence[str | None]) -> str:
    return "".join(map(_cell, columns, texts)) + ROW_AFTER


XLSX: Final = LineFormat(
    around=_around,
    empty=EMPTY_CELL,
    joint="",
    end=ROW_AFTER,
    serial=True,
    mark="",
    care_pattern=f"[^{_PLAIN}]",
    care_globs=(f"*[^{_PLAIN}]*",),
    line=_line,
)


def attendance_xlsx(
    table: ExportTable, *, made_by: str, now: datetime, watch: Callable[[int], None] | None = None
) -> Iterator[bytes]:
    """The workbook in pieces. ``watch`` hears how many rows are written, and may raise."""
    rows = _lines(table) if table.rules.lists_people else _typed(table.rows)
    sheets = [
        Sheet(SHEET_NAME, table.columns, rows, [_WIDTHS[column.kind] for column in table.chosen]),
        _about_sheet(facts_of(table, made_by=made_by, now=now)),
    ]
    return workbook_chunks(sheets, watch or (lambda rows: None))


def _lines(table: ExportTable) -> Iterator[tuple[int, str]]:
    own = [column for column in table.chosen if not column.of_session]
    heads = [_head(table, table.session_values(session)) for session in table.sessions]
    first = table.first_place
    for batch in table.batches(XLSX):
        yield (
            len(batch),
            "".join(
                [
                    heads[place - first]
                    + (line if line[0] != CELLS else _line(own, cells_of(line)))
                    for place, line in batch
                ]
            ),
        )


def _head(table: ExportTable, values: Sequence[CellValue]) -> str:
    columns = [column for column in table.chosen if column.of_session]
    return ROW_BEFORE + "".join(map(_head_cell, columns, values))


def _head_cell(column: ExportColumn, value: CellValue) -> str:
    if column.kind is CellKind.LOCAL_TIME and isinstance(value, str):
        return value_cell(datetime.fromisoformat(value).replace(tzinfo=None))
    return value_cell(value)


def _typed(rows: Iterable[ExportRow]) -> Iterator[tuple[int, str]]:
    source = iter(rows)
    while batch := list(islice(source, BATCH_ROWS)):
        yield (
            len(batch),
            "".join(f"{ROW_BEFORE}{''.join(map(value_cell, row))}{ROW_AFTER}" for row in batch),
        )


def _about_sheet(facts: Sequence[Fact]) -> Sheet:
    return Sheet(ABOUT_NAME, ["about", "value", "meaning"], _typed(facts), [28, 40, 90])
