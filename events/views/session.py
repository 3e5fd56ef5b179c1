from __future__ import annotations

from datetime import date, timedelta
from functools import partial
from typing import Any

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from events.access import access_to
from events.agenda.cards import language_names
from events.agenda.days import event_days
from events.agenda.marks import mark_of
from events.models import Bookmark, Session, SessionStatus, Speaker
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
    session = visible_session(event, membership, session_slug)
    role, now = membership.role_in(session), timezone.now()
    context = {
        "event": event,
        "session": session,
        "now": now,
        "access": access_to(session, membership, role, now, partial(remote_state, session, role)),
        "mark": mark_of(session, now),
        "zone": zone_for(request, event),
        "language": language_names(session),
        "is_kept": _is_kept(request, session),
        "places": places_in(session),
        "has_place": session.pk in membership.places,
        **neighbours_of(session, membership),
    }
    response = render(request, "events/session.html", context)
    remember_zone(request, response)
    return response


def _is_kept(request: HttpRequest, session: Session) -> bool:
    if not request.user.is_authenticated:
        return False
    return Bookmark.objects.filter(user=request.user, session=session).exists()


def neighbours_of(session: Session, membership: EventMembership) -> dict[str, Any]:
    """The day it belongs to, what came before and comes after, what runs beside.

    Before and after are in the same room, if it has one.
    """
    around = _sessions_around(session, membership)
    others = sessions_for(session.event, membership).exclude(pk=session.pk)
    others = others.exclude(status=SessionStatus.CANCELLED)
    here = others.filter(location=session.location) if session.location else others
    parallel = [other for other in around if _runs_beside(other, session)]
    return {
        "day": _event_day_of(session, around),
        "previous": here.filter(ends_at__lte=session.starts_at).order_by("-starts_at").first(),
        "next": here.filter(starts_at__gte=session.ends_at).order_by("starts_at").first(),
        "parallel": parallel[:PARALLEL_SHOWN],
        "more_parallel": len(parallel[PARALLEL_SHOWN:]),
    }


def _sessions_around(session: Session, membership: EventMembership) -> list[Session]:
    """The sessions of the days before and those beside this one, itself among them, by start."""
    recent = Q(starts_at__gt=session.starts_at - timedelta(days=2))
    beside = Q(ends_at__gt=session.starts_at)
    found = sessions_for(session.event, membership).filter(
        recent | beside, starts_at__lt=session.ends_at
    )
    return list(
        found.order_by("starts_at", "title").only("slug", "title", "status", "starts_at", "ends_at")
    )


def _event_day_of(session: Session, around: list[Session]) -> date:
    """The day of the event under which the agenda lists this session."""
    before = [other for other in around if other.starts_at <= session.starts_at]
    days = event_days(before, session.event.zone)
    return days[[other.pk for other in before].index(session.pk)]


def _runs_beside(other: Session, session: Session) -> bool:
    is_another = other.pk != session.pk and other.status != SessionStatus.CANCELLED
    return is_another and other.starts_at < session.ends_at and other.ends_at > session.starts_at


@require_safe
def speaker_page(request: HttpRequest, slug: str, speaker_slug: str) -> HttpResponse:
    """One speaker and their sessions; someone without a session to show is not shown either."""
    event, membership = visible_event(request.user, slug)
    speaker = get_object_or_404(Speaker, event=event, slug=speaker_slug)
    found = sessions_for(event, membership).filter(speakers=speaker).select_related("track")
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
    }
    response = render(request, "events/speaker.html", context)
    remember_zone(request, response)
    return response
