"""The page of a main stage, and the few words by which it learns that something has changed.

What is on stands in a frame: the session's own join page, with its doors, tickets, waiting and
refusals. So the stage decides about nobody, and each session lets everybody in anew.
"""

from __future__ import annotations

from functools import partial
from typing import Any, Final

from csp.constants import SELF
from csp.decorators import csp_replace
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.cache import get_conditional_response, patch_cache_control
from django.views.decorators.http import require_safe

from events.access import Denial, SessionAccess, access_to
from events.agenda.staged import staged_session
from events.caching.answers import tell_time
from events.models import Session
from events.remote import remote_state
from events.roles import StageRole
from events.zones import remember_zone
from kaltura_bridge.join import embeds
from kaltura_bridge.main_stage.stage import MainStage, main_stage

# What stands in the way of a session that has not begun, and can be mended before it does.
_MENDED_BEFORE: Final = frozenset(
    {
        Denial.SIGN_IN,
        Denial.REGISTER,
        Denial.REGISTRATION_CLOSED,
        Denial.WAITING,
        Denial.NO_PLACE,
        Denial.PLACE_AWAITED,
    }
)


@require_safe
def stage_page(request: HttpRequest, event_slug: str, track_slug: str) -> HttpResponse:
    """What is on in the track, the pause before what comes next, or what is left of it."""
    stage = main_stage(request, event_slug, track_slug)
    response = render(request, "kaltura_bridge/main_stage.html", _context(stage))
    patch_cache_control(response, private=True, no_cache=True)
    remember_zone(request, response)
    tell_time(response)
    return _with_join_page_in_it(response)


@require_safe
def stage_state(request: HttpRequest, event_slug: str, track_slug: str) -> HttpResponse:
    """``{"key", "kind", "shown"}`` for the page's script, or 304 when it is as it was.

    ``key`` changes with anything on the page, ``kind`` is a ``StageKind``, ``shown`` the slug of
    what is on or "".
    """
    stage = main_stage(request, event_slug, track_slug)
    shown = stage.moment.shown
    said = {"key": stage.key, "kind": stage.moment.kind, "shown": shown.slug if shown else ""}
    etag = f'"{stage.key}"'
    response: HttpResponse = JsonResponse(said)
    response["ETag"] = etag
    response = get_conditional_response(request, etag=etag, response=response) or response
    patch_cache_control(response, private=True, no_cache=True)
    tell_time(response)
    return response


def _with_join_page_in_it(response: HttpResponse) -> HttpResponse:
    """It frames our own join page only, and hands on to it what that hands on to Kaltura's."""
    response["Permissions-Policy"] = embeds.permissions_policy()
    return csp_replace({"frame-src": [SELF]})(lambda request: response)(HttpRequest())  # type: ignore[return-value]


def _context(stage: MainStage) -> dict[str, Any]:
    shown, coming = stage.moment.shown, stage.moment.coming
    on_stage = _role_in(stage, shown) if shown else StageRole.ATTENDEE
    access = _access_to(stage, coming) if coming else None
    return {
        "event": stage.event,
        "stage": stage,
        "now": stage.now,
        # Whoever is on stage is not carried away from it.
        "stays": on_stage is not StageRole.ATTENDEE,
        "before": access if access and access.denial in _MENDED_BEFORE else None,
        "is_open": bool(access and access.lets_in),
    }


def _role_in(stage: MainStage, session: Session) -> StageRole:
    return stage.membership.role_in(staged_session(stage.event, stage.membership, session.slug))


def _access_to(stage: MainStage, listed: Session) -> SessionAccess:
    """What its session page tells this person."""
    session = staged_session(stage.event, stage.membership, listed.slug)
    role = stage.membership.role_in(session)
    ask = partial(remote_state, session, role)
    return access_to(session, stage.membership, role, stage.now, ask)
