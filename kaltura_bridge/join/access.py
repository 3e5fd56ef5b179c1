"""Who may enter a session now, and what to tell everyone else. Pure.

A denial says what happened, whose doing it is and what to do next, and offers one
action. The view turns the action into an address and the words into a page.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final
from zoneinfo import ZoneInfo

from events.recordings import Recording
from kaltura_bridge.join.identity import StageRole

# Speakers and moderators try their microphones; producers prepare whenever they like.
STAGE_ENTERS_EARLY: Final = timedelta(minutes=60)


@dataclass(frozen=True)
class Person:
    """What a gate needs to know of who knocks."""

    signed_in: bool = False
    registered: bool = False
    in_team: bool = False
    role: StageRole = StageRole.ATTENDEE

    @property
    def belongs(self) -> bool:
        return self.registered or self.in_team or self.role != StageRole.ATTENDEE


class Remote(StrEnum):
    """How far the session is at Kaltura."""

    READY = "ready"
    COMING = "coming"
    FAILED = "failed"


@dataclass(frozen=True)
class Doors:
    """What a gate needs to know of a session."""

    starts_at: datetime
    opens_at: datetime
    closes_at: datetime
    zone: ZoneInfo
    draft: bool = False
    cancelled: bool = False
    registration_open: bool = True
    remote: Remote = Remote.READY
    recording: Recording = Recording.NONE
    can_mint: bool = True

    def opens_for(self, role: StageRole) -> datetime | None:
        """When people of this role may come in; None: at any time."""
        if role == StageRole.PRODUCER:
            return None
        if role == StageRole.ATTENDEE:
            return self.opens_at
        return min(self.opens_at, self.starts_at - STAGE_ENTERS_EARLY)


class Go(StrEnum):
    """The one thing to do after a denial."""

    SIGN_IN = "sign_in"
    REGISTER = "register"
    SESSION = "session"
    AGENDA = "agenda"
    RETRY = "retry"


@dataclass(frozen=True)
class Denial:
    """Why not: what happened, whose doing, what to do; ``label`` is on the one button.

    ``opens_at`` is when the same person may come in; ``retry_s`` is after how many
    seconds asking again makes sense.
    """

    code: str
    status: int
    what: str
    why: str
    go: Go
    label: str
    opens_at: datetime | None = None
    retry_s: int | None = None


@dataclass(frozen=True)
class Admission:
    """Come in: to what is on now, or to what was recorded."""

    recording: bool = False


Decision = Admission | Denial


def decide(person: Person, doors: Doors, now: datetime) -> Decision:
    """Let the person in, or say the first thing that stands in the way.

    What nobody can change comes first: nobody registers only to learn that it is cancelled.
    """
    after = now >= doors.closes_at
    return (
        _planned(doors)
        or (_afterwards(doors) if after else None)
        or _invited(person, doors)
        or (None if after else _open(person, doors, now))
        or _connected(doors)
        or Admission(recording=after)
    )


def _planned(doors: Doors) -> Denial | None:
    if doors.cancelled:
        return Denial(
            "cancelled",
            410,
            "This session will not take place.",
            "The organisers have cancelled it. The rest of the agenda goes on.",
            Go.AGENDA,
            "See the agenda",
        )
    if doors.draft:
        return Denial(
            "draft",
            403,
            "This session is not published yet.",
            "Only the team can see it. Once someone of the team publishes it, it can be joined.",
            Go.SESSION,
            "Back to the session",
        )
    return None


def _afterwards(doors: Doors) -> Denial | None:
    if doors.recording == Recording.READY:
        return None
    if doors.recording == Recording.PROCESSING:
        return Denial(
            "processing",
            503,
            "This session is over; its recording is not ready yet.",
            "Kaltura is still working on it. It appears here by itself when it is done.",
            Go.SESSION,
            "Back to the session",
            retry_s=60,
        )
    return Denial(
        "over",
        403,
        "This session is over.",
        "The doors have closed, and the organisers offer no recording of it.",
        Go.AGENDA,
        "See what comes next",
    )


def _invited(person: Person, doors: Doors) -> Denial | None:
    if not person.signed_in:
        return Denial(
            "sign_in",
            403,
            "Sign in to come in.",
            "We do not know you yet: sessions are for registered people. "
            "You will be back here right after.",
            Go.SIGN_IN,
            "Sign in",
        )
    if person.belongs:
        return None
    if doors.registration_open:
        return Denial(
            "register",
            403,
            "You are not registered for this event yet.",
            "One click on the event's page is enough; then come back here.",
            Go.REGISTER,
            "Register",
        )
    return Denial(
        "closed",
        403,
        "Registration for this event is closed.",
        "The organisers take no more people. If you think that you are registered, you may "
        "have signed in with another e-mail address.",
        Go.AGENDA,
        "See the agenda",
    )


def _open(person: Person, doors: Doors, now: datetime) -> Denial | None:
    opens_at = doors.opens_for(person.role)
    if opens_at is None or now >= opens_at:
        return None
    local = opens_at.astimezone(doors.zone)
    return Denial(
        "too_early",
        403,
        f"The doors open at {local:%H:%M}.",
        f"You are early: come back on {local:%A, %-d %B %Y} at {local:%H:%M} ({doors.zone.key}, "
        "the event's time zone), or leave this page open and it lets you in by itself.",
        Go.SESSION,
        "Back to the session",
        opens_at=opens_at,
    )


def _connected(doors: Doors) -> Denial | None:
    if not doors.can_mint:
        return Denial(
            "not_configured",
            503,
            "This portal cannot open Kaltura's pages yet.",
            "It is not your doing: whoever runs the portal has to complete its Kaltura settings. "
            "Please tell the organisers.",
            Go.SESSION,
            "Back to the session",
        )
    if doors.remote == Remote.READY:
        return None
    if doors.remote == Remote.FAILED:
        return Denial(
            "refused",
            503,
            "The room could not be prepared.",
            "It is not your doing: Kaltura refused it, and the organisers can see why. "
            "We let you in as soon as it is there.",
            Go.RETRY,
            "Try again",
            retry_s=30,
        )
    return Denial(
        "preparing",
        503,
        "The room is being prepared.",
        "Kaltura does not have it yet; that takes seconds, rarely minutes. "
        "Leave this page open and it lets you in by itself.",
        Go.RETRY,
        "Try again",
        retry_s=10,
    )
