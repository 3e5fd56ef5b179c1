from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from events.agenda.cards import language_label
from events.agenda.days import event_days
from events.agenda.state import session_state
from events.models import Bookmark, Session, SessionStatus, Speaker
from events.queries import Standing, sessions_for, visible_event, visible_session, visitor_at
from events.recordings import recording_of
from events.zones import remember_zone, zone_for

PARALLEL_SHOWN = 8


@require_safe
def session_page(request: HttpRequest, slug: str, session_slug: str) -> HttpResponse:
    """One session: what, who, when, and the one button for its state."""
    event, standing = visible_event(request.user, slug)
    session = visible_session(event, standing, session_slug)
    visitor = visitor_at(event, standing, session)
    context = {
        "event": event,
        "standing": standing,
        "session": session,
        "state": session_state(session, timezone.now(), visitor, recording_of(session)),
        "zone": zone_for(request, event),
        "day": event_day_of(session, standing),
        "language": language_label(session.language),
        "is_kept": _is_kept(request, session),
        **neighbours_of(session, standing),
    }
    response = render(request, "events/session.html", context)
    remember_zone(request, response)
    return response


def _is_kept(request: HttpRequest, session: Session) -> bool:
    if not request.user.is_authenticated:
        return False
    return Bookmark.objects.filter(user=request.user, session=session).exists()


def event_day_of(session: Session, standing: Standing) -> date:
    """The day of the event under which the agenda lists this session."""
    around = sessions_for(session.event, standing).filter(
        starts_at__gt=session.starts_at - timedelta(days=2), starts_at__lte=session.starts_at
    )
    slots = list(around.order_by("starts_at").only("starts_at", "ends_at"))
    days = event_days(slots, session.event.zone)
    return days[[slot.pk for slot in slots].index(session.pk)]


def neighbours_of(session: Session, standing: Standing) -> dict[str, Any]:
    """What came before and comes after (in the same room, if it has one), what runs beside."""
    others = sessions_for(session.event, standing).exclude(pk=session.pk)
    others = others.exclude(status=SessionStatus.CANCELLED).select_related("track")
    here = others.filter(location=session.location) if session.location else others
    beside = others.filter(starts_at__lt=session.ends_at, ends_at__gt=session.starts_at)
    parallel = list(beside.order_by("starts_at", "title"))
    return {
        "previous": here.filter(ends_at__lte=session.starts_at).order_by("-starts_at").first(),
        "next": here.filter(starts_at__gte=session.ends_at).order_by("starts_at").first(),
        "parallel": parallel[:PARALLEL_SHOWN],
        "more_parallel": len(parallel[PARALLEL_SHOWN:]),
    }


@require_safe
def speaker_page(request: HttpRequest, slug: str, speaker_slug: str) -> HttpResponse:
    """One speaker and their sessions; someone without a session to show is not shown either."""
    event, standing = visible_event(request.user, slug)
    speaker = get_object_or_404(Speaker, event=event, slug=speaker_slug)
    found = sessions_for(event, standing).filter(speakers=speaker).select_related("track")
    sessions = list(found.order_by("starts_at"))
    if not sessions and not standing.is_team:
        get_object_or_404(Speaker.objects.none())
    context = {
        "event": event,
        "standing": standing,
        "speaker": speaker,
        "sessions": sessions,
        "zone": zone_for(request, event),
    }
    response = render(request, "events/speaker.html", context)
    remember_zone(request, response)
    return response
