"""Attendance files, schema 1: the same rows as CSV and as XLSX, read while they are written."""

from analytics.exports.columns import PERSON_COLUMNS, STAY_COLUMNS, ExportLevel
from analytics.exports.csv_file import attendance_csv
from analytics.exports.rows import ExportTable, attendance_table
from analytics.exports.xlsx import attendance_xlsx
from events.exports.tables import csv_chunks, csv_text, formula_safe

__all__ = [
    "PERSON_COLUMNS",
    "STAY_COLUMNS",
    "ExportLevel",
    "ExportTable",
    "attendance_csv",
    "attendance_table",
    "attendance_xlsx",
    "csv_chunks",
    "csv_text",
    "formula_safe",
]
