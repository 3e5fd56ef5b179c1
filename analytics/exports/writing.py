"""A file in pieces, whichever its form."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime

from analytics.exports.csv_file import attendance_csv
from analytics.exports.parquet import attendance_parquet
from analytics.exports.rows import ExportTable
from analytics.exports.xlsx import attendance_xlsx
from analytics.models import FileForm


def file_pieces(
    table: ExportTable,
    form: FileForm,
    *,
    made_by: str,
    now: datetime,
    bom: bool = False,
    watch: Callable[[int], None] = lambda rows: None,
) -> Iterator[bytes]:
    """The file's bytes, read while they are written; ``bom`` is of CSV alone.

    ``watch`` hears how many rows are written, and may raise. Raises ParquetUnavailable.
    """
    match form:
        case FileForm.CSV:
            return (piece.encode() for piece in attendance_csv(table, bom=bom, watch=watch))
        case FileForm.XLSX:
            return attendance_xlsx(table, made_by=made_by, now=now, watch=watch)
        case FileForm.PARQUET:
            return attendance_parquet(table, made_by=made_by, now=now, watch=watch)
