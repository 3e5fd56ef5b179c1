"""“Why can't they join?” for the event's team: one person and one session, gate by gate."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from events.admin import extensions
from events.characters import clean_line
from events.models import (
    Event,
    Registration,
    Session,
    Speaker,
    TeamMember,
    User,
    WaitingListEntry,
)
from events.permissions import PLANNERS, RUNNERS, events_for_team
from kaltura_bridge.admin.base import Base, render_page
from kaltura_bridge.join.access import JoinRequest
from kaltura_bridge.join.entry_look import EntryLook, look_at
from kaltura_bridge.join.explain import (
    ExplainedGate,
    GateState,
    denial_text,
    gates_for_helper,
    session_as_seen_by,
)
from kaltura_bridge.join.last_denials import last_denial
from kaltura_bridge.join.privacy import tells_entrances
from kaltura_bridge.join.roles import visitor_for
from kaltura_bridge.models import LaunchTicket
from kaltura_bridge.watch.player import pass_life, player_of, plays_for

PAGE: Final = "admin:kaltura_bridge_joining"
_LONGEST: Final = 254  # an e-mail address
_PEOPLE, _ENTRANCES = 10, 5


def urls(modeladmin: Base) -> list[URLPattern]:
    """The page, and the ways to it from people's own pages."""
    wrap = modeladmin.admin_site.admin_view

    def page(request: HttpRequest, pk: int) -> HttpResponse:
        return _page(modeladmin, request, pk)

    ways = (("registration", _of_registration), ("speaker", _of_speaker), ("account", _of_account))
    return [
        path("joining/<int:pk>/", wrap(page), name="kaltura_bridge_joining"),
        *(
            path(f"joining/{kind}/<int:pk>/", wrap(way), name=f"kaltura_bridge_joining_{kind}")
            for kind, way in ways
        ),
    ]


def register() -> None:
    """Lead to the page from sessions, registrations, speakers and accounts."""
    label, may = gettext_lazy("Why can't they join?"), "events.run_session"
    extensions.register_object_tool(Session, PAGE, label, may)
    extensions.register_object_tool(
        Registration, f"{PAGE}_registration", label, "events.view_registration"
    )
    extensions.register_object_tool(Speaker, f"{PAGE}_speaker", label, may)
    extensions.register_object_tool(User, f"{PAGE}_account", label)


# --- From a person's own page ---------------------------------------------------------


def _own_events(request: HttpRequest) -> QuerySet[Event]:
    return events_for_team(request.user, RUNNERS)


def _of_registration(request: HttpRequest, pk: int) -> HttpResponse:
    # Registrations are for planners: a moderator could count through the numbers.
    own = events_for_team(request.user, PLANNERS)
    rows = Registration.objects.select_related("event", "user")
    found = get_object_or_404(rows, pk=pk, event__in=own)
    return _to_page(request, found.event, found.user)


def _of_speaker(request: HttpRequest, pk: int) -> HttpResponse:
    rows = Speaker.objects.select_related("event", "user")
    found = get_object_or_404(rows, pk=pk, event__in=_own_events(request))
    if found.user is None:
        messages.warning(
            request,
            _("This speaker has no account: enter its address on the speaker's page first."),
        )
        return redirect("admin:events_speaker_change", pk)
    return _to_page(request, found.event, found.user)


def _of_account(request: HttpRequest, pk: int) -> HttpResponse:
    """The event in which the person has a part and which begins last; for superusers."""
    if not request.user.is_superuser:
        raise PermissionDenied(_("Accounts are for administrators of the portal."))
    user = get_object_or_404(User, pk=pk)
    event = _events_of(user).order_by("-starts_on", "pk").first()
    if event is None:
        messages.warning(request, _("This person has no part in any event."))
        return redirect("admin:events_user_change", pk)
    return _to_page(request, event, user)


def _events_of(user: User) -> QuerySet[Event]:
    parts = (Registration, WaitingListEntry, TeamMember, Speaker)
    mine = [Exists(part.objects.filter(event=OuterRef("pk"), user=user)) for part in parts]
    return Event.objects.filter(mine[0] | mine[1] | mine[2] | mine[3])


def _to_page(request: HttpRequest, event: Event, user: User) -> HttpResponse:
    """What is on or comes next at the event, else its last session."""
    sessions = Session.objects.filter(event=event).order_by("starts_at", "pk")
    session = sessions.filter(ends_at__gte=timezone.now()).first() or sessions.last()
    if session is None:
        messages.warning(request, _("This event has no session yet."))
        return redirect("admin:events_event_change", event.pk)
    return redirect(f"{reverse(PAGE, args=[session.pk])}?{urlencode({'person': str(user.uuid)})}")


# --- The page ----------------------------------------------------------------------------


@dataclass(frozen=True)
class JoinDiagnosis:
    """One person at one session's door: the first thing in the way, all gates, and facts."""

    user: User | None
    closed: ExplainedGate | None
    gates: list[ExplainedGate]
    role: str = ""
    pass_facts: Iterable[tuple[str, str]] = ()
    look: EntryLook | None = None


def _page(modeladmin: Base, request: HttpRequest, pk: int) -> HttpResponse:
    sessions = Session.objects.select_related("event", "track")
    session = get_object_or_404(sessions, pk=pk, event__in=_own_events(request))
    asked = clean_line(request.GET.get("person", ""))[:_LONGEST]
    people = people_found(session.event, asked) if asked else []
    # Who helps at the door knows people by name; addresses are for who may read registrations.
    with_addresses = request.user.has_perm("events.view_registration", session.event)
    context: dict[str, Any] = {
        "session": session,
        "event": session.event,
        "sessions": Session.objects.filter(event=session.event).order_by("starts_at", "pk"),
        "asked": _asked_again(asked, people, with_addresses=with_addresses),
        "people": _namesakes(people, session, with_addresses=with_addresses),
    }
    if asked and len(people) < 2:
        links = request.user.has_perm("events.change_event", session.event)
        found = diagnosis_of(people[0] if people else None, session, with_links=links)
        context |= {"found": found, **_last_time(found.user, session)}
    title = _("Why can't they join “%(session)s”?") % {"session": session}
    return render_page(modeladmin, request, "joining", title, context)


def _asked_again(asked: str, people: list[User], *, with_addresses: bool) -> str:
    """What stands in the field: the person's address, or what was typed; never a UUID."""
    if len(people) != 1:
        return asked
    if with_addresses:
        return people[0].email
    return people[0].name if asked == str(people[0].uuid) else asked


def _namesakes(
    people: list[User], session: Session, *, with_addresses: bool
) -> list[tuple[User, str]]:
    """Several people of one name, each with what tells them apart: an address, or the role."""
    if len(people) < 2:
        return []
    if with_addresses:
        return [(user, user.email) for user in people]
    return [(user, _role_of(user, session)) for user in people]


def _role_of(user: User, session: Session) -> str:
    seen = session_as_seen_by(user, session)
    return str(seen.membership.role_in(seen.session).label) if seen.session else "–"


def people_found(event: Event, asked: str) -> list[User]:
    """Who has a part in ``event`` and this address, name or UUID; a few at most.

    Of others nothing is said, not even whether they have an account.
    """
    who = Q(email__iexact=asked) | Q(emailaddress__email__iexact=asked) | Q(name__iexact=asked)
    with contextlib.suppress(ValueError):
        who = Q(uuid=UUID(asked))
    parts = (Registration, WaitingListEntry, TeamMember, Speaker)
    theirs = [Exists(part.objects.filter(user=OuterRef("pk"), event=event)) for part in parts]
    found = User.objects.filter(theirs[0] | theirs[1] | theirs[2] | theirs[3]).filter(who)
    return list(found.distinct().order_by("name", "pk")[:_PEOPLE])


def diagnosis_of(user: User | None, session: Session, *, with_links: bool = True) -> JoinDiagnosis:
    """Every gate for this person; None is somebody without a part in the event."""
    seen = session_as_seen_by(user, session)
    gates = list(seen.gates)
    more: dict[str, Any] = {}
    if seen.session is not None:
        asked = JoinRequest(user or User(), seen.session, seen.membership)
        gates += gates_for_helper(asked)
        more["role"] = asked.role.label
        more["look"] = look_at(asked.destination)
        if user is not None:
            more["pass_facts"] = _pass_facts(asked)
    if not with_links:
        gates = [replace(gate, url="") for gate in gates]
    closed = next((gate for gate in gates if gate.state is GateState.CLOSED), None)
    return JoinDiagnosis(user, closed, gates, **more)


def _pass_facts(asked: JoinRequest) -> list[tuple[str, str]]:
    """What the KS of this person would say; it is not made for that."""
    visitor = visitor_for(asked.user, asked.role)
    ends = (_("ends after"), _("%(seconds)s seconds") % {"seconds": _seconds(pass_life(asked))})
    if chosen := player_of(asked):
        return [
            (_("page at Kaltura"), str(chosen.choice.label)),
            (_("entry or event"), plays_for(asked).entry_id or "–"),
            ("userId", visitor.user_id),
            ends,
        ]
    yes_no = {True: "1", False: "0"}
    return [
        (_("page at Kaltura"), str(asked.destination.page)),
        (_("entry or event"), asked.destination.entry_id or "–"),
        ("userId", visitor.user_id),
        ("role", str(visitor.role)),
        ("userContextualRole", str(int(visitor.contextual_role))),
        ("chatModerator", yes_no[visitor.chat_moderator]),
        ("roomModerator", yes_no[visitor.room_moderator]),
        ("actionslimit", "-1"),
        ends,
    ]


def _seconds(life: timedelta) -> int:
    return int(life.total_seconds())


def _last_time(user: User | None, session: Session) -> dict[str, Any]:
    """When this person came in or was turned away in the last day, if that may be told."""
    if user is None:
        return {}
    if not tells_entrances(session.event):
        return {"is_withheld": True}
    entrances = LaunchTicket.objects.filter(user=user, session=session, redeemed_at__isnull=False)
    denial = last_denial(user, session)
    return {
        "entrances": entrances.order_by("-redeemed_at")[:_ENTRANCES],
        "denial": denial,
        "denial_text": denial_text(denial.code) if denial else "",
    }
