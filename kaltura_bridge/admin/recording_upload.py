"""Uploading a video for a session: the page, and what its script sends, part by part."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from django import forms
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, JsonResponse
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _

from events.models import Session
from events.models.fields import LineInput
from events.permissions import PLANNERS, events_for_team
from kaltura_bridge.admin.base import Base, render_page
from kaltura_bridge.api.errors import KalturaError
from kaltura_bridge.live.actions import refused
from kaltura_bridge.models import RecordingChange, RecordingChangeKind, RecordingChangeState
from kaltura_bridge.recordings import trail
from kaltura_bridge.recordings.orders import new_key, wake
from kaltura_bridge.recordings.uploading import MOST, PART, OutOfStep, open_upload, send_part

PAGE: Final = "admin:kaltura_bridge_recording_upload"


class UploadForm(forms.Form):
    """What is known of the file before it comes."""

    key = forms.UUIDField()
    name = LineInput(max_length=250, required=False)
    size = forms.IntegerField(min_value=1, max_value=MOST)
    replaces = forms.BooleanField(required=False)


class PartForm(forms.Form):
    """Where a part belongs."""

    at = forms.IntegerField(min_value=0, max_value=MOST)


def urls(modeladmin: Base) -> list[URLPattern]:
    """The page, which also opens an upload, and where its parts go."""

    def page(request: HttpRequest, pk: int) -> HttpResponse:
        session = _own_session(request, pk)
        return _open(request, session) if request.method == "POST" else _page(session, request)

    def _page(session: Session, request: HttpRequest) -> HttpResponse:
        context = {
            "session": session,
            "event": session.event,
            "key": new_key(),
            "part_size": PART,
            "back": reverse("admin:kaltura_bridge_recording_session", args=[session.pk]),
        }
        return render_page(modeladmin, request, "recording_upload", _("Upload a video"), context)

    wrap = modeladmin.admin_site.admin_view
    of = "recordings/of/<int:pk>/upload/"
    return [
        path(of, wrap(page), name="kaltura_bridge_recording_upload"),
        path(f"{of}<uuid:key>/", wrap(_part), name="kaltura_bridge_recording_part"),
    ]


def _own_session(request: HttpRequest, pk: int) -> Session:
    own = events_for_team(request.user, PLANNERS)
    return get_object_or_404(Session.objects.select_related("event"), pk=pk, event__in=own)


def _open(request: HttpRequest, session: Session) -> HttpResponse:
    form = UploadForm(request.POST)
    if not form.is_valid():
        return _trouble(_("This file cannot be uploaded: it is empty, or larger than 50 GB."), 400)
    sent: dict[str, Any] = form.cleaned_data
    try:
        change = open_upload(
            session,
            request.user,
            sent["key"],
            sent["name"],
            sent["size"],
            replaces=sent["replaces"],
        )
    except KalturaError as error:
        return _trouble(refused(error), 502)
    if change.session_id != session.pk or change.kind != RecordingChangeKind.UPLOAD:
        return _trouble(_("Open this page again."), 409)
    if change.bytes_received == 0:
        trail.note(request.user, session, f"upload of {change.bytes_expected} bytes")
    return _told(session, change)


def _part(request: HttpRequest, pk: int, key: UUID) -> HttpResponse:
    """The bytes are the body, so nothing is parsed and nothing written to a disk."""
    session = _own_session(request, pk)
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    uploads = RecordingChange.objects.filter(session=session, kind=RecordingChangeKind.UPLOAD)
    change = get_object_or_404(uploads.select_related("session"), key=key)
    form, length = PartForm(request.GET), request.META.get("CONTENT_LENGTH") or ""
    if not form.is_valid() or not length.isdecimal() or not 0 < int(length) <= PART:
        return _trouble(_("This is no part of the file."), 400)
    try:
        change = send_part(change, form.cleaned_data["at"], request.read(int(length)))
    except OutOfStep as error:
        return JsonResponse({"at": error.at}, status=409)
    except KalturaError as error:
        return _trouble(refused(error), 502)
    if change.state == RecordingChangeState.WAITING:
        wake()
    return _told(session, change)


def _told(session: Session, change: RecordingChange) -> HttpResponse:
    address = reverse("admin:kaltura_bridge_recording_part", args=[session.pk, change.key])
    is_whole = change.state != RecordingChangeState.UPLOADING
    return JsonResponse({"at": change.bytes_received, "url": address, "done": is_whole})


def _trouble(text: str, status: int) -> HttpResponse:
    return JsonResponse({"error": text}, status=status)
