"""Registrations and answers as files."""

from __future__ import annotations

import io
from typing import Any, TypeVar

from django.http import HttpResponse, StreamingHttpResponse

from events.exports.registrations import RegistrationTable
from events.exports.tables import csv_chunks, formula_safe, write_xlsx

Sent = TypeVar("Sent", HttpResponse, StreamingHttpResponse)

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def registrations_csv(registrations: Any) -> StreamingHttpResponse:
    """A CSV file for Excel and everybody else, sent while it is written."""
    table = RegistrationTable(registrations)
    chunks = csv_chunks(_headings(table), table.rows(), bom=True)
    response = StreamingHttpResponse(chunks, content_type="text/csv; charset=utf-8")
    return attached(response, "registrations.csv")


def registrations_xlsx(registrations: Any) -> HttpResponse:
    """The same as a workbook."""
    table, file = RegistrationTable(registrations), io.BytesIO()
    write_xlsx(_headings(table), table.rows(), file, "Registrations")
    return attached(HttpResponse(file.getvalue(), content_type=XLSX), "registrations.xlsx")


def _headings(table: RegistrationTable) -> list[str]:
    """Guarded like the cells, for some of them are somebody's text."""
    return [formula_safe(name) for name in table.columns]


def attached(response: Sent, name: str) -> Sent:
    """The response as a file to keep, which no cache keeps."""
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["Cache-Control"] = "private, no-store"
    return response
