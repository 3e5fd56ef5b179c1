"""The recordings desk in the admin: an event's list, and publishing or hiding of many at once."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from events.admin import extensions
from events.characters import clean_line
from events.i18n.languages import Words
from events.models import Event, Session
from events.permissions import PLANNERS, events_for_team
from kaltura_bridge.admin import recording_page, recording_upload
from kaltura_bridge.admin.base import Base, render_page
from kaltura_bridge.models import Recording, RecordingStatus
from kaltura_bridge.recordings import showing, trail
from kaltura_bridge.recordings.desk import PAGE, DeskFilter, columns, desk_rows, desk_sessions

DESK: Final = "admin:kaltura_bridge_recordings"
_LONGEST_WORDS: Final = 100
_PK: Final = re.compile(r"[0-9]{1,18}")


def urls(modeladmin: Base) -> list[URLPattern]:
    """The list of an event, its bulk actions, and the pages of its sessions."""

    def desk(request: HttpRequest, pk: int) -> HttpResponse:
        return _desk(modeladmin, request, pk)

    def bulk(request: HttpRequest, pk: int) -> HttpResponse:
        return _bulk(modeladmin, request, pk)

    wrap = modeladmin.admin_site.admin_view
    return [
        path("recordings/<int:pk>/", wrap(desk), name="kaltura_bridge_recordings"),
        path(
            "recordings/<int:pk>/bulk/",
            wrap(bulk),
            name="kaltura_bridge_recordings_bulk",
        ),
        *recording_upload.urls(modeladmin),
        *recording_page.urls(modeladmin),
    ]


def register() -> None:
    """Lead to the desk from events, and to a session's page from sessions."""
    label, may = gettext_lazy("Recordings"), "events.change_event"
    extensions.register_object_tool(Event, DESK, label, may)
    extensions.register_object_tool(Session, recording_page.PAGE, label, "events.change_session")


def _own_event(request: HttpRequest, pk: int) -> Event:
    events = events_for_team(request.user, PLANNERS).select_related("delivery")
    return get_object_or_404(events, pk=pk)


def _desk(modeladmin: Base, request: HttpRequest, pk: int) -> HttpResponse:
    event, now = _own_event(request, pk), timezone.now()
    shown = _filter_of(request.GET.get("show", ""))
    words = clean_line(request.GET.get("q", ""))[:_LONGEST_WORDS]
    pages = Paginator(desk_sessions(event, shown, words, now), PAGE)
    page = pages.get_page(request.GET.get("page"))
    context = {
        "event": event,
        "rows": desk_rows(page.object_list, now),  # type: ignore[arg-type]  # a queryset
        "page": page,
        "total": pages.count,
        "columns": columns(),
        "filters": list(DeskFilter),
        "shown": shown,
        "words": words,
    }
    return render_page(modeladmin, request, "recordings", _title(event), context)


def _title(event: Event) -> str:
    return _("Recordings of “%(event)s”") % {"event": event}


def _filter_of(text: str) -> DeskFilter:
    return DeskFilter(text) if text in set(DeskFilter) else DeskFilter.ALL


# --- Many at once -------------------------------------------------------------------------------


@dataclass(frozen=True)
class BulkShowing:
    """Publishing or hiding, for chosen sessions: which recordings, and the button's words."""

    title: Words
    confirm: Words
    nothing: Words
    recordings: list[Recording]

    @property
    def fingerprint(self) -> str:
        """The same for two previews that do the same."""
        told = [self.title, *((row.pk, row.entry_id) for row in self.recordings)]
        return hashlib.sha256(repr(told).encode()).hexdigest()


class SessionsField(forms.ModelMultipleChoiceField):  # type: ignore[type-arg]
    """Sessions by their primary keys; a number that no database keeps is none of them."""

    def clean(self, value: Any) -> Any:
        return super().clean([text for text in value or () if _PK.fullmatch(str(text))])


class BulkForm(forms.Form):
    """What to do with which sessions of the event."""

    action = forms.ChoiceField(
        choices=[("publish", gettext_lazy("Publish")), ("hide", gettext_lazy("Hide"))]
    )
    session = SessionsField(
        Session.objects.none(),
        error_messages={"required": gettext_lazy("Choose at least one session.")},
    )
    shown = forms.CharField(required=False, max_length=64)

    def __init__(self, *args: Any, event: Event, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["session"]
        field.queryset = Session.objects.filter(event=event)


def _bulk(modeladmin: Base, request: HttpRequest, pk: int) -> HttpResponse:
    event = _own_event(request, pk)
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    form = BulkForm(request.POST, event=event)
    if not form.is_valid():
        messages.error(request, " ".join(str(e) for errors in form.errors.values() for e in errors))
        return redirect(DESK, event.pk)
    chosen = form.cleaned_data
    does_publish = chosen["action"] == "publish"
    preview = _preview(does_publish, list(chosen["session"]))
    if not preview.recordings:
        messages.info(request, str(preview.nothing))
        return redirect(DESK, event.pk)
    if chosen["shown"] == preview.fingerprint:
        _do(request, preview, does_publish)
        return redirect(DESK, event.pk)
    context = {
        "event": event,
        "preview": preview,
        "chosen": chosen,
        "changed_since": bool(chosen["shown"]),
        "desk_url": reverse(DESK, args=[event.pk]),
    }
    return render_page(modeladmin, request, "recordings_bulk", preview.title, context)


def _preview(does_publish: bool, sessions: Sequence[Session]) -> BulkShowing:
    rows: dict[int, list[Recording]] = {}
    found = Recording.objects.filter(session__in=sessions).select_related("session__event")
    for row in found.order_by("session__starts_at", "pk"):
        rows.setdefault(row.session_id, []).append(row)
    if does_publish:
        picked = [showing.to_publish(of[0].session, of) for of in rows.values()]
        return BulkShowing(
            gettext_lazy("Publish recordings?"),
            gettext_lazy("Publish them"),
            gettext_lazy("None of these sessions has a recording that is ready and not published."),
            [row for row in picked if row],
        )
    return BulkShowing(
        gettext_lazy("Hide recordings?"),
        gettext_lazy("Hide them"),
        gettext_lazy("None of these sessions has a recording that is published."),
        [
            row
            for of in rows.values()
            for row in of
            if row.is_published and row.state != RecordingStatus.GONE
        ],
    )


def _do(request: HttpRequest, preview: BulkShowing, does_publish: bool) -> None:
    done = 0
    for row in preview.recordings:
        if (showing.publish if does_publish else showing.hide)(row):
            done += 1
            verb = "publish" if does_publish else "hide"
            trail.note(request.user, row.session, f"{verb} {row.entry_id}")
    text = (
        ngettext("%(n)d recording is published.", "%(n)d recordings are published.", done)
        if does_publish
        else ngettext("%(n)d recording is hidden.", "%(n)d recordings are hidden.", done)
    )
    messages.success(request, text % {"n": done})
