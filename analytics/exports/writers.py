"""Rows of values -> CSV text and XLSX workbooks, a few hundred rows in memory at a time."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from itertools import islice
from pathlib import Path
from typing import IO, Any, Final

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

CellValue = str | int | bool | Decimal | datetime | None

CHUNK_ROWS: Final = 500
# Excel's limit; further rows go to a further sheet.
SHEET_ROWS: Final = 1_048_576
# A spreadsheet runs a cell that begins like this as a formula:
# https://owasp.org/www-community/attacks/CSV_Injection
FORMULA_STARTS: Final = ("=", "+", "-", "@", "\t", "\r")


def formula_safe(text: str) -> str:
    """``text`` with an apostrophe before it when a spreadsheet would take it for a formula."""
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text


def csv_text(value: CellValue) -> str:
    """A value as schema 1 writes it: true and false, UTC with Z, empty for none."""
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


def csv_chunks(columns: Sequence[str], rows: Iterable[Sequence[CellValue]]) -> Iterator[str]:
    """A CSV file (RFC 4180, CRLF) in pieces of some hundred rows, header first."""
    buffer = io.StringIO(newline="")
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
    columns: Sequence[str], rows: Iterable[Sequence[CellValue]], to: Path | IO[bytes]
) -> None:
    """The same table as a workbook: numbers as numbers, everything else as text.

    Text cells are marked as text, so that no value can become a formula.
    """
    book = Workbook(write_only=True)
    source = iter(rows)
    number = 1
    while True:
        sheet = book.create_sheet("Attendance" if number == 1 else f"Attendance {number}")
        sheet.append(list(columns))
        written = 0
        for row in islice(source, SHEET_ROWS - 1):
            sheet.append([_cell(sheet, value) for value in row])
            written += 1
        if written < SHEET_ROWS - 1:
            break
        number += 1
    book.save(to)


def _cell(sheet: Any, value: CellValue) -> Any:
    if value is None or (isinstance(value, int | Decimal) and not isinstance(value, bool)):
        return value
    # Spreadsheets know no zones; the text with its Z does.
    text = value if isinstance(value, str) else csv_text(value)
    cell = WriteOnlyCell(sheet, value=ILLEGAL_CHARACTERS_RE.sub("", text))
    cell.data_type = "s"
    return cell
