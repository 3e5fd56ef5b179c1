"""Kaltura's page for moderators: the questions of the audience, and announcements to it."""

from __future__ import annotations

from typing import Any, Final
from urllib.parse import urlsplit

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from events.models import SessionType
from kaltura_bridge.api import ks
from kaltura_bridge.api.broadcast_ks import moderator_ks, service_address, working_time
from kaltura_bridge.join.views import confidential
from kaltura_bridge.live import trail
from kaltura_bridge.live.hours import closed_to_moderators
from kaltura_bridge.live.launching import moderator_address
from kaltura_bridge.live.panels import DeskPanel, DeskStep, LiveDesk, moderators_desk
from kaltura_bridge.live.tool_pages import broadcast_for, confidential_form, forms_lead_to
from kaltura_bridge.models import Chat

# In a room its own moderators have chat and hands before them.
ASKED: Final = frozenset({SessionType.WEBCAST, SessionType.STUDIO, SessionType.SIMULIVE})


def questions_desk(request: HttpRequest, event_slug: str, session_slug: str) -> LiveDesk:
    """The desk of a moderator whose session has an audience that asks. Raises Http404."""
    desk = moderators_desk(request, event_slug, session_slug)
    if desk.session.session_type not in ASKED:
        raise Http404("There are no questions to a broadcast here.")
    return desk


@require_safe
@confidential_form
def moderator_page(request: HttpRequest, event_slug: str, session_slug: str) -> HttpResponse:
    """What the page at Kaltura is for, and the button that opens it."""
    desk = questions_desk(request, event_slug, session_slug)
    context = {
        "event": desk.event,
        "session": desk.session,
        "closed": closed_to_moderators(desk),
        "is_there": bool(desk.broadcast_id),
        "can_mint": ks.can_mint(),
        "asks": desk.options.questions != Chat.OFF,
        "until": desk.now + working_time(desk.session.doors_close_at, desk.now),
    }
    return forms_lead_to(render(request, "kaltura_bridge/live/moderator.html", context), _origin())


@require_POST
@confidential
def open_questions(request: HttpRequest, event_slug: str, session_slug: str) -> HttpResponse:
    """Sign the person into Kaltura's page of questions; noted before it is opened."""
    desk = questions_desk(request, event_slug, session_slug)
    if closed_to_moderators(desk) or not desk.broadcast_id or not ks.can_mint():
        return redirect("kaltura:live_moderator", desk.event.slug, desk.session.slug)
    broadcast = broadcast_for(desk, moderator_ks)
    trail.note(desk, f"opened the moderator view ({desk.broadcast_id})")
    return HttpResponseRedirect(moderator_address(broadcast))


def _origin() -> str:
    """Scheme, host and port of Kaltura's pages, as browsers compare them."""
    parts = urlsplit(service_address())
    return f"{parts.scheme}://{parts.netloc}".lower()


def moderator_panel(desk: LiveDesk) -> DeskPanel | None:
    """The way to the questions, for moderators."""
    if not desk.rights.moderates or desk.session.session_type not in ASKED:
        return None
    context: dict[str, Any] = {
        "is_there": bool(desk.broadcast_id),
        "asks": desk.options.questions != Chat.OFF,
    }
    return DeskPanel("questions", DeskStep.MODERATE, "kaltura_bridge/live/_moderator.html", context)
