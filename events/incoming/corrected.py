"""The file that somebody brought, with a column that says what is wrong with each row."""

from __future__ import annotations

import csv
import io
from typing import Any, Final
from zipfile import ZipFile

from django.utils.translation import gettext as _

from events.exports.tables import BYTE_ORDER_MARK, formula_safe
from events.imports.tables.columns import fold_header
from events.imports.tables.files import read_table
from events.imports.tables.sheets import TableFile, TableSheet
from events.incoming.planning import errors_by_row
from events.models import IncomingFile

#: To be written a workbook is unpacked as a whole, so a larger one comes back as CSV.
MOST_UNPACKED: Final = 8 * 1024 * 1024


def corrected_file(incoming: IncomingFile) -> tuple[str, bytes]:
    """Its ending and its bytes. A workbook keeps what else is in it."""
    data = bytes(incoming.data)
    table = read_table(data)
    chosen = incoming.preview["table"]
    sheet, header = int(chosen["sheet"]), int(chosen["header"])
    errors = dict(errors_by_row(incoming.preview))
    if table.format == "xlsx" and _unpacked(data) <= MOST_UNPACKED:
        return "xlsx", _workbook(data, table.sheets[sheet], header, errors)
    return "csv", _csv(table, sheet, header, errors)


def _unpacked(data: bytes) -> int:
    with ZipFile(io.BytesIO(data)) as archive:
        return sum(part.file_size for part in archive.infolist())


def _workbook(data: bytes, read: TableSheet, header: int, errors: dict[int, str]) -> bytes:
    # Loaded here only: it takes a third of a second.
    from openpyxl import load_workbook
    from openpyxl.styles import PatternFill

    book = load_workbook(io.BytesIO(data))
    sheet: Any = book[read.name]
    titles = [cell.value for cell in sheet[header]]
    column = _errors_column(titles) + 1
    sheet.cell(header, column, _("Errors"))
    red = PatternFill("solid", fgColor="FFFFC7CE")
    for row in range(header + 1, len(read.rows) + 1):
        cell = sheet.cell(row, column)
        cell.value = errors.get(row)
        if row in errors:
            # Text, whatever it begins with.
            cell.data_type, cell.fill = "s", red
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _csv(table: TableFile, sheet: int, header: int, errors: dict[int, str]) -> bytes:
    out = io.StringIO(newline="")
    out.write(BYTE_ORDER_MARK)
    writer = csv.writer(out, delimiter=table.separator or ",", lineterminator="\r\n")
    rows = table.sheets[sheet].rows
    column = _errors_column(rows[header - 1])
    for number, row in enumerate(rows, 1):
        cells = ["" if value is None else formula_safe(str(value)) for value in row[:column]]
        cells += [""] * (column - len(cells))
        said = _("Errors") if number == header else errors.get(number, "")
        rest = ["" if value is None else formula_safe(str(value)) for value in row[column + 1 :]]
        writer.writerow([*cells, formula_safe(said), *rest])
    return out.getvalue().encode()


def _errors_column(titles: Any) -> int:
    """That of the last time, else the first behind all others."""
    ours = {fold_header(_("Errors")), "errors"}
    found = (at for at, title in enumerate(titles) if fold_header(title) in ours)
    return next(found, len(titles))
