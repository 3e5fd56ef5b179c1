"""Rows of values -> CSV text and XLSX workbooks, a few hundred rows in memory at a time."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from itertools import islice
from pathlib import Path
from typing import IO, Final

from events.exports.workbook import CellValue, Sheet, value_cell, write_workbook

__all__ = ["CellValue", "csv_chunks", "csv_line", "csv_text", "formula_safe", "write_xlsx"]

CHUNK_ROWS: Final = 500
# What makes Excel for Windows read a file as UTF-8.
BYTE_ORDER_MARK: Final = "\ufeff"
# A spreadsheet runs a cell that begins like this as a formula; some take the full-width forms
# for the same signs: https://owasp.org/www-community/attacks/CSV_Injection
_SIGNS: Final = "=+\\-@＝＋－＠"
# Blanks are trimmed, and a comma's file is split at these as well by who sets it so.
_BEGINNING = re.compile(rf"[\t\r\n]|[ ;|,]*[{_SIGNS}]")
_AFTER_SEPARATOR = re.compile(rf"(?<=[;|\t\n])(?=[{_SIGNS}])")


def formula_safe(text: str) -> str:
    """``text`` with an apostrophe wherever a spreadsheet would take it for a formula.

    That is before it, and inside behind a semicolon, bar, tab or line end: a spreadsheet that
    expects semicolons splits there, quotation marks or not.
    """
    safe = _AFTER_SEPARATOR.sub("'", text)
    return f"'{safe}" if _BEGINNING.match(text) else safe


def csv_text(value: CellValue) -> str:
    """A value as all our files write it: true and false, UTC with Z, empty for none."""
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case int() | Decimal():
            return str(value)
        case datetime():
            return f"{value.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
        case _:
            return formula_safe(value)


def csv_line(cells: Iterable[str]) -> str:
    """One line of a CSV file, its end included."""
    buffer = io.StringIO(newline="")
    csv.writer(buffer, lineterminator="\r\n").writerow(cells)
    return buffer.getvalue()


def csv_chunks(
    columns: Sequence[str], rows: Iterable[Sequence[CellValue]], *, bom: bool = False
) -> Iterator[str]:
    """A CSV file (RFC 4180, CRLF) in pieces of some hundred rows, header first.

    ``bom``: with a byte order mark before it, for Excel.
    """
    buffer = io.StringIO(newline="")
    buffer.write(BYTE_ORDER_MARK if bom else "")
    writer = csv.writer(buffer, lineterminator="\r\n")
    writer.writerow(columns)
    source = iter(rows)
    while True:
        batch = [[csv_text(value) for value in row] for row in islice(source, CHUNK_ROWS)]
        writer.writerows(batch)
        if piece := buffer.getvalue():
            yield piece
        if len(batch) < CHUNK_ROWS:
            return
        buffer.seek(0)
        buffer.truncate()


def write_xlsx(
    columns: Sequence[str],
    rows: Iterable[Sequence[CellValue]],
    to: Path | IO[bytes],
    sheet_name: str,
) -> None:
    """The same table as a workbook: numbers as numbers, everything else as text."""
    sheet = Sheet(sheet_name, columns, _in_batches(rows))
    if isinstance(to, Path):
        with to.open("wb") as file:
            write_workbook([sheet], file)
    else:
        write_workbook([sheet], to)


def _in_batches(rows: Iterable[Sequence[CellValue]]) -> Iterator[tuple[int, str]]:
    source = iter(rows)
    while batch := list(islice(source, CHUNK_ROWS)):
        yield len(batch), "".join(f"<row>{''.join(map(_cell, row))}</row>" for row in batch)


def _cell(value: CellValue) -> str:
    is_number = isinstance(value, int | Decimal) and not isinstance(value, bool)
    # Spreadsheets know no zones; the text with its Z does.
    plain = value if value is None or is_number or isinstance(value, str) else csv_text(value)
    return value_cell(plain)
