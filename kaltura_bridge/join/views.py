"""The join page: the domain's answer, a ticket, and Kaltura's page in a frame.

No call to Kaltura is made, so a click to join works while Kaltura's API rests.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, Final
from urllib.parse import urlsplit

from csp.constants import SELF
from csp.decorators import csp_replace
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.log import log_response
from django.utils.translation import get_language
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_GET, require_safe

from events.access import Denial
from events.forms import login_url
from events.queries import ProgrammeHidden
from kaltura_bridge.api import ks
from kaltura_bridge.join import devices, embeds, tickets
from kaltura_bridge.join.access import JoinRequest, join_request
from kaltura_bridge.join.denial_counts import note_denial
from kaltura_bridge.join.denials import (
    OTHER_DEVICE,
    TOO_OFTEN,
    USED_TICKET,
    DenialMessage,
    NextStep,
    message_for,
)
from kaltura_bridge.join.destination import KafPage
from kaltura_bridge.join.explain import gates_for_visitor
from kaltura_bridge.join.last_denials import remember_denial
from kaltura_bridge.join.occupied import occupied_page
from kaltura_bridge.join.page import join_page, on_main_stage, staged_url, with_ticket
from kaltura_bridge.join.roles import prepares, visitor_for
from kaltura_bridge.watch.frames import look_of
from kaltura_bridge.watch.player import pass_life, player_answer, player_of
from kaltura_bridge.watch.state import state_url

View = Callable[..., HttpResponse]

# Reasons for which nobody who runs a session has to do anything.
_NO_TROUBLE: Final = frozenset({Denial.TOO_EARLY, Denial.SIGN_IN, Denial.OVER, Denial.PROCESSING})


def confidential(view: View) -> View:
    """Nothing of the answer is kept by a cache or told to the next site."""

    @wraps(view)
    def wrapped(*args: Any, **kwargs: Any) -> HttpResponse:
        response = view(*args, **kwargs)
        response["Cache-Control"] = "no-store, private"
        response["Referrer-Policy"] = "no-referrer"
        return response

    return wrapped


@require_safe
@confidential
def join(request: HttpRequest, event_slug: str, session_slug: str) -> HttpResponse:
    """The live room, webcast or recording with Kaltura's page in it, or the reason why not."""
    try:
        asked = join_request(request, event_slug, session_slug)
    except ProgrammeHidden:
        # Its session page says how to get in.
        return redirect("events:session", event_slug, session_slug)
    is_whole_page = request.headers.get("Sec-Fetch-Dest") == "document"
    if on_main_stage(request) and is_whole_page:
        return HttpResponseRedirect(asked.url)
    if not asked.access.lets_in:
        response = _denied(request, asked, in_frame=on_main_stage(request))
    else:
        response = occupied_page(request, asked) or _let_in(request, asked)
    return _in_our_frame(response) if on_main_stage(request) else response


def _let_in(request: HttpRequest, asked: JoinRequest) -> HttpResponse:
    """The page with Kaltura's in it, which may hand on to it what that needs."""
    response, look = join_page(request, asked), look_of(asked)
    response["Permissions-Policy"] = look.permissions_policy
    return _with_csp(response, {"frame-src": [SELF, look.origin]})


@require_GET
@confidential
def ticket(request: HttpRequest, event_slug: str, session_slug: str) -> HttpResponse:
    """A new ticket for the page's script: ``{"frame": address}``, or 403 with the denial's code.

    So a room can be loaded again without the page around it, and whoever waited goes in.
    """
    asked = join_request(request, event_slug, session_slug)
    if not asked.access.lets_in:
        return JsonResponse({"denied": str(asked.access.denial)}, status=403)
    return JsonResponse({"frame": with_ticket("kaltura:frame", asked, request)})


@require_GET
@confidential
def tab(request: HttpRequest, event_slug: str, session_slug: str) -> HttpResponse:
    """Kaltura's page in a tab of its own, for browsers in which the frame stays empty.

    Its address, which is a key for some minutes, then stands in the address bar, so a page in
    between says that first. Only a link of ours uses the ticket up: typed, kept or sent on,
    the address shows that page again.
    """
    asked = join_request(request, event_slug, session_slug)
    if not asked.access.lets_in:
        return _denied(request, asked)
    is_ours = request.headers.get("Sec-Fetch-Site", "same-origin") == "same-origin"
    if "ticket" in request.GET and is_ours:
        return _enter(request, asked)
    context = {
        "event": asked.session.event,
        "session": asked.session,
        "tab_url": with_ticket("kaltura:tab", asked, request),
        "kaf_host": urlsplit(look_of(asked).origin).netloc,
        "is_ours": look_of(asked).is_ours,
        "minutes": max(1, settings.KALTURA_KAF_KS_S // 60),
    }
    return render(request, "kaltura_bridge/tab.html", context)


@require_GET
@xframe_options_sameorigin
@confidential
def frame(request: HttpRequest, event_slug: str, session_slug: str) -> HttpResponse:
    """What the join page's frame opens: the ticket is used up, and Kaltura's page follows.

    The signed address stands in this redirect only. Opened outside the frame it would
    stand in the address bar, so there the way leads back to the join page.
    """
    asked = join_request(request, event_slug, session_slug)
    if request.headers.get("Sec-Fetch-Dest") == "document":
        return HttpResponseRedirect(asked.url)
    if not asked.access.lets_in:
        return _in_our_frame(_denied(request, asked, in_frame=True))
    return _in_our_frame(_enter(request, asked, in_frame=True))


def _enter(request: HttpRequest, asked: JoinRequest, *, in_frame: bool = False) -> HttpResponse:
    """Use the ticket up and lead to Kaltura, or say that it was used."""
    token, device = request.GET.get("ticket", ""), tickets.device_of(request)
    with devices.one_at_a_time(asked):
        if not devices.admits(asked, device):
            return _denied_page(request, asked, "device", OTHER_DEVICE, in_frame=in_frame)
        try:
            is_in = tickets.redeem(token, asked.user, asked.session, _entrance(asked, device))
        except tickets.TooManyEntrances:
            return _denied_page(request, asked, "often", TOO_OFTEN, in_frame=in_frame)
        if not is_in:
            return _denied_page(request, asked, "ticket", USED_TICKET, in_frame=in_frame)
        devices.replace_others(asked, device)
    chosen = player_of(asked)
    if chosen:
        return player_answer(asked, chosen)
    return HttpResponseRedirect(_kaltura_url(asked))


def _entrance(asked: JoinRequest, device: str) -> tickets.Entrance:
    page = "recording" if asked.is_recording else str(asked.destination.page)
    return tickets.Entrance(device, str(asked.role), page, pass_life(asked))


def _kaltura_url(asked: JoinRequest) -> str:
    """The page at Kaltura, signed for this person and a few minutes."""
    destination = asked.destination
    visitor = visitor_for(asked.user, asked.role, get_language() or "")
    if asked.is_recording:
        return embeds.view_entry_url(ks.kaf_entry_ks(visitor, destination.recording_id))
    if destination.page is KafPage.LAUNCH:
        return embeds.launch_url(_launch_ks(asked, visitor))
    if destination.page is KafPage.ROOM:
        return embeds.view_room_url(ks.kaf_room_ks(visitor, destination.entry_id))
    return embeds.view_entry_url(ks.kaf_entry_ks(visitor, destination.entry_id))


def _launch_ks(asked: JoinRequest, visitor: ks.Visitor) -> str:
    """By its event; before the doors open, whoever leads it comes to prepare the room itself."""
    destination = asked.destination
    if destination.resource_id and prepares(asked.role, asked.access.phase):
        return ks.kaf_prepare_ks(visitor, destination.resource_id)
    return ks.kaf_launch_ks(visitor, destination.entry_id)


def _denied(request: HttpRequest, asked: JoinRequest, *, in_frame: bool = False) -> HttpResponse:
    """The domain's reason why not, as a page."""
    message = message_for(asked.access, asked.session.event.zone)
    response = _denied_page(request, asked, str(asked.access.denial), message, in_frame=in_frame)
    if asked.access.ask_again_s:
        response["Retry-After"] = str(asked.access.ask_again_s)
    return response


def _denied_page(
    request: HttpRequest,
    asked: JoinRequest,
    code: str,
    message: DenialMessage,
    *,
    in_frame: bool = False,
) -> HttpResponse:
    """The page that says why not, and what to do next."""
    remember_denial(asked, code)
    context = {
        "event": asked.session.event,
        "session": asked.session,
        "code": code,
        "message": message,
        "access": asked.access,
        "now": asked.now,
        "action_url": _action_url(message.step, asked, request),
        "in_frame": in_frame,
        "target": _action_target(message.step, request) if in_frame else "",
        "gates": gates_for_visitor(asked),
        "plays_url": state_url(asked) if code == Denial.PROCESSING else "",
    }
    response = render(request, "kaltura_bridge/denied.html", context, status=message.status)
    if code not in _NO_TROUBLE:
        note_denial(asked.session)
    # A closed door is an answer, not a fault: Django would log it as a warning or an error.
    log_response(
        "Not let in (%s): %s",
        code,
        request.path,
        response=response,
        request=request,
        level="info",
    )
    return response


def _action_target(step: NextStep, request: HttpRequest) -> str:
    """Which page is left for it: the one around the frame, but a main stage goes on."""
    return "_self" if on_main_stage(request) and step is NextStep.RETRY else "_top"


def _action_url(step: NextStep, asked: JoinRequest, request: HttpRequest) -> str:
    event, track = asked.session.event, asked.session.track
    if step is NextStep.SIGN_IN and track and on_main_stage(request):
        return login_url(reverse("kaltura:main_stage", args=[event.slug, track.slug]))
    if step is NextStep.RETRY and on_main_stage(request):
        return staged_url(asked)
    if step is NextStep.SIGN_IN:
        return login_url(asked.url)
    if step is NextStep.REGISTER:
        return event.get_absolute_url()
    if step is NextStep.AGENDA:
        return reverse("events:agenda", args=[event.slug])
    return asked.url if step is NextStep.RETRY else asked.session.get_absolute_url()


def _in_our_frame(response: HttpResponse) -> HttpResponse:
    response["X-Frame-Options"] = "SAMEORIGIN"
    return _with_csp(response, {"frame-ancestors": [SELF]})


def _with_csp(response: HttpResponse, changes: dict[str, list[str]]) -> HttpResponse:
    """The response, with these directives instead of the site's, beside those it has already."""
    so_far = getattr(response, "_csp_replace", None) or {}
    return csp_replace({**so_far, **changes})(lambda request: response)(HttpRequest())  # type: ignore[return-value]
