from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from functools import cache, partial
from typing import Any, Final
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import patch_cache_control
from django.views.decorators.http import require_safe

from events.access import (
    Denial,
    Phase,
    SessionAccess,
    access_to,
    desk_rights,
    takes_registrations,
)
from events.agenda.cards import language_names
from events.agenda.days import event_days, is_over
from events.agenda.listing import ProgrammeListing
from events.agenda.main_stage import has_main_stage
from events.agenda.marks import mark_of, right_until
from events.agenda.outline import OutlinedSession, outline_of
from events.agenda.staged import staged_session
from events.caching.answers import own_answer
from events.caching.cutting import CutPage, cut_page
from events.caching.fragments import Fragment
from events.caching.strangers import is_stranger, reader_of, strangers_page
from events.i18n.content import content_of
from events.models import Event, Session, SessionType, Speaker
from events.pages.context import context_of_session, context_of_speaker
from events.pages.more import links_of_session
from events.permissions import PLANNERS
from events.programme.reading import version_name
from events.queries import ProgrammeHidden, note_own, visible_event
from events.registration.places import places_at, places_in
from events.remote import (
    RecordingState,
    RemoteState,
    length_text,
    remote_state,
)
from events.roles import EventMembership, StageRole
from events.zones import remember_zone, zone_for

PARALLEL_SHOWN = 8
# What has an audience that asks; in rooms people speak for themselves.
_HAS_AUDIENCE: Final = (SessionType.WEBCAST, SessionType.STUDIO, SessionType.SIMULIVE)


@require_safe
def session_page(request: HttpRequest, slug: str, session_slug: str) -> HttpResponse:
    """One session: what, who, when, and the one button for its state."""
    event, membership = visible_event(reader_of(request), slug, session_slug=session_slug)
    try:
        if is_stranger(request):
            response = _strangers_session(request, event, session_slug)
        else:
            session = staged_session(event, membership, session_slug)
            note_own(session, event)
            context = _session_context(request, session, membership)
            response = own_answer(request, "events/session.html", context)
    except ProgrammeHidden:
        return _registration_first(request, event, membership)
    remember_zone(request, response)
    return response


def _strangers_session(request: HttpRequest, event: Event, slug: str) -> HttpResponse:
    """The session as all strangers see it. Whether it was recorded is no part of the version."""
    session = staged_session(event, EventMembership(), slug)
    phase = mark_of(session, timezone.now()).phase
    is_over = phase in (Phase.OVERRUN, Phase.OVER)
    remote = remote_state(session, StageRole.ATTENDEE) if is_over else None

    def render_page() -> Fragment[CutPage]:
        context = _session_context(request, session, EventMembership())
        page = cut_page(request, "events/session.html", context)
        return Fragment(page, right_until([context["mark"]], context["now"]))

    name = ("session", version_name(event), zone_for(request, event).key, remote, phase)
    return strangers_page(request, name, render_page)


def _session_context(
    request: HttpRequest, session: Session, membership: EventMembership
) -> dict[str, Any]:
    event, role, now = session.event, membership.role_in(session), timezone.now()
    remote = cache(partial(remote_state, session, role))
    access = access_to(session, membership, role, now, remote)
    content, rights = content_of(event), desk_rights(role)
    return {
        "event": event,
        "session": session,
        "texts": content.texts(session),
        "track_name": content.text(session.track, "name") if session.track else "",
        "has_stage": session.track is not None and has_main_stage(event, session.track),
        "now": now,
        "access": access,
        **_recorded(access, membership, remote),
        "runs_it": rights is not None,
        "moderates_it": bool(rights and rights.moderates) and session.session_type in _HAS_AUDIENCE,
        "mark": mark_of(session, now),
        "zone": zone_for(request, event),
        "language": language_names(session),
        # Who has one, or needs none, is not told how many are left.
        "places": places_in(session) if access.denial is Denial.NO_PLACE else None,
        "is_kept": getattr(session, "is_kept", False),
        "has_place": session.pk in membership.places,
        "more_links": links_of_session(session, access, remote) if membership.is_signed_in else [],
        **neighbours_of(session, membership),
        **context_of_session(session, membership, now),
    }


def _recorded(
    access: SessionAccess,
    membership: EventMembership,
    remote: Callable[[], RemoteState],
) -> dict[str, Any]:
    """How long the recording is, and whether this person may keep a copy of it."""
    if access.phase is not Phase.OVER or remote().recording is not RecordingState.READY:
        return {}
    is_planner = membership.team_role in PLANNERS
    may = access.lets_in and (is_planner or remote().can_download)
    return {"recording_length": length_text(remote().recording_s), "can_download": may}


def _registration_first(
    request: HttpRequest, event: Event, membership: EventMembership
) -> HttpResponse:
    """How to get in, and back here afterwards; the same whether there is such a session or not."""
    context = {
        "event": event,
        "membership": membership,
        "takes_registrations": takes_registrations(event),
        "is_over": is_over(event.ends_on, event.zone, timezone.now()),
        "places": places_at(event),
        "register_url": f"{reverse('events:register', args=[event.slug])}?"
        + urlencode({"next": request.path}),
    }
    response = render(request, "events/registration_first.html", context, status=403)
    patch_cache_control(response, private=True, no_store=True)
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
    event, membership = visible_event(reader_of(request), slug)
    if is_stranger(request):
        response = _strangers_speaker(request, event, speaker_slug)
    else:
        context = _speaker_context(request, event, membership, speaker_slug)
        response = own_answer(request, "events/speaker.html", context)
    remember_zone(request, response)
    return response


def _strangers_speaker(request: HttpRequest, event: Event, slug: str) -> HttpResponse:
    def render_page() -> Fragment[CutPage]:
        now = timezone.now()
        context = _speaker_context(request, event, EventMembership(), slug)
        page = cut_page(request, "events/speaker.html", context)
        return Fragment(page, right_until([mark for _, mark in context["sessions"]], now))

    name = ("speaker", version_name(event), zone_for(request, event).key)
    return strangers_page(request, name, render_page)


def _speaker_context(
    request: HttpRequest, event: Event, membership: EventMembership, slug: str
) -> dict[str, Any]:
    speaker = get_object_or_404(Speaker, event=event, slug=slug)
    speaker.event = event
    sessions = ProgrammeListing(event, membership).sessions(slug)
    now = timezone.now()
    if not sessions and not membership.is_team:
        raise Http404("There is no such speaker.")
    return {
        "event": event,
        "speaker": speaker,
        "sessions": [(session, mark_of(session, now)) for session in sessions],
        "zone": zone_for(request, event),
        **context_of_speaker(event, speaker),
    }
