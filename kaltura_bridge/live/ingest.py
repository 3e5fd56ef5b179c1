"""Where an encoder sends its stream: shown to producers who ask, for five minutes, and noted.

Kaltura is asked at that moment, with a KS that is good for this one call. Nothing of the answer
is stored, cached or logged; who asked, about which session and when stands in its history.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe
from django.views.decorators.http import require_http_methods

from events.models import SessionType
from kaltura_bridge.api import ks
from kaltura_bridge.api.broadcast_ks import ingest_ks
from kaltura_bridge.api.errors import KalturaError
from kaltura_bridge.api.light import LightCall, call
from kaltura_bridge.live import trail
from kaltura_bridge.live.hours import closed_to_producers
from kaltura_bridge.live.ingest_profile import (
    EncoderTexts,
    IngestPoint,
    first_choice,
    ingest_points,
    texts_for,
)
from kaltura_bridge.live.panels import DeskPanel, DeskStep, LiveDesk, producers_desk
from kaltura_bridge.live.tool_pages import confidential_form
from kaltura_bridge.models import RemoteLink
from kaltura_bridge.recipes.channel import SUFFIX as CHANNEL
from kaltura_bridge.specs import Kind, key_for

HIDDEN_AFTER: Final = timedelta(minutes=5)
# What an encoder may feed: a simulive plays a video, and in a room people meet.
FED: Final = frozenset({SessionType.WEBCAST, SessionType.STUDIO})
# Each is shown for five minutes, so this is more than anybody needs for many sessions at once.
MOST, WITHIN = 20, timedelta(minutes=10)
_SHOWN, _REFUSED = "was shown the ingest addresses", "was refused the ingest addresses"


@dataclass(frozen=True)
class IngestSource:
    """The live entry that takes the stream; "" while Kaltura has none. A channel feeds many."""

    entry_id: str
    is_channel: bool = False


@dataclass(frozen=True)
class RevealedIngest:
    """What Kaltura answered, or in ``trouble`` why it did not, for a page that is kept nowhere."""

    points: list[IngestPoint] = field(default_factory=list)
    texts: EncoderTexts | None = None
    qr: str = ""
    hides_at: datetime | None = None
    trouble: str = ""
    too_often: bool = False


def source_of(desk: LiveDesk) -> IngestSource | None:
    """What takes the stream of this session; None where no encoder feeds it.

    With a channel it is the event's one entry: while that is live, so is the webcast planned
    for that time.
    """
    if desk.session.session_type not in FED:
        return None
    if not desk.options.channel:
        return IngestSource(desk.broadcast_id)
    links = RemoteLink.objects.filter(
        kind=Kind.ENTRY, key=key_for(desk.event.uuid, CHANNEL), gone=False
    )
    return IngestSource(links.values_list("remote_id", flat=True).first() or "", is_channel=True)


@require_http_methods(["GET", "HEAD", "POST"])
@confidential_form
def ingest_page(request: HttpRequest, event_slug: str, session_slug: str) -> HttpResponse:
    """The addresses on a POST; otherwise what they are, and the button that asks for them."""
    desk = producers_desk(request, event_slug, session_slug)
    source = source_of(desk)
    if source is None:
        raise Http404("No encoder feeds this session.")
    closed = closed_to_producers(desk)
    asked = request.method == "POST" and bool(source.entry_id) and not closed
    shown = (_too_often(desk) or _reveal(desk, source)) if asked else None
    context = {
        "event": desk.event,
        "session": desk.session,
        "closed": closed,
        "source": source,
        "can_mint": ks.can_mint(),
        "shown": shown,
        "minutes": int(HIDDEN_AFTER.total_seconds() // 60),
    }
    status = 429 if shown and shown.too_often else 200
    response = render(request, "kaltura_bridge/live/ingest.html", context, status=status)
    if shown and shown.points:
        # The browser leaves the page by itself, with or without scripts.
        here = reverse("kaltura:live_ingest", args=[desk.event.slug, desk.session.slug])
        response["Refresh"] = f"{int(HIDDEN_AFTER.total_seconds())};url={here}"
    return response


def _too_often(desk: LiveDesk) -> RevealedIngest | None:
    """The refusal for who has looked ``MOST`` times lately; noted once, not at each further try."""
    if trail.times_lately(desk, _SHOWN, WITHIN) < MOST:
        return None
    if not trail.times_lately(desk, _REFUSED, WITHIN):
        minutes = int(WITHIN.total_seconds() // 60)
        trail.note(desk, f"{_REFUSED}: shown {MOST} times in {minutes} minutes")
    return RevealedIngest(too_often=True)


def _reveal(desk: LiveDesk, source: IngestSource) -> RevealedIngest:
    """Ask Kaltura for the addresses, and note that somebody did before they are shown."""
    try:
        signed = ingest_ks(desk.session.uuid, source.entry_id)
        entry = call(LightCall("livestream", "get", {"entryId": source.entry_id}, signed))
    except ks.CannotMint as error:
        return RevealedIngest(trouble=str(error))
    except KalturaError as error:
        return RevealedIngest(trouble=str(getattr(error, "code", "") or error))
    points = ingest_points(entry) if isinstance(entry, dict) else []
    first = first_choice(points)
    if first is None:
        return RevealedIngest(trouble="no address in Kaltura's answer")
    whose = "the event's channel" if source.is_channel else "the session"
    trail.note(desk, f"{_SHOWN} of {whose} ({source.entry_id})")
    texts = texts_for(first, desk.session.title)
    return RevealedIngest(points, texts, _qr(texts.phone), desk.now + HIDDEN_AFTER)


def _qr(text: str) -> SafeString:
    """A QR code as SVG, black on white in dark pages too: cameras read nothing else well."""
    import segno  # no other page draws one

    drawn = segno.make(text, error="m", micro=False).svg_inline(
        scale=4, border=4, light="#fff", svgclass="qr", lineclass=None, omitsize=True
    )
    return mark_safe(drawn)  # noqa: S308 - only numbers of its own making


def ingest_panel(desk: LiveDesk) -> DeskPanel | None:
    """The way to the addresses, for producers of what an encoder feeds."""
    if not desk.rights.produces:
        return None
    source = source_of(desk)
    if source is None:
        return None
    context: dict[str, Any] = {"source": source}
    return DeskPanel("ingest", DeskStep.PREPARE, "kaltura_bridge/live/_ingest.html", context)
