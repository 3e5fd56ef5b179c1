"""The transcript of a session's recording, its search, and the captions as files.

Let in is who may watch the recording, by the same answer (JoinRequest). For everybody else
there is no such page, whether there are captions or not.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from events.access import SessionAccess, SessionAction
from events.agenda.filters import LONGEST_SEARCH
from events.characters import clean_line
from events.models import Session
from events.pages.more import SessionLink
from events.queries import ProgrammeHidden
from events.remote import RemoteState
from kaltura_bridge.captions.cues import from_rows
from kaltura_bridge.captions.languages import code_of
from kaltura_bridge.captions.transcript import lines_of, shown_tracks
from kaltura_bridge.join.access import JoinRequest, join_request
from kaltura_bridge.join.panels import JoinPanel
from kaltura_bridge.join.views import confidential
from kaltura_bridge.models import CaptionTrack
from kaltura_bridge.subtitles import as_srt, as_transcript, as_webvtt

PAGE_LINES: Final = 2_000
_NOT_THERE: Final = "There is no such session."
#: By the end of the name: how a file is written, and what it is.
FORMS: Final = {
    "vtt": (as_webvtt, "text/vtt; charset=utf-8"),
    "srt": (as_srt, "application/x-subrip; charset=utf-8"),
    "txt": (as_transcript, "text/plain; charset=utf-8"),
}


@require_safe
@confidential
def transcript(request: HttpRequest, event_slug: str, session_slug: str) -> HttpResponse:
    """What is said, with a search; ``?part=1`` is what the page beside the player shows."""
    asked = _watching(request, event_slug, session_slug)
    tracks = list(shown_tracks(asked.session))
    track = _chosen(tracks, request.GET.get("captions", ""))
    search = " ".join(clean_line(request.GET.get("q", "")).split())[:LONGEST_SEARCH]
    lines = lines_of(_with_cues(track), search)
    page = Paginator(lines, PAGE_LINES).get_page(request.GET.get("page"))
    context = {
        "event": asked.session.event,
        "session": asked.session,
        "tracks": tracks,
        "track": track,
        "lang": code_of(track.language),
        "search": search,
        "page": page,
        "found": len(lines),
        "query": urlencode({"captions": track.pk, **({"q": search} if search else {})}),
        "watch_url": asked.url,
        "forms": [(form, _form_name(form)) for form in FORMS],
    }
    is_part = request.GET.get("part") == "1"
    name = "_transcript_lines" if is_part else "transcript"
    return render(request, f"kaltura_bridge/{name}.html", context)


@require_safe
@confidential
def captions_file(
    request: HttpRequest, event_slug: str, session_slug: str, pk: int, form: str
) -> HttpResponse:
    """The captions as a file to keep."""
    asked = _watching(request, event_slug, session_slug)
    track = shown_tracks(asked.session).filter(pk=pk).first() if form in FORMS else None
    if track is None:
        raise Http404(_NOT_THERE)
    write, kind = FORMS[form]
    response = HttpResponse(write(from_rows(_with_cues(track).cues)), content_type=kind)
    code = code_of(track.language)
    name = "-".join(part for part in (asked.session.slug, code) if part)
    response["Content-Disposition"] = f'attachment; filename="{name}.{form}"'
    response["X-Content-Type-Options"] = "nosniff"
    return response


def _watching(request: HttpRequest, event_slug: str, session_slug: str) -> JoinRequest:
    """Somebody who may watch the recording now. Raises Http404 for everybody else."""
    try:
        asked = join_request(request, event_slug, session_slug)
    except ProgrammeHidden:
        raise Http404(_NOT_THERE) from None
    if not asked.is_recording:
        raise Http404(_NOT_THERE)
    return asked


def _chosen(tracks: list[CaptionTrack], asked: str) -> CaptionTrack:
    """The captions that were asked for, else the first. Raises Http404 when there are none."""
    track = next((each for each in tracks if str(each.pk) == asked), None)
    if track is None and not tracks:
        raise Http404(_NOT_THERE)
    return track or tracks[0]


def _with_cues(track: CaptionTrack) -> CaptionTrack:
    return CaptionTrack.objects.get(pk=track.pk)


def _form_name(form: str) -> str:
    return _("Text") if form == "txt" else {"vtt": "WebVTT", "srt": "SRT"}[form]


def transcript_link(
    session: Session, access: SessionAccess, remote: Callable[[], RemoteState]
) -> SessionLink | None:
    """The link on a session's page, for who may watch its recording."""
    if access.action is not SessionAction.WATCH or not remote().has_transcript:
        return None
    url = reverse("kaltura:transcript", args=[session.event.slug, session.slug])
    return SessionLink(url, gettext_lazy("Transcript of the recording"))


def transcript_panel(request: HttpRequest, asked: JoinRequest) -> JoinPanel | None:
    """The transcript beside the player; its script fetches it once somebody opens it."""
    if not asked.is_recording or not asked.destination.state.has_transcript:
        return None
    context: dict[str, Any] = {"event": asked.session.event, "session": asked.session}
    html = render_to_string("kaltura_bridge/_transcript_panel.html", context)
    return JoinPanel(html, "kaltura_bridge/transcript.js")
