"""What a person may do with a session now. Every page asks here; none decides by itself.

Pure: session, person, moment and the state of its room go in, one ``SessionAccess``
comes out. Agenda, session page, calendar, join page and the frame inside it read the
same answer, and browsers get the moments at which time alone changes it, so that a
script has nothing to decide. Whether somebody may know of a session at all comes
first, as queries, in ``events.queries``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cached_property
from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from events.models import Event, EventStatus, Session, SessionStatus
from events.remote import RecordingState, RemoteState, RoomState
from events.roles import EventMembership, StageRole

# From here on the start is counted down, and people on stage may try their microphones.
SOON: Final = timedelta(hours=1)


class Phase(StrEnum):
    """Where a session stands, for everybody alike."""

    DRAFT = "draft"
    CANCELLED = "cancelled"
    PLANNED = "planned"
    SOON = "soon"
    OPEN = "open"
    LIVE = "live"
    OVERRUN = "overrun"
    OVER = "over"


# When each phase begins, in order.
Timeline = tuple[tuple[datetime, Phase], ...]

# The first phase in which people of a role may enter.
_ENTERS_FROM: Final = {
    StageRole.ATTENDEE: Phase.OPEN,
    StageRole.SPEAKER: Phase.SOON,
    StageRole.MODERATOR: Phase.SOON,
    # Producers prepare rooms whenever they like.
    StageRole.PRODUCER: Phase.PLANNED,
}
# The phases that pass by time, in their order; the other two stay until someone changes them.
_IN_TIME: Final = (
    Phase.PLANNED,
    Phase.SOON,
    Phase.OPEN,
    Phase.LIVE,
    Phase.OVERRUN,
    Phase.OVER,
)


class SessionAction(StrEnum):
    """What someone may do now; the page knows the address."""

    NOTHING = "nothing"
    WAIT = "wait"
    CALENDAR = "calendar"
    SIGN_IN = "sign_in"
    REGISTER = "register"
    RESERVE = "reserve"
    JOIN = "join"
    WATCH = "watch"


class Denial(StrEnum):
    """Why someone may not enter now."""

    CANCELLED = "cancelled"
    DRAFT = "draft"
    OVER = "over"
    PROCESSING = "processing"
    SIGN_IN = "sign_in"
    REGISTER = "register"
    REGISTRATION_CLOSED = "closed"
    WAITING = "waiting"
    NO_PLACE = "no_place"
    PLACE_AWAITED = "place_awaited"
    TOO_EARLY = "too_early"
    PREPARING = "preparing"
    FAILED = "refused"
    NOT_CONFIGURED = "not_configured"


@dataclass(frozen=True)
class DeskRights:
    """What somebody who runs a session may do at its live desk, beside seeing it.

    ``produces``: prepare the broadcast, go live, cut it, move its end. ``moderates``: answer
    what the audience says.
    """

    produces: bool
    moderates: bool


_DESK_RIGHTS: Final = {
    StageRole.SPEAKER: DeskRights(produces=False, moderates=False),
    StageRole.MODERATOR: DeskRights(produces=False, moderates=True),
    StageRole.PRODUCER: DeskRights(produces=True, moderates=True),
}


def desk_rights(role: StageRole) -> DeskRights | None:
    """What people of this role may do at a session's live desk; None: it is not there for them."""
    return _DESK_RIGHTS.get(role)


_CLOSED_ROOMS: Final = {
    RoomState.PREPARING: Denial.PREPARING,
    RoomState.FAILED: Denial.FAILED,
    RoomState.NOT_CONFIGURED: Denial.NOT_CONFIGURED,
}
# What ends without an hour that anybody knows: after so many seconds, asking again makes sense.
_ASK_AGAIN_S: Final = {
    Denial.PREPARING: 10,
    Denial.FAILED: 30,
    Denial.PROCESSING: 60,
    Denial.WAITING: 60,
    Denial.PLACE_AWAITED: 60,
}


@dataclass(frozen=True)
class SessionAccess:
    """What one person may do with one session at one moment, and why not more.

    ``opens_at`` is when this person may enter (None: at any time), ``changes_at`` the next
    moment at which time alone changes anything here.
    """

    phase: Phase
    action: SessionAction
    denial: Denial | None
    starts_at: datetime
    doors_open_at: datetime
    opens_at: datetime | None = None
    changes_at: datetime | None = None

    @property
    def lets_in(self) -> bool:
        """Whether the person may enter now: what is on, or what was recorded."""
        return self.denial is None

    @property
    def ask_again_s(self) -> int | None:
        """After how many seconds asking again makes sense, where no moment is known."""
        return _ASK_AGAIN_S.get(self.denial) if self.denial else None

    @property
    def offers_calendar(self) -> bool:
        """Whether the calendar stands beside the button; it may also be the button."""
        is_coming = self.phase in _IN_TIME and self.phase is not Phase.OVER
        return is_coming and self.action is not SessionAction.CALENDAR

    @property
    def label(self) -> str:
        """What the one button says; ``{}`` stands for the time left until the start."""
        if self.denial is Denial.TOO_EARLY:
            return _("Starts in {}") if self.phase is Phase.SOON else _("Add to calendar")
        if self.denial:
            labels = _LABELS_AFTERWARDS if self.phase is Phase.OVER else {}
            return str(labels.get(self.denial) or _LABELS[self.denial])
        if self.action is SessionAction.WATCH:
            return _("Watch")
        return _("Enter early") if self.phase in (Phase.PLANNED, Phase.SOON) else _("Join now")

    @property
    def note(self) -> str:
        """A sentence below the button; ``{}`` as in the label."""
        if self.denial is Denial.TOO_EARLY:
            return self._doors_note if self.phase is Phase.SOON else ""
        if self.denial:
            return str(_NOTES.get(self.denial, ""))
        if self.phase in (Phase.PLANNED, Phase.SOON):
            return self._doors_note
        if self.phase is Phase.OPEN:
            return _("Doors are open. Starts in {}.")
        is_overrun = self.phase is Phase.OVERRUN
        return _("The planned time is over; the room is still open.") if is_overrun else ""

    @property
    def _doors_note(self) -> str:
        minutes = round((self.starts_at - self.doors_open_at).total_seconds() / 60)
        if not minutes:
            return ""
        text = ngettext(
            "Doors open %(n)d minute before the start.",
            "Doors open %(n)d minutes before the start.",
            minutes,
        )
        return text % {"n": minutes}


_LABELS: Final = {
    Denial.CANCELLED: gettext_lazy("Cancelled"),
    Denial.DRAFT: gettext_lazy("Not published yet"),
    Denial.OVER: gettext_lazy("Ended"),
    Denial.PROCESSING: gettext_lazy("Processing recording"),
    Denial.SIGN_IN: gettext_lazy("Sign in to join"),
    Denial.REGISTER: gettext_lazy("Register to join"),
    Denial.REGISTRATION_CLOSED: gettext_lazy("Registration is closed"),
    Denial.WAITING: gettext_lazy("On the waiting list"),
    Denial.NO_PLACE: gettext_lazy("Reserve a place"),
    Denial.PLACE_AWAITED: gettext_lazy("Waiting for a place"),
    Denial.PREPARING: gettext_lazy("Preparing the room"),
    Denial.FAILED: gettext_lazy("The room is not ready"),
    Denial.NOT_CONFIGURED: gettext_lazy("Not open yet"),
}
# When there is nothing to join any more, but something to watch.
_LABELS_AFTERWARDS: Final = {
    Denial.SIGN_IN: gettext_lazy("Sign in to watch"),
    Denial.REGISTER: gettext_lazy("Register to watch"),
}
_NOTES: Final = {
    Denial.CANCELLED: gettext_lazy("This session will not take place."),
    Denial.DRAFT: gettext_lazy("Only the team sees this page."),
    Denial.OVER: gettext_lazy("There is no recording."),
    Denial.PROCESSING: gettext_lazy("The recording appears here when it is ready."),
    Denial.REGISTER: gettext_lazy("One click, then you are back here."),
    Denial.REGISTRATION_CLOSED: gettext_lazy("Only registered people may enter."),
    Denial.WAITING: gettext_lazy("You will get a mail as soon as you have a place at the event."),
    Denial.NO_PLACE: gettext_lazy("This session has a limited number of places."),
    Denial.PLACE_AWAITED: gettext_lazy(
        "You will get a mail as soon as you have a place in this session."
    ),
    Denial.PREPARING: gettext_lazy(
        "It takes seconds, rarely minutes. The way in appears here by itself."
    ),
    Denial.FAILED: gettext_lazy(
        "It could not be prepared. It is not your doing: the organisers can see "
        "why. The way in appears here as soon as there is one."
    ),
    Denial.NOT_CONFIGURED: gettext_lazy(
        "This portal cannot open rooms yet. Please tell the organisers."
    ),
}


def takes_registrations(event: Event) -> bool:
    """Whether people who see the event may register now; some may have to wait for a place."""
    return event.registration_open and event.status == EventStatus.PUBLISHED


def status_of(session: Session) -> SessionStatus:
    """The session's status as it counts: an event that is cancelled or a draft makes all of it so.

    Cancelled is stronger than draft, because nobody can change it.
    """
    both = {session.status, session.event.status}
    if SessionStatus.CANCELLED in both:
        return SessionStatus.CANCELLED
    return SessionStatus.DRAFT if SessionStatus.DRAFT in both else SessionStatus.PUBLISHED


def timeline_of(session: Session) -> Timeline:
    """When each phase of ``session`` begins, all five; before the first it is planned.

    A phase that begins together with the next is none. Empty for drafts and cancelled
    sessions: time changes nothing about them. Nothing in this module depends on time but
    through these moments.
    """
    if status_of(session) != SessionStatus.PUBLISHED:
        return ()
    doors = session.doors_open_at
    return (
        # Where doors open earlier than an hour before, an open door says more than "soon".
        (min(session.starts_at - SOON, doors), Phase.SOON),
        (doors, Phase.OPEN),
        (session.starts_at, Phase.LIVE),
        (session.ends_at, Phase.OVERRUN),
        (session.doors_close_at, Phase.OVER),
    )


def phase_of(session: Session, timeline: Timeline, now: datetime) -> Phase:
    """Where ``session`` stands at ``now``, by its own timeline."""
    if not timeline:
        return Phase(status_of(session))
    return next((phase for begins, phase in reversed(timeline) if begins <= now), Phase.PLANNED)


def access_to(
    session: Session,
    membership: EventMembership,
    role: StageRole,
    now: datetime,
    remote: Callable[[], RemoteState],
) -> SessionAccess:
    """What the person may do with ``session`` at ``now``.

    ``role`` is theirs in this session. ``remote`` tells how its room stands; it is called
    at most once, and only where the answer hangs on it, because it may cost a query.
    """
    timeline = timeline_of(session)
    phase = phase_of(session, timeline, now)
    action, denial = _decide(_Doorstep(session, membership, role, phase, remote))
    return SessionAccess(
        phase=phase,
        action=action,
        denial=denial,
        starts_at=session.starts_at,
        doors_open_at=session.doors_open_at,
        opens_at=_opening_for(role, timeline),
        changes_at=next((begins for begins, _ in timeline if begins > now), None),
    )


def roles_let_in(phase: Phase) -> frozenset[StageRole]:
    """The roles whose time to enter has come; none before it takes place at all, and afterwards."""
    if phase not in _IN_TIME or phase is Phase.OVER:
        return frozenset()
    return frozenset(role for role in _ENTERS_FROM if not _is_early(role, phase))


def opens_for(session: Session, role: StageRole) -> datetime | None:
    """When people of this role may come in; None: at any time, or never."""
    return _opening_for(role, timeline_of(session))


def _opening_for(role: StageRole, timeline: Timeline) -> datetime | None:
    """When people of this role may come in; None: at any time, or never."""
    if _ENTERS_FROM[role] is Phase.PLANNED:
        return None
    return next((begins for begins, phase in timeline if not _is_early(role, phase)), None)


def _is_early(role: StageRole, phase: Phase) -> bool:
    return _IN_TIME.index(phase) < _IN_TIME.index(_ENTERS_FROM[role])


_Answer = tuple[SessionAction, Denial | None]


class Gate(StrEnum):
    """The questions at a session's door, in the order in which they are asked."""

    PLANNED = "planned"  # whether it takes place at all
    RECORDING = "recording"
    MEMBERSHIP = "membership"
    PLACE = "place"
    TIME = "time"
    ROOM = "room"


@dataclass(frozen=True)
class GateAnswer:
    """What one gate says by itself. Not every gate is asked at every moment."""

    gate: Gate
    is_asked: bool
    denial: Denial | None = None


@dataclass
class _Doorstep:
    """Who stands before which door, and when."""

    session: Session
    membership: EventMembership
    role: StageRole
    phase: Phase
    remote: Callable[[], RemoteState]

    @cached_property
    def state(self) -> RemoteState:
        return self.remote()


def gates_of(
    session: Session,
    membership: EventMembership,
    role: StageRole,
    now: datetime,
    remote: Callable[[], RemoteState],
) -> Iterator[GateAnswer]:
    """What every gate says, each by itself: ``access_to`` is the first of them that is closed.

    For whoever has to explain the answer. Each is asked when its turn comes.
    """
    phase = phase_of(session, timeline_of(session), now)
    here = _Doorstep(session, membership, role, phase, remote)
    for gate, (is_asked, refusal) in _GATES.items():
        found = refusal(here) if (asked := is_asked(here)) else None
        yield GateAnswer(gate, asked, found[1] if found else None)


def _decide(here: _Doorstep) -> _Answer:
    """Let the person in, or say the first thing that stands in the way.

    What nobody can change comes first: nobody registers only to learn that it is cancelled.
    """
    for is_asked, refusal in _GATES.values():
        if is_asked(here) and (found := refusal(here)):
            return found
    return (SessionAction.WATCH if here.phase is Phase.OVER else SessionAction.JOIN), None


def _not_planned(here: _Doorstep) -> _Answer | None:
    is_planned = here.phase in _IN_TIME
    return None if is_planned else (SessionAction.NOTHING, Denial(here.phase))


def _not_recorded(here: _Doorstep) -> _Answer | None:
    if here.state.recording is RecordingState.PROCESSING:
        return SessionAction.WAIT, Denial.PROCESSING
    if here.state.recording is RecordingState.NONE:
        return SessionAction.NOTHING, Denial.OVER
    return None


def _not_of_the_event(here: _Doorstep) -> _Answer | None:
    belongs = _belongs(here.membership, here.role)
    return None if belongs else _outside(here.session.event, here.membership)


def _without_place(here: _Doorstep) -> _Answer | None:
    if not _needs_place(here.session, here.membership, here.role):
        return None
    if here.session.pk in here.membership.awaited:
        return SessionAction.WAIT, Denial.PLACE_AWAITED
    return SessionAction.RESERVE, Denial.NO_PLACE


def _too_early(here: _Doorstep) -> _Answer | None:
    if not _is_early(here.role, here.phase):
        return None
    waits = here.phase is Phase.SOON
    return SessionAction.WAIT if waits else SessionAction.CALENDAR, Denial.TOO_EARLY


def _without_room(here: _Doorstep) -> _Answer | None:
    is_ready = here.state.room is RoomState.READY
    return None if is_ready else (SessionAction.WAIT, _CLOSED_ROOMS[here.state.room])


# By its name: when a gate is asked, and with what it turns somebody away. What the last two
# need stands only for sessions that take place.
_GATES: Final[
    dict[Gate, tuple[Callable[[_Doorstep], bool], Callable[[_Doorstep], _Answer | None]]]
] = {
    Gate.PLANNED: (lambda here: True, _not_planned),
    Gate.RECORDING: (lambda here: here.phase is Phase.OVER, _not_recorded),
    Gate.MEMBERSHIP: (lambda here: True, _not_of_the_event),
    Gate.PLACE: (lambda here: here.phase is not Phase.OVER, _without_place),
    Gate.TIME: (lambda here: here.phase in _IN_TIME, _too_early),
    Gate.ROOM: (lambda here: here.phase in _IN_TIME, _without_room),
}


def _belongs(membership: EventMembership, role: StageRole) -> bool:
    """Whether the person has a place: registered, in the team, or on this session's stage."""
    has_place = membership.is_registered or membership.is_team or role is not StageRole.ATTENDEE
    return membership.is_signed_in and has_place


def denial_of_whole(event: Event, membership: EventMembership) -> Denial | None:
    """Why someone may not enter what shows an event's sessions without their doors; None: may.

    Whoever belongs to the event may: there is no single session on whose stage they could be.
    """
    if membership.is_signed_in and membership.belongs:
        return None
    return _outside(event, membership)[1]


def _needs_place(session: Session, membership: EventMembership, role: StageRole) -> bool:
    """Whether the room has few places and none of them is theirs. Recordings are for all."""
    is_guest = role is StageRole.ATTENDEE and not membership.is_team
    return session.capacity is not None and is_guest and session.pk not in membership.places


def _outside(event: Event, membership: EventMembership) -> _Answer:
    """What someone without a place can do about it."""
    if not membership.is_signed_in:
        return SessionAction.SIGN_IN, Denial.SIGN_IN
    if membership.is_waiting:
        return SessionAction.WAIT, Denial.WAITING
    if takes_registrations(event):
        return SessionAction.REGISTER, Denial.REGISTER
    return SessionAction.NOTHING, Denial.REGISTRATION_CLOSED
