"""An event's attendance, or one of its sessions', as a file.

Every file asks for the person's own events, as the pages do. Who takes one is noted with the
event, and why, as far as the address (``?reason=``) or the form says it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final

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
from analytics.models import FileDownload, FileForm
from analytics.privacy.modes import rules_of
from events.characters import clean_line
from events.models import Event

CONTENT_TYPES: Final = {
    FileForm.CSV: "text/csv; charset=utf-8",
    FileForm.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
REASON_CHARACTERS: Final = 300


def event_csv(request: HttpRequest, pk: int) -> StreamingHttpResponse:
    """The event's attendance as ``export_attendance`` writes it."""
    return _requested(request, _event_table(request, pk), FileForm.CSV)


def event_xlsx(request: HttpRequest, pk: int) -> StreamingHttpResponse:
    """The same as an Excel workbook."""
    return _requested(request, _event_table(request, pk), FileForm.XLSX)


def session_csv(request: HttpRequest, pk: int) -> StreamingHttpResponse:
    """One session's attendance, with the page's filter."""
    return _requested(request, _session_table(request, pk), FileForm.CSV)


def session_xlsx(request: HttpRequest, pk: int) -> StreamingHttpResponse:
    """The same as an Excel workbook."""
    return _requested(request, _session_table(request, pk), FileForm.XLSX)


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


def _requested(request: HttpRequest, table: ExportTable, form: FileForm) -> StreamingHttpResponse:
    reason = request.GET.get("reason", "")
    return file_response(request, table, form, bom=requested_bom(request), reason=reason)


def file_response(
    request: HttpRequest, table: ExportTable, form: FileForm, *, bom: bool, reason: str
) -> StreamingHttpResponse:
    """A download that is noted, and streamed while the rows are read. Nothing of it is kept."""
    name = f"{table.name}.{form}"
    log_download(request, table.event, name, reason)
    pieces: Iterator[Any] = (
        attendance_csv(table, bom=bom)
        if form is FileForm.CSV
        else attendance_xlsx(table, made_by=str(request.user), now=timezone.now())
    )
    response = StreamingHttpResponse(pieces, content_type=CONTENT_TYPES[form])
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["Cache-Control"] = "no-store"
    return response


def log_download(request: HttpRequest, event: Event, name: str, reason: str) -> None:
    """Note who takes which file of an event, and why."""
    FileDownload.objects.create(
        event=event,
        user_id=request.user.pk,
        name=name[:300],
        privacy=rules_of(event).mode.value,
        reason=clean_line(reason)[:REASON_CHARACTERS],
    )
