"""Bring a file, see what it would do, let it."""

from __future__ import annotations

import io
from collections.abc import Callable
from functools import wraps
from typing import Any, Final
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from events.admin.incoming.forms import ImportRulesForm, IncomingForm, TableColumnsForm
from events.admin.incoming.sources import source_page
from events.admin.registrations import XLSX, attached
from events.admin.scope import user_of
from events.drafts.gathering import collects
from events.exports.agenda_table import AGENDA_COLUMNS, agenda_rows
from events.exports.speaker_table import SPEAKER_COLUMNS, speaker_rows
from events.exports.tables import csv_chunks, write_xlsx
from events.imports.plan import ChangeKind
from events.incoming.arriving import ask, files_of, remember, take_file
from events.incoming.corrected import corrected_file
from events.incoming.planning import SHOWN
from events.incoming.work import work_soon
from events.models import Event, IncomingFile, IncomingKind, IncomingState

Page = Callable[..., HttpResponse]
_AT_WORK: Final = (IncomingState.READING, IncomingState.SAVING)


def _for_reading(page: Page) -> Page:
    """Answers GET alone."""

    @wraps(page)
    def answer(modeladmin: Any, request: HttpRequest, *args: Any, **about: Any) -> HttpResponse:
        if request.method not in {"GET", "HEAD"}:
            return HttpResponseNotAllowed(["GET", "HEAD"])
        return page(modeladmin, request, *args, **about)

    return answer


def import_page(modeladmin: Any, request: HttpRequest, event: Event) -> HttpResponse:
    """Take a file; list those that this person brought, and what can be taken out."""
    form = IncomingForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        incoming = take_file(
            event, user_of(request), file.name, file.read(), form.cleaned_data["kind"]
        )
        work_soon(incoming, _wake)
        return redirect(_address(event, incoming))
    context = {
        **_context(modeladmin, request, event),
        "title": _("In and out"),
        "form": form,
        "files": files_of(user_of(request), event),
    }
    return TemplateResponse(request, "admin/events/incoming/upload.html", context)


def incoming_page(modeladmin: Any, request: HttpRequest, event: Event, file: UUID) -> HttpResponse:
    """What is in one file, and what it would do; a press of a button does it."""
    incoming = _mine(request, event, file)
    table = incoming.preview.get("table")
    posted = request.POST if request.method == "POST" else None
    asked = posted if posted and "look" in posted else None
    rules = ImportRulesForm(incoming.rules, asked)
    columns = TableColumnsForm(incoming.kind, table, asked) if table else None
    if posted and (done := _act(request, incoming, rules, columns)):
        return done
    preview = incoming.preview
    context = {
        **_context(modeladmin, request, event),
        "title": _("Import “%(file)s”") % {"file": incoming},
        "incoming": incoming,
        "is_at_work": incoming.state in _AT_WORK,
        "preview": preview if incoming.state == IncomingState.READY else {},
        "groups": _groups(preview) if incoming.state == IncomingState.READY else [],
        "shown": SHOWN,
        "rules": rules if incoming.kind == IncomingKind.SESSIONS else None,
        "columns": columns,
    }
    response = TemplateResponse(request, "admin/events/incoming/file.html", context)
    response["Cache-Control"] = "private, no-store"
    return response


def _act(
    request: HttpRequest,
    incoming: IncomingFile,
    rules: ImportRulesForm,
    columns: TableColumnsForm | None,
) -> HttpResponse | None:
    """What the pressed button asks for; None when a form has to be corrected."""
    event, pressed = incoming.event, request.POST
    if "discard" in pressed:
        files_of(user_of(request), event).filter(pk=incoming.pk).delete()
        messages.success(request, _("“%(file)s” is deleted.") % {"file": incoming})
        return redirect("admin:events_event_import", event.pk)
    if "save" in pressed:
        # What is saved is what this page showed, and nothing else.
        if pressed["save"] != incoming.fingerprint or not ask(incoming, IncomingState.SAVING):
            messages.warning(request, _("The preview is another one by now; look again."))
        else:
            work_soon(incoming, _wake)
        return redirect(_address(event, incoming))
    if "look" not in pressed:
        return redirect(_address(event, incoming))
    of_sessions = incoming.kind == IncomingKind.SESSIONS
    if (of_sessions and not rules.is_valid()) or not (columns is None or columns.is_valid()):
        return None
    changes: dict[str, Any] = {}
    if of_sessions:
        changes["rules"] = {**incoming.rules, **rules.cleaned_data}
    if columns is not None:
        changes |= {"sheet": columns.sheet, "columns": columns.columns}
        if columns.columns is not None:
            remember(user_of(request), event, incoming.kind, columns.meanings)
    if ask(incoming, IncomingState.READING, **changes):
        work_soon(incoming, _wake)
    return redirect(_address(event, incoming))


@_for_reading
def corrected_page(modeladmin: Any, request: HttpRequest, event: Event, file: UUID) -> HttpResponse:
    """The same file with a column of what is wrong, for whoever brought it."""
    incoming = _mine(request, event, file)
    if not incoming.preview.get("errors") or "table" not in incoming.preview:
        raise Http404
    ending, data = corrected_file(incoming)
    kind = XLSX if ending == "xlsx" else "text/csv; charset=utf-8"
    return attached(HttpResponse(data, content_type=kind), f"{event.slug}-errors.{ending}")


@_for_reading
def export_page(
    modeladmin: Any, request: HttpRequest, event: Event, kind: str, form: str
) -> HttpResponse:
    """All sessions or speakers as a table, which comes back in as it was."""
    tables: dict[str, tuple[tuple[str, ...], Any]] = {
        "sessions": (AGENDA_COLUMNS, agenda_rows(event, settings.SITE_URL)),
        "speakers": (SPEAKER_COLUMNS, speaker_rows(event)),
    }
    if kind not in tables:
        raise Http404
    columns, rows = tables[kind]
    if form == "csv":
        data = "".join(csv_chunks(columns, rows, bom=True)).encode()
        response = HttpResponse(data, content_type="text/csv; charset=utf-8")
    elif form == "xlsx":
        book = io.BytesIO()
        write_xlsx(columns, rows, book, kind.capitalize())
        response = HttpResponse(book.getvalue(), content_type=XLSX)
    else:
        raise Http404
    return attached(response, f"{event.slug}-{kind}.{form}")


def _mine(request: HttpRequest, event: Event, file: UUID) -> IncomingFile:
    """Somebody else's file is not there."""
    mine = files_of(user_of(request), event).defer(None)
    return get_object_or_404(mine.select_related("event"), uuid=file)


def _groups(preview: dict[str, Any]) -> list[dict[str, Any]]:
    """The kinds of change that there are, with how many and the first of them."""
    titles = {
        ChangeKind.NEW: _("New"),
        ChangeKind.CHANGED: _("Changed"),
        ChangeKind.REMOVED: _("Not in the file, to be cancelled"),
    }
    counts, groups = preview.get("counts", {}), preview.get("groups", {})
    return [
        {"kind": kind.value, "title": title, "count": counts[kind], "items": groups[kind]}
        for kind, title in titles.items()
        if counts.get(kind)
    ]


def _wake() -> None:
    # Of a process that serves pages only whoever brings a large file needs Celery's tasks.
    from events.tasks import read_incoming_files

    read_incoming_files.delay()


def _address(event: Event, incoming: IncomingFile) -> str:
    return reverse("admin:events_event_import_file", args=[event.pk, incoming.uuid])


def _context(modeladmin: Any, request: HttpRequest, event: Event) -> dict[str, Any]:
    return {
        **modeladmin.admin_site.each_context(request),
        "event": event,
        "opts": modeladmin.opts,
        "is_live": collects(event),
    }


#: What follows the name and the address of the page, and what answers there.
INCOMING_PAGES: Final[tuple[tuple[str, str, Page], ...]] = (
    ("", "", import_page),
    ("_export", "<slug:kind>.<slug:form>", export_page),
    ("_source", "source/", source_page),
    ("_file", "<uuid:file>/", incoming_page),
    ("_corrected", "<uuid:file>/errors/", corrected_page),
)
