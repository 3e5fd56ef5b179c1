"""The join page: gates, a ticket, and Kaltura's page in a frame. No call to Kaltura."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import wraps
from typing import Any, Final
from urllib.parse import urlencode

from csp.constants import SELF
from csp.decorators import csp_replace
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.log import log_response
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_GET, require_safe

from events.models import EventStatus, Session, SessionStatus
from events.queries import Standing, visible_event, visible_session
from kaltura_bridge.api import ks
from kaltura_bridge.join import access, embeds, tickets
from kaltura_bridge.join.access import Admission, Denial, Doors, Go, Person
from kaltura_bridge.join.destination import Door, Place, place_of
from kaltura_bridge.join.identity import StageRole, strongest_role, visitor_for

View = Callable[..., HttpResponse]

# How far ahead the stage looks for the person's next session.
NEXT_WITHIN: Final = timedelta(hours=3)

_USED_TICKET: Final = Denial(
    "ticket",
    403,
    "This entrance has been used.",
    "Each one works once, for one person, for two minutes. Open the session again for a new one.",
    Go.RETRY,
    "Open the session again",
)


def sealed(view: View) -> View:
    """Nothing of the answer is kept by a cache or told to the next site."""

    @wraps(view)
    def wrapped(*args: Any, **kwargs: Any) -> HttpResponse:
        response = view(*args, **kwargs)
        response["Cache-Control"] = "no-store, private"
        response["Referrer-Policy"] = "no-referrer"
        return response

    return wrapped


@dataclass(frozen=True)
class Knock:
    """Someone at a session's door, and what the gates say."""

    session: Session
    place: Place
    role: StageRole
    decision: access.Decision

    @property
    def join_url(self) -> str:
        return reverse("kaltura:join", args=[self.session.event.slug, self.session.slug])


@require_safe
@sealed
def join(request: HttpRequest, event_slug: str, session_slug: str) -> HttpResponse:
    """The stage with Kaltura's page in it, or the reason why not."""
    knock = knock_at(request, event_slug, session_slug)
    if isinstance(knock.decision, Denial):
        return _denied(request, knock, knock.decision)
    ticket = tickets.issue(request.user, knock.session)  # type: ignore[arg-type]
    response = render(request, "kaltura_bridge/join.html", _stage(request, knock, ticket))
    response["Permissions-Policy"] = embeds.permissions_policy()
    return _with_csp(response, {"frame-src": [SELF, embeds.kaf_origin()]})


@require_GET
@xframe_options_sameorigin
@sealed
def frame(request: HttpRequest, event_slug: str, session_slug: str) -> HttpResponse:
    """What the stage's frame opens: the ticket is used up, and Kaltura's page follows.

    The signed address stands in this redirect only. Opened outside the frame it would
    stand in the address bar, so there the way leads back to the join page.
    """
    knock = knock_at(request, event_slug, session_slug)
    if request.headers.get("Sec-Fetch-Dest") == "document":
        return HttpResponseRedirect(knock.join_url)
    if isinstance(knock.decision, Denial):
        return _denied(request, knock, knock.decision, in_frame=True)
    token = request.GET.get("ticket", "")
    if not tickets.redeem(token, request.user, knock.session):  # type: ignore[arg-type]
        return _denied(request, knock, _USED_TICKET, in_frame=True)
    return _in_our_frame(HttpResponseRedirect(_kaltura_url(request, knock, knock.decision)))


def knock_at(request: HttpRequest, event_slug: str, session_slug: str) -> Knock:
    """Who, where and whether. Raises Http404 when this person may not know of the session."""
    event, standing = visible_event(request.user, event_slug)
    session = visible_session(event, standing, session_slug)
    role = _role(standing, session)
    place = place_of(session, role)
    person = Person(standing.is_signed_in, standing.is_registered, standing.is_team, role)
    decision = access.decide(person, doors_of(session, place), timezone.now())
    return Knock(session, place, role, decision)


def doors_of(session: Session, place: Place) -> Doors:
    """The session as the gates see it."""
    event = session.event
    return Doors(
        starts_at=session.starts_at,
        opens_at=session.doors_open_at,
        closes_at=session.doors_close_at,
        zone=event.zone,
        draft=EventStatus.DRAFT in (session.status, event.status),
        cancelled=SessionStatus.CANCELLED in (session.status, event.status),
        registration_open=event.registration_open and event.status == EventStatus.PUBLISHED,
        remote=place.remote,
        recording=place.recording,
        can_mint=ks.can_mint(),
    )


def _role(standing: Standing, session: Session) -> StageRole:
    """As people.stage_role, from what the page's queries have brought already."""
    stage = {
        appearance.role
        for appearance in session.on_stage  # type: ignore[attr-defined]
        if appearance.speaker_id in standing.speaker_ids
    }
    return strongest_role(stage | ({standing.role} if standing.role else set()))


def _kaltura_url(request: HttpRequest, knock: Knock, admission: Admission) -> str:
    """The page at Kaltura, signed for this person and a few minutes."""
    place = knock.place
    visitor = visitor_for(request.user, knock.role, knock.session.session_type)  # type: ignore[arg-type]
    if admission.recording:
        return embeds.view_entry_url(ks.kaf_entry_ks(visitor, place.recording_id))
    if place.door == Door.LAUNCH:
        return embeds.launch_url(ks.kaf_launch_ks(visitor, place.entry_id))
    if place.door == Door.ROOM:
        return embeds.view_room_url(ks.kaf_room_ks(visitor, place.entry_id))
    return embeds.view_entry_url(ks.kaf_entry_ks(visitor, place.entry_id))


def _stage(request: HttpRequest, knock: Knock, ticket: str) -> dict[str, Any]:
    session = knock.session
    address = reverse("kaltura:frame", args=[session.event.slug, session.slug])
    recording = isinstance(knock.decision, Admission) and knock.decision.recording
    return {
        "event": session.event,
        "session": session,
        "frame_url": f"{address}?{urlencode({'ticket': ticket})}",
        "allow": embeds.iframe_allow(),
        "kaf_origin": embeds.kaf_origin(),
        "role": knock.role,
        "on_stage": knock.role != StageRole.ATTENDEE,
        "recording": recording,
        "next_session": None if recording else _next_session(request, session),
    }


def _next_session(request: HttpRequest, session: Session) -> Session | None:
    """What the person keeps as a favourite at this event and starts next."""
    now = timezone.now()
    kept = Session.objects.filter(
        bookmarks__user=request.user,  # type: ignore[misc]
        event=session.event,
        status=SessionStatus.PUBLISHED,
        starts_at__gt=now,
        starts_at__lte=now + NEXT_WITHIN,
    )
    return kept.exclude(pk=session.pk).order_by("starts_at", "title").first()


def _denied(
    request: HttpRequest, knock: Knock, denial: Denial, *, in_frame: bool = False
) -> HttpResponse:
    """The page that says why not, in the way that the gates have put it."""
    context = {
        "event": knock.session.event,
        "session": knock.session,
        "denial": denial,
        "action_url": _action_url(denial.go, knock),
        "in_frame": in_frame,
    }
    response = render(request, "kaltura_bridge/denied.html", context, status=denial.status)
    # A closed door is an answer, not a fault: Django would log it as a warning or an error.
    log_response(
        "Not let in (%s): %s",
        denial.code,
        request.path,
        response=response,
        request=request,
        level="info",
    )
    if denial.retry_s:
        response["Retry-After"] = str(denial.retry_s)
    return _in_our_frame(response) if in_frame else response


def _action_url(go: Go, knock: Knock) -> str:
    event = knock.session.event
    if go == Go.SIGN_IN:
        return f"{reverse('account_login')}?{urlencode({'next': knock.join_url})}"
    if go == Go.REGISTER:
        return event.get_absolute_url()
    if go == Go.AGENDA:
        return reverse("events:agenda", args=[event.slug])
    return knock.join_url if go == Go.RETRY else knock.session.get_absolute_url()


def _in_our_frame(response: HttpResponse) -> HttpResponse:
    return _with_csp(response, {"frame-ancestors": [SELF]})


def _with_csp(response: HttpResponse, changes: dict[str, list[str]]) -> HttpResponse:
    """The response, with these directives instead of the site's."""
    return csp_replace(changes)(lambda request: response)(HttpRequest())  # type: ignore[return-value]
