"""An event's attendance, or one of its sessions', as a file.

Every file asks for the person's own events, as the pages do.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from contextlib import ExitStack

from django.http import FileResponse, HttpRequest, StreamingHttpResponse
from django.http.response import HttpResponseBase

from analytics.admin.scope import event_for_analyst, requested_filter, session_for_analyst
from analytics.exports import ExportLevel, ExportTable, attendance_csv, attendance_table, write_xlsx

WORKBOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
IN_MEMORY_BYTES = 5_000_000


def event_csv(request: HttpRequest, pk: int) -> StreamingHttpResponse:
    """The event's attendance as ``export_attendance`` writes it."""
    return csv_response(*_event_table(request, pk), bom=requested_bom(request))


def event_xlsx(request: HttpRequest, pk: int) -> FileResponse:
    """The same as an Excel workbook."""
    return xlsx_response(*_event_table(request, pk))


def session_csv(request: HttpRequest, pk: int) -> StreamingHttpResponse:
    """One session's attendance, with the page's filter."""
    return csv_response(*_session_table(request, pk), bom=requested_bom(request))


def session_xlsx(request: HttpRequest, pk: int) -> FileResponse:
    """The same as an Excel workbook."""
    return xlsx_response(*_session_table(request, pk))


# Route, view and name, for the admin of the reports.
PAGES: list[tuple[str, Callable[..., HttpResponseBase], str]] = [
    ("<int:pk>/attendance.csv", event_csv, "analytics_event_csv"),
    ("<int:pk>/attendance.xlsx", event_xlsx, "analytics_event_xlsx"),
    ("sessions/<int:pk>/attendance.csv", session_csv, "analytics_session_csv"),
    ("sessions/<int:pk>/attendance.xlsx", session_xlsx, "analytics_session_xlsx"),
]


def _event_table(request: HttpRequest, pk: int) -> tuple[ExportTable, str]:
    """What the event's file holds, and its name without the extension."""
    event, level = event_for_analyst(request.user, pk), requested_level(request)
    table = attendance_table(event, level, show=requested_filter(request))
    return table, f"{event.slug}-{level}"


def _session_table(request: HttpRequest, pk: int) -> tuple[ExportTable, str]:
    session, level = session_for_analyst(request.user, pk), requested_level(request)
    table = attendance_table(session.event, level, session=session, show=requested_filter(request))
    return table, f"{session.event.slug}-{session.slug}-{level}"


def requested_level(request: HttpRequest) -> ExportLevel:
    """What a row of the file is; a person and session if ``level`` is missing or unknown."""
    asked = request.GET.get("level", "")
    return ExportLevel(asked) if asked in set(ExportLevel) else ExportLevel.PERSON


def requested_bom(request: HttpRequest) -> bool:
    """Whether the file is to begin with a byte order mark (``?bom=1``), as Excel wants it."""
    return request.GET.get("bom") == "1"


def csv_response(table: ExportTable, name: str, *, bom: bool = False) -> StreamingHttpResponse:
    """A download that is streamed while the rows are read."""
    pieces = attendance_csv(table, bom=bom)
    response = StreamingHttpResponse(pieces, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    response["Cache-Control"] = "no-store"
    return response


def xlsx_response(table: ExportTable, name: str) -> FileResponse:
    """A workbook as a download. A large one is kept in an unnamed temporary file meanwhile."""
    with ExitStack() as undo:
        file = undo.enter_context(tempfile.SpooledTemporaryFile(IN_MEMORY_BYTES))
        write_xlsx(table.columns, table.rows, file)
        undo.pop_all()  # From here on the response closes it.
    file.seek(0)
    response = FileResponse(
        file, as_attachment=True, filename=f"{name}.xlsx", content_type=WORKBOOK
    )
    response["Cache-Control"] = "no-store"
    return response
