"""Attendance as CSV (RFC 4180, CRLF), streamed while the database reads it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Final

from analytics.exports.columns import CellKind, ExportColumn
from analytics.exports.lines import CELLS, LineFormat
from analytics.exports.rows import ExportTable, cells_of
from events.exports.tables import BYTE_ORDER_MARK, csv_chunks, csv_line, csv_text, formula_safe

# So that a pattern can tell where a cell begins.
_MARK: Final = "\x01"
# What csv_line quotes, what formula_safe looks for, and what could be taken for CELLS.
_SPECIAL: Final = f'",;|\t\r\n{CELLS}'
_SIGNS: Final = " =+@＝＋－＠"


def _line(columns: Sequence[ExportColumn], texts: Sequence[str | None]) -> str:
    return csv_line(
        formula_safe(text) if text and column.kind is CellKind.TEXT else text or ""
        for column, text in zip(columns, texts, strict=True)
    )


CSV: Final = LineFormat(
    around=lambda column: ("", ""),
    empty="",
    joint=",",
    end="\r\n",
    serial=False,
    mark=_MARK,
    care_pattern=f"{_MARK}[{_SIGNS}-]|[{_SPECIAL}]",
    care_globs=(f"*[{_SPECIAL}]*", f"*{_MARK}[{_SIGNS}-]*"),
    line=_line,
)


def attendance_csv(
    table: ExportTable, *, bom: bool = False, watch: Callable[[int], None] = lambda rows: None
) -> Iterator[str]:
    """The file in pieces of some thousand rows, header first; ``bom`` for Excel.

    ``watch`` hears how many rows are written, and may raise.
    """
    # Of one column, a line with nothing on it would be no row: here an empty cell is quoted.
    if len(table.chosen) == 1 or not table.rules.lists_people:
        yield from csv_chunks(table.columns, table.rows, bom=bom)
        return
    own = [column for column in table.chosen if not column.of_session]
    header = csv_line(table.columns)
    yield f"{BYTE_ORDER_MARK}{header}" if bom else header
    joint = CSV.joint if own and len(own) < len(table.chosen) else ""
    heads = [
        csv_line(map(csv_text, table.session_values(session))).removesuffix(CSV.end) + joint
        for session in table.sessions
    ]
    first = table.first_place
    written = 0
    for batch in table.batches(CSV):
        watch(written := written + len(batch))
        yield "".join(
            [
                heads[place - first] + (line if line[0] != CELLS else _line(own, cells_of(line)))
                for place, line in batch
            ]
        )
