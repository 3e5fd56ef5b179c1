"""Attendance files, schema 1: the same rows as CSV and as XLSX, read while they are written."""

from functools import partial

from analytics.exports.columns import PERSON_COLUMNS, STAY_COLUMNS, ExportLevel
from analytics.exports.csv_file import attendance_csv
from analytics.exports.rows import ExportTable, attendance_table
from events.exports import tables
from events.exports.tables import csv_chunks, csv_text, formula_safe

write_xlsx = partial(tables.write_xlsx, sheet_name="Attendance")

__all__ = [
    "PERSON_COLUMNS",
    "STAY_COLUMNS",
    "ExportLevel",
    "ExportTable",
    "attendance_csv",
    "attendance_table",
    "csv_chunks",
    "csv_text",
    "formula_safe",
    "write_xlsx",
]
