"""One recording's captions in the admin: the team reads them, shows them to viewers, hides them."""

from __future__ import annotations

from typing import Any, Final

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, path
from django.utils.translation import gettext as _

from events.admin.scope import user_of
from events.permissions import PLANNERS, events_for_team
from kaltura_bridge.admin.base import Base, render_page
from kaltura_bridge.captions import asking
from kaltura_bridge.captions.languages import code_of
from kaltura_bridge.captions.transcript import lines_of
from kaltura_bridge.models import CaptionTrack, TrackWish
from kaltura_bridge.queue import TaskName, enqueue

TRACK: Final = "admin:kaltura_bridge_caption_track"
PAGE_LINES: Final = 500
KEEP: Final = "keep"  # show what is withheld since its recording was cut


def urls(modeladmin: Base) -> list[URLPattern]:
    """The page of captions, and the door by which they are shown and hidden."""

    def read(request: HttpRequest, pk: int) -> HttpResponse:
        return _read(modeladmin, request, pk)

    wrap = modeladmin.admin_site.admin_view
    return [
        path("track/<int:pk>/", wrap(read), name="kaltura_bridge_caption_track"),
        path("track/<int:pk>/show/", wrap(_show), name="kaltura_bridge_caption_show"),
    ]


def _own_track(request: HttpRequest, pk: int) -> CaptionTrack:
    events: Any = events_for_team(request.user, PLANNERS).distinct()
    tracks = CaptionTrack.objects.filter(transcript__session__event__in=events)
    return get_object_or_404(tracks.select_related("transcript__session__event"), pk=pk)


def _read(modeladmin: Base, request: HttpRequest, pk: int) -> HttpResponse:
    """What is said, as viewers read it or would."""
    track = _own_track(request, pk)
    page = Paginator(lines_of(track), PAGE_LINES).get_page(request.GET.get("page"))
    context = {
        "event": track.transcript.session.event,
        "session": track.transcript.session,
        "track": track,
        "lang": code_of(track.language),
        "page": page,
    }
    title = _("Captions “%(captions)s”") % {"captions": track}
    return render_page(modeladmin, request, "caption_track", title, context)


def _show(request: HttpRequest, pk: int) -> HttpResponse:
    """Have captions shown to viewers, or hidden from them."""
    track = _own_track(request, pk)
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    what = request.POST.get("do", "")
    if what == KEEP and asking.keep_outdated(user_of(request), track):
        messages.success(request, _("Viewers see them as Kaltura shows them."))
    elif what not in TrackWish.values or not asking.wish_shown(user_of(request), track, what):
        messages.info(request, _("Nothing was changed: that is so already."))
    else:
        enqueue(TaskName.CAPTIONS)
        messages.success(request, _said(what))
    return redirect(TRACK, track.pk)


def _said(what: str) -> str:
    if what == TrackWish.SHOW:
        return _("The worker tells Kaltura now. Viewers see them as soon as Kaltura does.")
    return _("They are hidden on the portal. The worker tells Kaltura now.")
