"""Attendance files, schema 1: the same rows as CSV and as XLSX, a few hundred at a time."""

from analytics.exports.rows import (
    PERSON_COLUMNS,
    STAY_COLUMNS,
    ExportLevel,
    ExportTable,
    attendance_table,
)
from analytics.exports.writers import csv_chunks, csv_text, formula_safe, write_xlsx

__all__ = [
    "PERSON_COLUMNS",
    "STAY_COLUMNS",
    "ExportLevel",
    "ExportTable",
    "attendance_table",
    "csv_chunks",
    "csv_text",
    "formula_safe",
    "write_xlsx",
]
