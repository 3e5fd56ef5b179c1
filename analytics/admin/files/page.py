"""The page on which analysts ask for a file, say why, and see what becomes of it."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any, Final
from uuid import UUID

from django.conf import settings
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from analytics.admin.files.downloads import CONTENT_TYPES, file_response, log_download
from analytics.admin.files.forms import FileRequestForm
from analytics.admin.scope import event_for_analyst
from analytics.exports import ExportLevel, attendance_table
from analytics.exports.making import cancel_file, expected_rows
from analytics.exports.stored import is_withdrawn, path_of
from analytics.models import (
    AttendanceFile,
    EventReport,
    FileDownload,
    FileForm,
    FileSchedule,
    FileState,
)
from analytics.privacy.modes import rules_of
from analytics.roster import PeopleFilter, reported_sessions
from analytics.tasks import make_attendance_files
from events.models import Event

logger = logging.getLogger(__name__)

SHOWN_ROWS = 50
# What an address may fill in.
_GIVEN: Final = ("level", "form", "session", "show", "bom", "reason")


def event_files(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Ask for a file; see one's own, what is planned, and who took which."""
    event = event_for_analyst(request.user, pk)
    start = {name: request.GET[name] for name in _GIVEN if request.GET.get(name)}
    sessions = reported_sessions(event)
    form = FileRequestForm(request.user, event, sessions, request.POST or None, initial=start)
    if request.method == "POST" and form.is_valid():
        return _asked(request, event, form.cleaned_data)
    planned = FileSchedule.objects.filter(event=event)
    context = {
        "title": _("Attendance files: %(event)s") % {"event": event.title},
        "privacy": rules_of(event),
        "form": form,
        # Whoever comes by an address of a file is told why they are here.
        "asks_reason": "form" in start and form.fields["reason"].required,
        "files": own_files(request, event)[:SHOWN_ROWS],
        "planned": planned.select_related("user", "preset")[:SHOWN_ROWS],
        "downloads": FileDownload.objects.filter(event=event).select_related("user")[:SHOWN_ROWS],
    }
    return files_page(request, event, "analytics/files.html", context)


def files_page(
    request: HttpRequest, event: Event, template: str, context: dict[str, Any]
) -> HttpResponseBase:
    """A page about an event's files, within the admin; nobody keeps a copy of it."""
    request.current_app = admin.site.name
    site = {**admin.site.each_context(request), "opts": EventReport._meta, "event": event}
    response = TemplateResponse(request, template, {**site, **context})
    response["Cache-Control"] = "no-store"
    return response


def own_files(request: HttpRequest, event: Event) -> QuerySet[AttendanceFile]:
    """What this person asked for or planned."""
    return AttendanceFile.objects.filter(event=event, user=request.user.pk)


def file_rows(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The table of one's own files by itself: the page's script asks while one is made."""
    event = event_for_analyst(request.user, pk)
    context = {"event": event, "files": own_files(request, event)[:SHOWN_ROWS]}
    response = TemplateResponse(request, "analytics/_own_files.html", context)
    response["Cache-Control"] = "no-store"
    return response


def _asked(request: HttpRequest, event: Event, data: dict[str, Any]) -> HttpResponseBase:
    """The file at once, or a word that it is being made."""
    preset = data.pop("preset")
    if preset:
        data["columns"] = preset.columns
    table = attendance_table(
        event,
        ExportLevel(data["level"]),
        session=data["session"],
        show=PeopleFilter(data["show"]),
        columns=data["columns"],
    )
    rows = expected_rows(table)
    if rows <= settings.EXPORT_STREAM_ROWS:
        return file_response(
            request, table, FileForm(data["form"]), bom=data["bom"], reason=data["reason"]
        )
    user: Any = request.user
    AttendanceFile.objects.create(event=event, user=user, rows_expected=rows, **data)
    try:
        make_attendance_files.delay()
    except Exception:  # the broker's own errors differ by broker
        logger.warning("The broker did not take the wish for a file", exc_info=True)
    messages.success(request, _("The file is large, so it is made in the background."))
    return redirect("admin:analytics_event_files", event.pk)


def _own_file(request: HttpRequest, pk: int, uuid: UUID) -> AttendanceFile:
    event = event_for_analyst(request.user, pk)
    return get_object_or_404(own_files(request, event).select_related("event"), uuid=uuid)


def take_file(request: HttpRequest, pk: int, uuid: UUID) -> HttpResponseBase:
    """A file that is ready, for whoever asked for it and may still read the event's figures."""
    file = _own_file(request, pk, uuid)
    if file.state != FileState.READY or is_withdrawn(file, timezone.now()):
        raise Http404
    try:
        content = path_of(file.uuid).open("rb")
    except FileNotFoundError:
        raise Http404 from None
    log_download(request, file.event, file.name, file.reason)
    response = FileResponse(
        content,
        as_attachment=True,
        filename=file.name,
        content_type=CONTENT_TYPES[FileForm(file.form)],
    )
    response["Cache-Control"] = "no-store"
    return response


def end_file(request: HttpRequest, pk: int, uuid: UUID) -> HttpResponse:
    """Cancel a file that is not made yet."""
    file = _own_file(request, pk, uuid)
    if request.method == "POST" and cancel_file(file):
        messages.success(request, _("Cancelled."))
    return redirect("admin:analytics_event_files", pk)


# Route, view and name, for the admin of the reports.
PAGES: list[tuple[str, Callable[..., HttpResponseBase], str]] = [
    ("<int:pk>/files/", event_files, "analytics_event_files"),
    ("<int:pk>/files/rows/", file_rows, "analytics_file_rows"),
    ("<int:pk>/files/<uuid:uuid>/", take_file, "analytics_file"),
    ("<int:pk>/files/<uuid:uuid>/cancel/", end_file, "analytics_file_cancel"),
]
