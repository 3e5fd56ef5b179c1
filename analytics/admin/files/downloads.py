"""An event's attendance, or one of its sessions', as a file, by its own address.

Every file asks for the person's own events, as the pages do. Who takes one is noted with the
event, and why. A file that names people needs a reason (``?reason=``), and a large one is not
streamed: whoever asks for one without, or for one so large, is led to the page of the files,
where the form is filled in.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest, HttpResponseRedirect, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils import timezone

from analytics.admin.scope import event_for_analyst, requested_filter, session_for_analyst
from analytics.exports import ExportLevel, ExportTable, attendance_table
from analytics.exports.making import expected_rows
from analytics.exports.writing import file_pieces
from analytics.models import FileDownload, FileForm
from analytics.privacy.modes import rules_of
from events.characters import clean_line
from events.models import Event

CONTENT_TYPES: Final = {
    FileForm.CSV: "text/csv; charset=utf-8",
    FileForm.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    # https://www.iana.org/assignments/media-types/application/vnd.apache.parquet
    FileForm.PARQUET: "application/vnd.apache.parquet",
}
REASON_CHARACTERS: Final = 300


def event_csv(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The event's attendance as ``export_attendance`` writes it."""
    return _requested(request, _event_table(request, pk), FileForm.CSV)


def event_xlsx(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The same as an Excel workbook."""
    return _requested(request, _event_table(request, pk), FileForm.XLSX)


def session_csv(request: HttpRequest, pk: int) -> HttpResponseBase:
    """One session's attendance, with the page's filter."""
    return _requested(request, _session_table(request, pk), FileForm.CSV)


def session_xlsx(request: HttpRequest, pk: int) -> HttpResponseBase:
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


def _requested(request: HttpRequest, table: ExportTable, form: FileForm) -> HttpResponseBase:
    reason = clean_line(request.GET.get("reason", ""))
    unsaid = table.rules.names_people and not reason
    if unsaid or expected_rows(table) > settings.EXPORT_STREAM_ROWS:
        return HttpResponseRedirect(_page_for(request, table, form, reason))
    return file_response(request, table, form, bom=requested_bom(request), reason=reason)


def _page_for(request: HttpRequest, table: ExportTable, form: FileForm, reason: str) -> str:
    """The page of the files, with this one filled in."""
    wanted = {
        "level": table.level.value,
        "form": form.value,
        "show": table.show.value,
        "session": table.session.pk if table.session else "",
        "bom": "1" if requested_bom(request) else "",
        "reason": reason[:REASON_CHARACTERS],
    }
    page = reverse("admin:analytics_event_files", args=[table.event.pk])
    return f"{page}?{urlencode({name: value for name, value in wanted.items() if value})}"


def file_response(
    request: HttpRequest, table: ExportTable, form: FileForm, *, bom: bool, reason: str
) -> StreamingHttpResponse:
    """A download that is noted, and streamed while the rows are read. Nothing of it is kept."""
    name = f"{table.name}.{form}"
    log_download(request, table.event, name, reason)
    pieces = file_pieces(table, form, made_by=str(request.user), now=timezone.now(), bom=bom)
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
