"""The page on which analysts ask for a file, say why, and see what becomes of it."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any
from uuid import UUID

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from analytics.admin.files import CONTENT_TYPES, file_response, log_download
from analytics.admin.reports.session import FILTER_LABELS
from analytics.admin.scope import event_for_analyst
from analytics.exports import ExportLevel, attendance_table
from analytics.exports.columns import COLUMNS
from analytics.exports.making import cancel_file, expected_rows, is_withdrawn, path_of
from analytics.models import AttendanceFile, EventReport, FileDownload, FileForm, FileState
from analytics.privacy.modes import rules_of
from analytics.roster import PeopleFilter, reported_sessions
from analytics.tasks import make_attendance_files
from events.models import Event, Session
from events.models.fields import LineInput

logger = logging.getLogger(__name__)

SHOWN_ROWS = 50
_NAMES = dict.fromkeys(column.name for columns in COLUMNS.values() for column in columns)


class FileRequestForm(forms.Form):
    """Which file, and why."""

    level = forms.ChoiceField(
        label=gettext_lazy("A row is"),
        choices=[
            (ExportLevel.PERSON, gettext_lazy("a person and session")),
            (ExportLevel.STAY, gettext_lazy("a stay, as reported")),
        ],
    )
    form = forms.ChoiceField(label=gettext_lazy("Format"), choices=FileForm.choices)
    session: forms.ModelChoiceField[Session] = forms.ModelChoiceField(
        label=gettext_lazy("Session"),
        queryset=Session.objects.none(),
        required=False,
        empty_label="–",
    )
    show = forms.ChoiceField(label=gettext_lazy("People"), choices=list(FILTER_LABELS.items()))
    columns = forms.MultipleChoiceField(
        label=gettext_lazy("Columns"),
        choices=[(name, name) for name in _NAMES],
        required=False,
        help_text=gettext_lazy("None chosen: all of them."),
    )
    bom = forms.BooleanField(
        label=gettext_lazy("For Excel on Windows (byte order mark)"), required=False
    )
    reason = LineInput(label=gettext_lazy("Reason"), max_length=300, required=False)

    def __init__(self, event: Event, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        sessions: Any = self.fields["session"]
        sessions.queryset = reported_sessions(event)
        if rules_of(event).names_people:
            self.fields["reason"].required = True
            self.fields["reason"].help_text = _("The file names people. Why is it needed?")

    def clean(self) -> dict[str, Any]:
        """The columns must be of the level."""
        data = super().clean() or {}
        if level := data.get("level"):
            known = {column.name for column in COLUMNS[ExportLevel(level)]}
            if unknown := [name for name in data.get("columns", []) if name not in known]:
                self.add_error(
                    "columns",
                    _("These are columns of the other kind of row: %(names)s.")
                    % {"names": ", ".join(unknown)},
                )
        return data


def event_files(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Ask for a file; see one's own, and who took which."""
    event = event_for_analyst(request.user, pk)
    start = {name: request.GET.get(name) for name in ("level", "form", "session", "show")}
    form = FileRequestForm(event, request.POST or None, initial=start)
    if request.method == "POST" and form.is_valid():
        return _asked(request, event, form.cleaned_data)
    request.current_app = admin.site.name
    files = AttendanceFile.objects.filter(event=event, user=request.user.pk)
    context = {
        **admin.site.each_context(request),
        "opts": EventReport._meta,
        "title": _("Attendance files: %(event)s") % {"event": event.title},
        "event": event,
        "privacy": rules_of(event),
        "form": form,
        "files": files[:SHOWN_ROWS],
        "downloads": FileDownload.objects.filter(event=event).select_related("user")[:SHOWN_ROWS],
    }
    response = TemplateResponse(request, "analytics/files.html", context)
    response["Cache-Control"] = "no-store"
    return response


def _asked(request: HttpRequest, event: Event, data: dict[str, Any]) -> HttpResponseBase:
    """The file at once, or a word that it is being made."""
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
    own = AttendanceFile.objects.filter(event=event, user=request.user.pk)
    return get_object_or_404(own.select_related("event"), uuid=uuid)


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
    ("<int:pk>/files/<uuid:uuid>/", take_file, "analytics_file"),
    ("<int:pk>/files/<uuid:uuid>/cancel/", end_file, "analytics_file_cancel"),
]
