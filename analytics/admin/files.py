"""An event's attendance, or one of its sessions', as a file.

Every file asks for the person's own events, as the pages do.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone

from analytics.admin.scope import event_for_analyst, requested_filter, session_for_analyst
from analytics.exports import (
    ExportLevel,
    ExportTable,
    attendance_csv,
    attendance_table,
    attendance_xlsx,
)

WORKBOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def event_csv(request: HttpRequest, pk: int) -> StreamingHttpResponse:
    """The event's attendance as ``export_attendance`` writes it."""
    return csv_response(_event_table(request, pk), bom=requested_bom(request))


def event_xlsx(request: HttpRequest, pk: int) -> StreamingHttpResponse:
    """The same as an Excel workbook."""
    return xlsx_response(_event_table(request, pk), request.user)


def session_csv(request: HttpRequest, pk: int) -> StreamingHttpResponse:
    """One session's attendance, with the page's filter."""
    return csv_response(_session_table(request, pk), bom=requested_bom(request))


def session_xlsx(request: HttpRequest, pk: int) -> StreamingHttpResponse:
    """The same as an Excel workbook."""
    return xlsx_response(_session_table(request, pk), request.user)


# Route, view and name, for the admin of the reports.
PAGES: list[tuple[str, Callable[..., HttpResponseBase], str]] = [
    ("<int:pk>/attendance.csv", event_csv, "analytics_event_csv"),
    ("<int:pk>/attendance.xlsx", event_xlsx, "analytics_event_xlsx"),
    ("sessions/<int:pk>/attendance.csv", session_csv, "analytics_session_csv"),
    ("sessions/<int:pk>/attendance.xlsx", session_xlsx, "analytics_session_xlsx"),
]


def _event_table(request: HttpRequest, pk: int) -> ExportTable:
    event, level = event_for_analyst(request.user, pk), requested_level(request)
    return attendance_table(event, level, show=requested_filter(request))


def _session_table(request: HttpRequest, pk: int) -> ExportTable:
    session, level = session_for_analyst(request.user, pk), requested_level(request)
    return attendance_table(session.event, level, session=session, show=requested_filter(request))


def requested_level(request: HttpRequest) -> ExportLevel:
    """What a row of the file is; a person and session if ``level`` is missing or unknown."""
    asked = request.GET.get("level", "")
    return ExportLevel(asked) if asked in set(ExportLevel) else ExportLevel.PERSON


def requested_bom(request: HttpRequest) -> bool:
    """Whether the file is to begin with a byte order mark (``?bom=1``), as Excel wants it."""
    return request.GET.get("bom") == "1"


def csv_response(table: ExportTable, *, bom: bool = False) -> StreamingHttpResponse:
    """A download that is streamed while the rows are read."""
    pieces = attendance_csv(table, bom=bom)
    response = StreamingHttpResponse(pieces, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{table.name}.csv"'
    response["Cache-Control"] = "no-store"
    return response


def xlsx_response(table: ExportTable, user: Any) -> StreamingHttpResponse:
    """A workbook that is streamed while the rows are read. Nothing of it is kept here."""
    pieces = attendance_xlsx(table, made_by=str(user), now=timezone.now())
    response = StreamingHttpResponse(pieces, content_type=WORKBOOK)
    response["Content-Disposition"] = f'attachment; filename="{table.name}.xlsx"'
    response["Cache-Control"] = "no-store"
    return response
