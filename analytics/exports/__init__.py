"""Attendance files, schema 1: the same rows as CSV and XLSX, streamed."""

from analytics.exports.rows import PERSON_COLUMNS, STAY_COLUMNS, Level, Show, Table, table
from analytics.exports.writers import csv_chunks, csv_text, formula_safe, write_xlsx

__all__ = [
    "PERSON_COLUMNS",
    "STAY_COLUMNS",
    "Level",
    "Show",
    "Table",
    "csv_chunks",
    "csv_text",
    "formula_safe",
    "table",
    "write_xlsx",
]
