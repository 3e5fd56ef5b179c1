from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from events.access import Phase, takes_registrations
from events.agenda.days import is_over, is_running
from events.agenda.listing import ProgrammeListing
from events.agenda.main_stage import main_stages
from events.agenda.marks import mark_of, right_until
from events.caching.answers import own_answer
from events.caching.cutting import CutPage, cut_page
from events.caching.fragments import Fragment
from events.caching.strangers import is_stranger, reader_of, strangers_page
from events.i18n.content import content_of
from events.models import Event, Session, SessionStatus
from events.pages.context import context_of_event
from events.programme.reading import version_name
from events.queries import sees_programme, visible_event
from events.registration.places import places_at
from events.roles import EventMembership
from events.zones import remember_zone, zone_for

_TEMPLATE = "events/event.html"
RUNNING = (Phase.OPEN, Phase.LIVE)
NEXT_SHOWN = 4


@require_safe
def event_page(request: HttpRequest, slug: str) -> HttpResponse:
    """What the event is, when and where, and a place at it."""
    event, membership = visible_event(reader_of(request), slug)
    if is_stranger(request):
        response = _strangers_event(request, event)
    else:
        context = _context(request, event, membership, timezone.now())
        response = own_answer(request, _TEMPLATE, context)
    remember_zone(request, response)
    return response


def _strangers_event(request: HttpRequest, event: Event) -> HttpResponse:
    """The event as all strangers see it. How many have a place is no part of the version."""

    def render_page() -> Fragment[CutPage]:
        now = timezone.now()
        context = _context(request, event, EventMembership(), now)
        page = cut_page(request, _TEMPLATE, context)
        return Fragment(page, _right_until(event, now))

    name = ("event", version_name(event), zone_for(request, event).key, places_at(event))
    return strangers_page(request, name, render_page)


def _right_until(event: Event, now: datetime) -> float:
    listed = ProgrammeListing(event, EventMembership()).sessions()
    return right_until([mark_of(session, now) for session in listed], now)


def _context(
    request: HttpRequest, event: Event, membership: EventMembership, now: datetime
) -> dict[str, Any]:
    return {
        "event": event,
        "texts": content_of(event).texts(event),
        "membership": membership,
        "takes_registrations": takes_registrations(event),
        "sees_programme": sees_programme(event, membership),
        "places": places_at(event),
        "has_questions": membership.is_registered and event.questions.exists(),
        "is_running": is_running(event.starts_on, event.ends_on, event.zone, now),
        "is_over": is_over(event.ends_on, event.zone, now),
        "zone": zone_for(request, event),
        **context_of_event(event),
        **_programme(request, event, membership, now),
    }


def _programme(
    request: HttpRequest, event: Event, membership: EventMembership, now: datetime
) -> dict[str, Any]:
    """What is on now, what comes next, and what the agenda holds."""
    listing = ProgrammeListing(event, membership)
    sessions = listing.sessions()
    running, coming = _running_and_coming(sessions, now)
    zone, content = zone_for(request, event), content_of(event)
    return {
        "running": listing.at(now, zone, running),
        "coming": listing.at(now, zone, coming),
        "session_count": len(sessions),
        "tracks": [(track, content.text(track, "name")) for track in listing.tracks()],
        "stages": main_stages(event, listing.tracks()),
        "speakers": listing.speakers(),
    }


def _running_and_coming(
    sessions: Iterable[Session], now: datetime
) -> tuple[list[Session], list[Session]]:
    # The sessions of a draft event are drafts themselves: the team sees what others will see.
    waiting = (Phase.PLANNED, Phase.SOON, Phase.DRAFT)
    running: list[Session] = []
    coming: list[Session] = []
    for session in sessions:
        if session.ends_at <= now:
            continue  # Nothing of it depends on its phase, which is dear to find for hundreds.
        phase = mark_of(session, now).phase
        if phase in RUNNING:
            running.append(session)
        is_next = len(coming) < NEXT_SHOWN and session.starts_at > now and phase in waiting
        if is_next and session.status == SessionStatus.PUBLISHED:
            coming.append(session)
    return running, coming
