"""The bytes of a CSV file or workbook -> sheets of values; or why not."""

from __future__ import annotations

from events.imports.schedule import BrokenFile
from events.imports.tables.csv_file import read_csv
from events.imports.tables.sheets import MAX_TABLE_BYTES, TableFile
from events.imports.tables.xlsx_file import read_xlsx

_ZIP = b"PK\x03\x04"
# The older binary formats of Excel, and workbooks with a password: one container for both.
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def is_table(data: bytes, name: str) -> bool:
    """Whether it is a table: a workbook by its bytes, a CSV file by its name."""
    if data.startswith((_ZIP, _OLE)):
        return True
    return name.casefold().endswith((".csv", ".tsv", ".txt"))


def read_table(data: bytes) -> TableFile:
    """All sheets that hold something. Raises BrokenFile with a sentence for the person."""
    if not data.strip():
        raise BrokenFile("The file is empty.")
    if len(data) > MAX_TABLE_BYTES:
        most = MAX_TABLE_BYTES // 1024**2
        raise BrokenFile(f"The file is larger than {most} MB; no table of an event is.")
    if data.startswith(_OLE):
        raise BrokenFile(
            "The file is an old Excel workbook (.xls) or has a password. Save it as .xlsx without "
            "a password."
        )
    table = read_xlsx(data) if data.startswith(_ZIP) else read_csv(data)
    if not table.sheets:
        raise BrokenFile("The file has no rows.")
    return table
