from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from events.access import Phase, takes_registrations
from events.agenda.cards import Card, cards_for
from events.agenda.chips import known_values
from events.agenda.days import is_over, is_running
from events.agenda.filters import Facet
from events.models import Event, SessionStatus
from events.pages.context import context_of_event
from events.queries import sees_programme, speakers_of, visible_event
from events.registration.places import places_at
from events.roles import EventMembership
from events.zones import remember_zone, zone_for

RUNNING = (Phase.OPEN, Phase.LIVE)
NEXT_SHOWN = 4


@require_safe
def event_page(request: HttpRequest, slug: str) -> HttpResponse:
    """What the event is, when and where, and a place at it."""
    event, membership = visible_event(request.user, slug)
    now = timezone.now()
    context = {
        "event": event,
        "membership": membership,
        "takes_registrations": takes_registrations(event),
        "sees_programme": sees_programme(event, membership),
        "places": places_at(event),
        "has_questions": membership.is_registered and event.questions.exists(),
        "is_running": is_running(event.starts_on, event.ends_on, event.zone, now),
        "is_over": is_over(event.ends_on, event.zone, now),
        "zone": zone_for(request, event),
        "speakers": speakers_of(event, membership),
        **context_of_event(event),
        **_programme(request, event, membership, now),
    }
    response = render(request, "events/event.html", context)
    remember_zone(request, response)
    return response


def _programme(
    request: HttpRequest, event: Event, membership: EventMembership, now: datetime
) -> dict[str, Any]:
    """What is on now, what comes next, and what the agenda holds."""
    zone = zone_for(request, event)
    cards = cards_for(event, membership, request.user, searching=False)
    for card in cards:
        card.dress(now, zone)
    used = known_values(cards)[Facet.TRACK]
    return {
        "running": [card for card in cards if card.phase in RUNNING],
        "coming": _coming(cards, now),
        "session_count": len(cards),
        "tracks": [track for track in event.tracks.all() if track.slug in used],
    }


def _coming(cards: list[Card], now: datetime) -> list[Card]:
    # The sessions of a draft event are drafts themselves: the team sees what others will see.
    waiting = (Phase.PLANNED, Phase.SOON, Phase.DRAFT)
    return [
        card
        for card in cards
        if card.phase in waiting
        and card.session.status == SessionStatus.PUBLISHED
        and card.session.starts_at > now
    ][:NEXT_SHOWN]
