"""Rows of values -> CSV text and XLSX workbooks, a few hundred rows in memory at a time."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from decimal import Decimal
from itertools import islice
from pathlib import Path
from typing import IO, Any, Final

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

from events.characters import clean_text

CellValue = str | int | bool | Decimal | datetime | None

CHUNK_ROWS: Final = 500
# Excel's limit; further rows go to a further sheet.
SHEET_ROWS: Final = 1_048_576
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
    """The same table as a workbook: numbers as numbers, everything else as text.

    Text cells are marked as text, so that no value can become a formula. Whatever fails on
    the way, no temporary file stays behind.
    """
    book = Workbook(write_only=True)
    try:
        _fill(book, columns, rows, sheet_name)
        book.save(to)
    except BaseException:
        _discard(book)
        raise


def _fill(
    book: Any, columns: Sequence[str], rows: Iterable[Sequence[CellValue]], sheet_name: str
) -> None:
    source = iter(rows)
    number = 1
    while True:
        sheet = book.create_sheet(sheet_name if number == 1 else f"{sheet_name} {number}")
        sheet.append(list(columns))
        written = 0
        for row in islice(source, SHEET_ROWS - 1):
            sheet.append([_cell(sheet, value) for value in row])
            written += 1
        if written < SHEET_ROWS - 1:
            return
        number += 1


def _discard(book: Any) -> None:
    """Delete what openpyxl has written so far: a file for each sheet, which it would keep."""
    for sheet in book.worksheets:
        if (writer := sheet._writer) is None or not Path(writer.out).exists():
            continue
        with suppress(Exception):  # What is half written cannot be ended properly.
            sheet._rows.close()
        with suppress(Exception):
            writer.close()
        writer.cleanup()


def _cell(sheet: Any, value: CellValue) -> Any:
    if value is None or (isinstance(value, int | Decimal) and not isinstance(value, bool)):
        return value
    # Spreadsheets know no zones; the text with its Z does.
    text = value if isinstance(value, str) else csv_text(value)
    # Rows of before may hold anything, old kinds of line end among it, which openpyxl refuses.
    cell = WriteOnlyCell(sheet, value=clean_text(ILLEGAL_CHARACTERS_RE.sub("", text)))
    cell.data_type = "s"
    return cell
