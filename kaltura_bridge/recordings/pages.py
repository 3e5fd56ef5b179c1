"""What attendees see of an event's recordings: a page that lists them, and the way to a copy."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_safe

from events.agenda.cards import Card
from events.agenda.filters import folded
from events.agenda.listing import ProgrammeListing
from events.agenda.marks import right_until
from events.caching.answers import own_answer
from events.caching.cutting import CutPage, cut_page
from events.caching.fragments import Fragment
from events.caching.strangers import is_stranger, reader_of, strangers_page
from events.characters import clean_line
from events.limits import RateLimit
from events.permissions import PLANNERS
from events.programme.reading import version_name
from events.queries import ProgrammeHidden, sees_programme, visible_event
from events.remote import length_text
from events.zones import remember_zone, zone_for
from kaltura_bridge.api import ks, player_ks
from kaltura_bridge.delivery.options import event_delivery
from kaltura_bridge.join.access import JoinRequest, join_request
from kaltura_bridge.join.devices import admits
from kaltura_bridge.join.identity import kaltura_user_id
from kaltura_bridge.join.tickets import device_of
from kaltura_bridge.models import Recording
from kaltura_bridge.recordings.choosing import main_recording
from kaltura_bridge.watch.addresses import download_url

_TEMPLATE: Final = "kaltura_bridge/recordings.html"
_LONGEST_WORDS: Final = 100
_COPIES: Final = RateLimit("recording-copies", amount=60, within_s=600)


@require_safe
def recordings_page(request: HttpRequest, event_slug: str) -> HttpResponse:
    """Every session of the event that can be watched afterwards, the latest first.

    Rendered once at each version of the programme for all who are not signed in.
    """
    event, membership = visible_event(reader_of(request), event_slug)
    if not sees_programme(event, membership):
        return redirect(event)  # Which says how to get to see it.
    listing, zone = ProgrammeListing(event, membership), zone_for(request, event)
    words = clean_line(request.GET.get("q", ""))[:_LONGEST_WORDS]

    def context(now: datetime) -> dict[str, Any]:
        cards = listing.at(now, zone, listing.sessions())
        found = [card for card in cards if _is_there(card, now) and _fits(card, words)]
        found.sort(key=lambda card: card.session.starts_at, reverse=True)
        return {
            "event": event,
            "zone": zone,
            "words": words,
            "rows": [(card, length_text(card.recorded_s or 0)) for card in found],
            "marks": [card.mark for card in cards],
        }

    if not is_stranger(request):
        response = own_answer(request, _TEMPLATE, context(timezone.now()))
        remember_zone(request, response)
        return response

    def render_page() -> Fragment[CutPage]:
        now = timezone.now()
        made = context(now)
        return Fragment(cut_page(request, _TEMPLATE, made), right_until(made["marks"], now))

    # What somebody types is rendered, and kept nowhere.
    name = None if words else ("recordings", version_name(event), listing.scope, zone.key)
    response = strangers_page(request, name, render_page)
    remember_zone(request, response)
    return response


def _is_there(card: Card, now: datetime) -> bool:
    return card.recorded_s is not None and now >= card.session.ends_at


def _fits(card: Card, words: str) -> bool:
    text = folded(f"{card.title} {card.session.title} {card.people} {card.track_name}")
    return all(word in text for word in folded(words).split())


# --- A copy -----------------------------------------------------------------------------------


@require_GET
def recording_file(request: HttpRequest, event_slug: str, session_slug: str) -> HttpResponse:
    """Lead to the file at Kaltura, signed for this person and some minutes.

    By the same gates as watching. Whoever may not have it is told what is told of a session
    that is not there.
    """
    try:
        asked = join_request(request, event_slug, session_slug)
    except ProgrammeHidden:
        raise Http404 from None
    recording = main_recording(asked.session) if _may_have(asked) else None
    if recording is None:
        raise Http404("There is nothing to download.")
    response = _copy_of(request, asked, recording)
    response["Cache-Control"] = "no-store, private"
    response["Referrer-Policy"] = "no-referrer"
    return response


def _copy_of(request: HttpRequest, asked: JoinRequest, recording: Recording) -> HttpResponse:
    """Each answer is a new KS for this person, so there are not any number of them."""
    if not admits(asked, device_of(request)):
        return redirect(asked.url)  # The join page says who is still there.
    if not _COPIES.allows(asked.user.pk):
        words = _("You have asked for too many copies. Try again in ten minutes.")
        return HttpResponse(words, status=429, content_type="text/plain; charset=utf-8")
    return HttpResponseRedirect(_file_url(asked, recording))


def _may_have(asked: JoinRequest) -> bool:
    if not (asked.access.lets_in and asked.is_recording and ks.can_mint()):
        return False
    decided = event_delivery(asked.session.event)
    is_planner = asked.membership.team_role in PLANNERS
    return is_planner or bool(decided and decided.recordings_download)


def _file_url(asked: JoinRequest, recording: Recording) -> str:
    """Where the file is, signed for this person."""
    decided = event_delivery(asked.session.event)
    context = decided.privacy_context if decided else ""
    signed = player_ks.download_ks(kaltura_user_id(asked.user), recording.entry_id, context)
    return download_url(recording.entry_id, signed)
