"""“Why can't I join?”: every question at a session's door, and what it says to one person.

The questions and their answers are those of ``events.access`` and ``events.queries``, asked
here one by one; this module only has the words. Who asks for themselves reads as far as the
first closed gate: what lies behind it is told to nobody who may not pass. Who helps them reads
all of it, with what mends each.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from django.contrib.auth.models import AnonymousUser
from django.http import Http404
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _

from events.access import Denial, Gate, GateAnswer
from events.i18n.languages import Words
from events.models import Session, User
from events.queries import ProgrammeHidden, visible_event, visible_session
from events.roles import EventMembership
from kaltura_bridge.join.access import JoinRequest
from kaltura_bridge.join.denials import message_for


class GateState(StrEnum):
    """How a gate stands for the person."""

    OPEN = "open"
    CLOSED = "closed"
    NOT_ASKED = "not_asked"

    @property
    def mark(self) -> str:
        return _MARKS[self]

    @property
    def label(self) -> Words:
        return _STATES[self]


_MARKS: Final = {GateState.OPEN: "✓", GateState.CLOSED: "✗", GateState.NOT_ASKED: "–"}
_STATES: Final = {
    GateState.OPEN: _("Open"),
    GateState.CLOSED: _("Closed"),
    GateState.NOT_ASKED: _("Not asked"),
}


@dataclass(frozen=True)
class ExplainedGate:
    """A gate in words. ``mend`` and ``url``: what helps, and where; empty for who asks."""

    name: Words
    state: GateState
    text: Words
    mend: Words = ""
    url: str = ""


_NAMES: Final = {
    Gate.PLANNED: _("The session"),
    Gate.RECORDING: _("The recording"),
    Gate.MEMBERSHIP: _("The event"),
    Gate.PLACE: _("A place"),
    Gate.TIME: _("The time"),
    Gate.ROOM: _("The room"),
}
_PASSED: Final = {
    Gate.PLANNED: _("It takes place."),
    Gate.RECORDING: _("There is one."),
    Gate.MEMBERSHIP: _("Registered, in the team or on stage."),
    Gate.PLACE: _("There is one, or none is needed."),
    Gate.TIME: _("The doors are open."),
    Gate.ROOM: _("It is ready."),
}
_NOT_ASKED: Final = {
    Gate.RECORDING: _("Only after the end."),
    Gate.PLACE: _("Recordings are for everybody."),
    Gate.TIME: _("Only of sessions that take place."),
    Gate.ROOM: _("Only of sessions that take place."),
}


def gates_for_visitor(asked: JoinRequest) -> list[ExplainedGate]:
    """As far as the first closed gate, for the person who stands there."""
    shown: list[ExplainedGate] = []
    for answer in asked.gates_until_closed():
        if answer.denial:
            text = message_for(asked.access, asked.session.event.zone).what
            return [*shown, ExplainedGate(_NAMES[answer.gate], GateState.CLOSED, text)]
        if answer.is_asked:
            shown.append(ExplainedGate(_NAMES[answer.gate], GateState.OPEN, _PASSED[answer.gate]))
    return shown


# --- For those who help -----------------------------------------------------------------


@dataclass(frozen=True)
class _Help:
    """A denial as somebody who helps reads it; ``where`` leads to what mends it."""

    text: Words
    mend: Words
    where: Callable[[Session], str] = lambda session: ""


def _form_of_session(session: Session) -> str:
    return reverse("admin:events_session_change", args=[session.pk])


def _form_of_event(session: Session) -> str:
    return reverse("admin:events_event_change", args=[session.event_id])


def _sync_of(session: Session) -> str:
    query = urlencode({"q": str(session.uuid)})
    return f"{reverse('admin:kaltura_bridge_synctarget_changelist')}?{query}"


def _registrations(session: Session) -> str:
    query = urlencode({"event": session.event_id})
    return f"{reverse('admin:events_registration_changelist')}?{query}"


_REGISTER: Final = _(
    "Ask which address they sign in with: it may be another than the one they registered. "
    "Otherwise register them, or send them to the event's page."
)
_HELP: Final = {
    Denial.CANCELLED: _Help(
        _("The session or its event is cancelled: nobody comes in, the team neither."),
        _("A cancelled session stays cancelled. Plan another one if it takes place after all."),
    ),
    Denial.DRAFT: _Help(
        _("The session or its event is a draft: only the team sees that it is there."),
        _("Publish the event, and the session."),
        _form_of_session,
    ),
    Denial.OVER: _Help(
        _("The doors have closed, and there is no recording."),
        _("Move the end, or keep the doors open for longer (“overrun” of the event)."),
        _form_of_session,
    ),
    Denial.PROCESSING: _Help(
        _("It is over, and its recording is not ready."),
        _("Kaltura is working on it; the way in appears by itself."),
    ),
    Denial.SIGN_IN: _Help(
        _("Not signed in."), _("Have them sign in with the address they registered with.")
    ),
    Denial.REGISTER: _Help(
        _("No place at the event: not registered, not in the team, not on this stage."),
        _REGISTER,
        _registrations,
    ),
    Denial.REGISTRATION_CLOSED: _Help(
        _("No place at the event, and registration is closed."), _REGISTER, _registrations
    ),
    Denial.WAITING: _Help(
        _("On the waiting list of the event."),
        _("More places for the event, or a place that somebody gives back, let them in."),
        _form_of_event,
    ),
    Denial.NO_PLACE: _Help(
        _("The session has a limited number of places, and they have not reserved one."),
        _("They reserve one on the session's page."),
    ),
    Denial.PLACE_AWAITED: _Help(
        _("They wait for a place in this session."),
        _("More places in the session, or a place that somebody gives back, let them in."),
        _form_of_session,
    ),
    Denial.TOO_EARLY: _Help(
        _("The doors are not open for them yet."),
        _(
            "Their page opens by itself. Doors open for attendees as early as the event says, "
            "for people on stage an hour before the start."
        ),
        _form_of_event,
    ),
    Denial.PREPARING: _Help(
        _("Kaltura does not have the entry or room yet."),
        _("The sync makes it within seconds. If it does not, look at what it waits for."),
        _sync_of,
    ),
    Denial.FAILED: _Help(
        _("Kaltura refused the entry or room."),
        _("The sync state says why, and has the button for another try."),
        _sync_of,
    ),
    Denial.NOT_CONFIGURED: _Help(
        _("The portal has no secret to sign people in with."),
        _(
            "Whoever runs the portal sets KALTURA_PARTNER_ID and KALTURA_ADMIN_SECRET; an "
            "application token is not enough."
        ),
    ),
}


@dataclass(frozen=True)
class SeenSession:
    """What somebody is to a session, and the gates that stand before it is even there for them."""

    membership: EventMembership
    session: Session | None
    gates: list[ExplainedGate]


def session_as_seen_by(user: User | None, session: Session) -> SeenSession:
    """The same session, found as this person's own page finds it.

    ``user`` None is somebody with an account who has nothing to do with the event.
    """
    who = user or AnonymousUser()
    membership = EventMembership(is_signed_in=True)
    gates = [_account_gate(user)]
    try:
        event, found = visible_event(who, session.event.slug)
        membership = found if user else membership
        seen = visible_session(event, membership, session.slug)
    except ProgrammeHidden:
        return SeenSession(membership, None, [*gates, _hidden(_PROGRAMME, session)])
    except Http404:
        return SeenSession(membership, None, [*gates, _hidden(_UNKNOWN, session)])
    text = _("They may know of it.")
    gates.append(ExplainedGate(_("The page"), GateState.OPEN, text))
    return SeenSession(membership, seen, gates)


_UNKNOWN: Final = _Help(
    _(
        "For them it is not there: a draft, or an event for invited people to which they do not "
        "belong. They read the answer to an address that never existed."
    ),
    _("Publish it, or register or invite them."),
    _form_of_event,
)
_PROGRAMME: Final = _Help(
    _("The programme is for registered people, and they are not registered."),
    _REGISTER,
    _registrations,
)


def _hidden(help_: _Help, session: Session) -> ExplainedGate:
    return ExplainedGate(
        _("The page"), GateState.CLOSED, help_.text, help_.mend, help_.where(session)
    )


def _account_gate(user: User | None) -> ExplainedGate:
    name = _("The account")
    if user is None:
        return ExplainedGate(
            name,
            GateState.NOT_ASKED,
            _(
                "Nobody of this event has this address or name. What follows is what somebody "
                "with an account and no place reads."
            ),
            _REGISTER,
        )
    if not user.is_active:
        return ExplainedGate(
            name,
            GateState.CLOSED,
            _("It is deactivated: nobody can sign in with it."),
            _("An administrator of the portal can activate it."),
        )
    return ExplainedGate(name, GateState.OPEN, _("It can be signed in with."))


def gates_for_helper(asked: JoinRequest) -> list[ExplainedGate]:
    """All gates, each by itself, with what mends those that are closed."""
    return [_explained(answer, asked.session) for answer in asked.gates]


def _explained(answer: GateAnswer, session: Session) -> ExplainedGate:
    name = _NAMES[answer.gate]
    if not answer.is_asked:
        return ExplainedGate(name, GateState.NOT_ASKED, _NOT_ASKED[answer.gate])
    if answer.denial is None:
        return ExplainedGate(name, GateState.OPEN, _PASSED[answer.gate])
    found = _HELP[answer.denial]
    return ExplainedGate(name, GateState.CLOSED, found.text, found.mend, found.where(session))


_OTHERWISE: Final = {
    "ticket": _("The entrance had been used, or was older than two minutes."),
    "device": _("They were in with another device, and the event lets everybody in once."),
    "often": _("That was a lot of attempts"),
}


def denial_text(code: str) -> Words:
    """The value of a ``Denial``, "ticket", "device" or "often", as somebody who helps reads it."""
    if code in set(Denial):
        return _HELP[Denial(code)].text
    return _OTHERWISE.get(code, code)
