"""Workbooks (XLSX), read as a stream: values alone, of formulas what they came to.

A workbook is a ZIP of XML that a stranger made. So it is judged before it is opened: what it
unpacks to (a few kilobytes can become gigabytes), and that no part declares entities, by which
XML grows without bound or reads files of the server.
"""

from __future__ import annotations

import io
import re
import warnings
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Any, Final
from zipfile import BadZipFile, ZipFile

from django.utils.translation import gettext as _

from events.imports.schedule import BrokenFile
from events.imports.tables.sheets import (
    MAX_COLUMNS,
    MAX_ROWS,
    FormulaError,
    TableFile,
    TableSheet,
    is_empty,
)

MAX_UNPACKED: Final = 150 * 1024 * 1024
_MAX_PARTS: Final = 2_000
_MAX_SHEETS: Final = 20
_NO_WORKBOOK: Final = "The file is a ZIP archive, but no workbook (.xlsx) that can be read."
# In the encodings in which XML may come.
_DOCTYPES: Final = tuple(
    "<!DOCTYPE".encode(encoding) for encoding in ("ascii", "utf-16-le", "utf-16-be", "utf-32-be")
)
# How a workbook writes characters that XML has none for; and an underscore before such.
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")


def read_xlsx(data: bytes) -> TableFile:
    """Raises BrokenFile for what is damaged, dangerous or too much."""
    _check_archive(data)
    # openpyxl takes a third of a second to load, and few processes read workbooks.
    from openpyxl import load_workbook

    try:
        with warnings.catch_warnings():
            # It warns of what it leaves out (pictures, rules for cells); that is no news here.
            warnings.simplefilter("ignore")
            book = load_workbook(io.BytesIO(data), read_only=True, data_only=True, keep_links=False)
            hidden = [s.title for s in book.worksheets if s.sheet_state != "visible"]
            shown = [s for s in book.worksheets if s.sheet_state == "visible"][:_MAX_SHEETS]
            sheets = [TableSheet(str(sheet.title), _rows(sheet)) for sheet in shown]
            book.close()
    except BrokenFile:
        raise
    # openpyxl ends in many ways on what is damaged: KeyError, ValueError, its own and lxml's.
    except Exception as error:
        raise BrokenFile(
            f"The workbook is damaged ({type(error).__name__}). Save it anew."
        ) from error
    notes = []
    if hidden:
        notes.append(
            _("Hidden sheets are not read: %(names)s.") % {"names": ", ".join(hidden)[:200]}
        )
    return TableFile("xlsx", [sheet for sheet in sheets if sheet.rows], notes)


def _check_archive(data: bytes) -> None:
    try:
        with ZipFile(io.BytesIO(data)) as archive:
            parts = archive.infolist()
            # No part gives more than it declares: zipfile stops there.
            if len(parts) > _MAX_PARTS or sum(part.file_size for part in parts) > MAX_UNPACKED:
                most = MAX_UNPACKED // 1024**2
                raise BrokenFile(f"The workbook unpacks to more than {most} MB. Split it.")
            if "[Content_Types].xml" not in archive.namelist():
                raise BrokenFile(_NO_WORKBOOK)
            for part in parts:
                if part.flag_bits & 1:
                    raise BrokenFile("The workbook has a password. Save it without.")
                if part.filename.endswith((".xml", ".rels", ".vml")):
                    content = archive.read(part)
                    if any(doctype in content for doctype in _DOCTYPES):
                        raise BrokenFile("The workbook declares XML entities; no spreadsheet does.")
    except (BadZipFile, NotImplementedError, OSError, EOFError, ValueError) as error:
        raise BrokenFile(_NO_WORKBOOK) from error
    except Exception as error:  # zlib.error, and what else a damaged archive ends in
        if isinstance(error, BrokenFile):
            raise
        raise BrokenFile(_NO_WORKBOOK) from error


def _rows(sheet: Any) -> list[Sequence[object]]:
    """The rows up to the last that holds something. What a sheet says of its size is not asked."""
    sheet.reset_dimensions()
    rows: list[Sequence[object]] = []
    filled = 0
    for number, cells in enumerate(sheet.iter_rows(max_row=MAX_ROWS + 11), 1):
        row = [_value(cell) for cell in cells[:MAX_COLUMNS]]
        while row and is_empty(row[-1]):
            row.pop()
        rows.append(row)
        if row:
            filled = number
    if filled > MAX_ROWS + 10:
        raise BrokenFile(f"The sheet “{sheet.title}” has more than {MAX_ROWS:,} rows. Split it.")
    return rows[:filled]


def _value(cell: Any) -> object:
    value = cell.value
    if value is None:
        return None
    if isinstance(value, str):
        if cell.data_type == "e":
            return FormulaError(value)
        return _ESCAPED.sub(lambda found: chr(int(found[1], 16)), value)
    if isinstance(value, int | float | bool | datetime | date | time | timedelta):
        return value
    return str(value)
