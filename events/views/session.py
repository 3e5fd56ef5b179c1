from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import partial
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from events.access import access_to
from events.agenda.cards import language_names
from events.agenda.days import event_days
from events.agenda.marks import mark_of
from events.agenda.outline import OutlinedSession, outline_of
from events.models import Session, Speaker
from events.pages.context import context_of_session, context_of_speaker
from events.queries import sessions_for, visible_event, visible_session
from events.registration.places import places_in
from events.remote import remote_state
from events.roles import EventMembership
from events.zones import remember_zone, zone_for

PARALLEL_SHOWN = 8


@require_safe
def session_page(request: HttpRequest, slug: str, session_slug: str) -> HttpResponse:
    """One session: what, who, when, and the one button for its state."""
    event, membership = visible_event(request.user, slug)
    session = visible_session(event, membership, session_slug, keeper=request.user)
    role, now = membership.role_in(session), timezone.now()
    context = {
        "event": event,
        "session": session,
        "now": now,
        "access": access_to(session, membership, role, now, partial(remote_state, session, role)),
        "mark": mark_of(session, now),
        "zone": zone_for(request, event),
        "language": language_names(session),
        "is_kept": getattr(session, "is_kept", False),
        "places": places_in(session),
        "has_place": session.pk in membership.places,
        **neighbours_of(session, membership),
        **context_of_session(session, membership, now),
    }
    response = render(request, "events/session.html", context)
    remember_zone(request, response)
    return response


def neighbours_of(session: Session, membership: EventMembership) -> dict[str, Any]:
    """The day it belongs to, what came before and comes after, what runs beside.

    Before and after are in the same room, if it has one.
    """
    listed = outline_of(session.event, membership)
    others = [each for each in listed if each.pk != session.pk and not each.is_cancelled]
    here = [each for each in others if not session.location or each.location == session.location]
    parallel = [each for each in others if _overlap(each, session)]
    before = [each for each in here if each.ends_at <= session.starts_at]
    after = (each for each in here if each.starts_at >= session.ends_at)
    return {
        "day": _event_day_of(session, listed),
        "previous": before[-1] if before else None,
        "next": next(after, None),
        "parallel": parallel[:PARALLEL_SHOWN],
        "more_parallel": len(parallel[PARALLEL_SHOWN:]),
    }


def _event_day_of(session: Session, listed: Sequence[OutlinedSession]) -> date:
    """The day of the event under which the agenda lists this session."""
    # The session may be newer than the outline.
    before = (each for each in listed if each.pk != session.pk)
    earlier = [each for each in before if each.starts_at <= session.starts_at]
    return event_days([*earlier, session], session.event.zone)[-1]


def _overlap(one: OutlinedSession, other: Session) -> bool:
    return one.starts_at < other.ends_at and one.ends_at > other.starts_at


@require_safe
def speaker_page(request: HttpRequest, slug: str, speaker_slug: str) -> HttpResponse:
    """One speaker and their sessions; someone without a session to show is not shown either."""
    event, membership = visible_event(request.user, slug)
    speaker = get_object_or_404(Speaker, event=event, slug=speaker_slug)
    found = sessions_for(event, membership).filter(speakers=speaker).select_related("track")
    speaker.event = event
    sessions = list(found.order_by("starts_at"))
    for session in sessions:
        session.event = event
    now = timezone.now()
    if not sessions and not membership.is_team:
        get_object_or_404(Speaker.objects.none())
    context = {
        "event": event,
        "speaker": speaker,
        "sessions": [(session, mark_of(session, now)) for session in sessions],
        "zone": zone_for(request, event),
        **context_of_speaker(event, speaker),
    }
    response = render(request, "events/speaker.html", context)
    remember_zone(request, response)
    return response
