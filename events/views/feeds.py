from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_cache_control
from django.views.decorators.http import require_safe

from events import theme
from events.agenda.feeds import calendar_of
from events.models import Event
from events.queries import sessions_for, speaker_names, visible_event, visible_session

ONE_YEAR_S = 365 * 24 * 3600
FIVE_MINUTES_S = 300


@require_safe
def agenda_ics(request: HttpRequest, slug: str) -> HttpResponse:
    """All sessions this visitor may see, for calendar programs."""
    event, membership = visible_event(request.user, slug)
    sessions = sessions_for(event, membership).select_related("track").order_by("starts_at", "pk")
    body = calendar_of(event, sessions, speaker_names(event), settings.SITE_URL)
    return _calendar(body, event, event.slug)


@require_safe
def session_ics(request: HttpRequest, slug: str, session_slug: str) -> HttpResponse:
    """One session, for calendar programs."""
    event, membership = visible_event(request.user, slug)
    session = visible_session(event, membership, session_slug)
    on_stage = session.on_stage  # type: ignore[attr-defined]  # visible_session read it along
    names = {session.pk: [appearance.speaker.name for appearance in on_stage]}
    body = calendar_of(event, [session], names, settings.SITE_URL)
    return _calendar(body, event, f"{event.slug}-{session.slug}")


def _calendar(body: bytes, event: Event, name: str) -> HttpResponse:
    response = HttpResponse(body, content_type="text/calendar; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}.ics"'
    _cache(response, event, FIVE_MINUTES_S)
    return response


@require_safe
def event_theme(request: HttpRequest, slug: str) -> HttpResponse:
    """The event's colours. Kept for good under the address that names this very version."""
    event, _ = visible_event(request.user, slug)
    css = theme.stylesheet(event)
    response = HttpResponse(css, content_type="text/css; charset=utf-8")
    is_current = request.GET.get("v") == theme.version(css)
    _cache(response, event, ONE_YEAR_S if is_current else FIVE_MINUTES_S, immutable=is_current)
    return response


def _cache(response: HttpResponse, event: Event, age_s: int, *, immutable: bool = False) -> None:
    """Browsers may keep it; nobody else, because who asks decides what is seen."""
    extra = {"immutable": True} if immutable else {}
    patch_cache_control(response, private=True, max_age=age_s, **extra)
