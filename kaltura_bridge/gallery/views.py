"""The gallery's page, and the frame in it: a ticket, a KS at the click, KAF's own page.

As for rooms (join/views.py), the signed address stands in one redirect only.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from csp.constants import SELF
from csp.decorators import csp_replace
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_GET, require_safe

from events.access import Denial
from events.agenda.cards import Card
from events.forms import login_url
from events.i18n.content import content_of
from events.queries import ProgrammeHidden
from events.zones import zone_for
from kaltura_bridge.api.gallery_ks import kaf_gallery_ks
from kaltura_bridge.gallery.places import GalleryRequest, NoGallery, gallery_request
from kaltura_bridge.join import embeds, tickets
from kaltura_bridge.join.denials import TOO_OFTEN, DenialMessage, NextStep, message_of
from kaltura_bridge.join.views import confidential

_SIGN_IN: Final = DenialMessage(
    403,
    _("Sign in to see the gallery."),
    _("Kaltura's own page is for people with an account here. The agenda is open without one."),
    NextStep.SIGN_IN,
    _("Sign in"),
)
_USED_TICKET: Final = DenialMessage(
    403,
    _("This entrance has been used."),
    _(
        "Each one works once, for one person, for two minutes. Open the gallery again for a new "
        "one."
    ),
    NextStep.RETRY,
    _("Open the gallery again"),
)


@require_safe
@confidential
def gallery_page(request: HttpRequest, event_slug: str, track_slug: str = "") -> HttpResponse:
    """KAF's gallery of an event or a track in our page; else why not, and the agenda."""
    try:
        asked = gallery_request(request, event_slug, track_slug)
    except ProgrammeHidden:
        return redirect("events:event", event_slug)  # Which says how to get to see it.
    if asked.denial:
        return _turned_away(request, asked, asked.denial)
    content = content_of(asked.event)
    context: dict[str, Any] = {
        "event": asked.event,
        "track": asked.track,
        "asked": asked,
        "tracks": [(track, content.text(track, "name")) for track in asked.listing.tracks()],
    }
    if asked.obstacle:
        context["cards"] = _cards(asked, zone_for(request, asked.event))
        return render(request, "kaltura_bridge/gallery_agenda.html", context)
    ticket = urlencode({"ticket": tickets.issue(asked.user, asked.ticket_name)})
    context |= {"frame": f"{asked.frame_url}?{ticket}", "allow": embeds.iframe_allow()}
    response = render(request, "kaltura_bridge/gallery.html", context)
    response["Permissions-Policy"] = embeds.permissions_policy()
    return _with_csp(response, {"frame-src": [SELF, embeds.kaf_origin()]})


@require_GET
@xframe_options_sameorigin
@confidential
def gallery_frame(request: HttpRequest, event_slug: str, track_slug: str = "") -> HttpResponse:
    """What the page's frame opens: the ticket is used up, and KAF's page follows.

    Opened outside the frame it would stand in the address bar, so there the way leads back.
    """
    try:
        asked = gallery_request(request, event_slug, track_slug)
    except ProgrammeHidden:
        return redirect("events:event", event_slug)
    if request.headers.get("Sec-Fetch-Dest") == "document":
        return HttpResponseRedirect(asked.url)
    return _with_csp(_enter(request, asked), {"frame-ancestors": [SELF]})


def _enter(request: HttpRequest, asked: GalleryRequest) -> HttpResponse:
    if asked.denial:
        return _turned_away(request, asked, asked.denial, in_frame=True)
    if asked.obstacle or asked.category is None:
        return _closed(request, asked, _not_now(asked.obstacle), asked.url, in_frame=True)
    entrance = tickets.Entrance(tickets.device_of(request), str(asked.role), "gallery")
    try:
        is_in = tickets.redeem(
            request.GET.get("ticket", ""), asked.user, asked.ticket_name, entrance
        )
    except tickets.TooManyEntrances:
        return _closed(request, asked, TOO_OFTEN, asked.url, in_frame=True)
    if not is_in:
        return _closed(request, asked, _USED_TICKET, asked.url, in_frame=True)
    visitor = asked.visitor(get_language() or "")
    return HttpResponseRedirect(embeds.gallery_url(kaf_gallery_ks(visitor, asked.category)))


def _turned_away(
    request: HttpRequest, asked: GalleryRequest, denial: Denial, *, in_frame: bool = False
) -> HttpResponse:
    """The words and the next step of a session's door, as there is the same rule."""
    agenda = reverse("events:agenda", args=[asked.event.slug])
    message, url = message_of(denial), agenda
    match message.step:
        case NextStep.SIGN_IN:
            message, url = _SIGN_IN, login_url(asked.url)
        case NextStep.REGISTER:
            url = asked.event.get_absolute_url()
        case NextStep.SESSION:  # There is none to go back to.
            message = replace(message, step=NextStep.AGENDA, label=_("See the agenda"))
    return _closed(request, asked, message, url, in_frame=in_frame)


def _not_now(obstacle: NoGallery | None) -> DenialMessage:
    """The way back to the page, which has the agenda instead."""
    why = (obstacle or NoGallery.NOT_IN_STEP).sentence
    what, label = _("The gallery cannot be shown now."), _("See the agenda")
    return DenialMessage(503, what, why, NextStep.AGENDA, label)


def _cards(asked: GalleryRequest, zone: ZoneInfo) -> list[Card]:
    """What our agenda has of it."""
    track, sessions = asked.track, asked.listing.sessions()
    shown = [each for each in sessions if track is None or each.track_id == track.pk]
    return asked.listing.at(timezone.now(), zone, shown)


def _closed(
    request: HttpRequest,
    asked: GalleryRequest,
    message: DenialMessage,
    action_url: str,
    *,
    in_frame: bool = False,
) -> HttpResponse:
    context = {
        "event": asked.event,
        "planned": asked.planned,
        "message": message,
        "action_url": action_url,
        "in_frame": in_frame,
    }
    return render(request, "kaltura_bridge/gallery_closed.html", context, status=message.status)


def _with_csp(response: HttpResponse, changes: dict[str, list[str]]) -> HttpResponse:
    """The response, with these directives instead of the site's."""
    return csp_replace(changes)(lambda request: response)(HttpRequest())  # type: ignore[return-value]
