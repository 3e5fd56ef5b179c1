"""What people read instead of a session: what happened, whose doing it is, what to do next.

The domain decides (``events.access``); here are the words and the one action for each of
its reasons. The view turns the action into an address.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final
from zoneinfo import ZoneInfo

from events.access import Denial, SessionAccess
from events.dates import long_day


class NextStep(StrEnum):
    """The one thing to do after a denial."""

    SIGN_IN = "sign_in"
    REGISTER = "register"
    SESSION = "session"
    AGENDA = "agenda"
    RETRY = "retry"


@dataclass(frozen=True)
class DenialMessage:
    """A denial in words: ``status`` is HTTP's, ``label`` stands on the one button."""

    status: int
    what: str
    why: str
    step: NextStep
    label: str


USED_TICKET: Final = DenialMessage(
    403,
    "This entrance has been used.",
    "Each one works once, for one person, for two minutes. Open the session again for a new one.",
    NextStep.RETRY,
    "Open the session again",
)

_MESSAGES: Final = {
    Denial.CANCELLED: DenialMessage(
        410,
        "This session will not take place.",
        "The organisers have cancelled it. The rest of the agenda goes on.",
        NextStep.AGENDA,
        "See the agenda",
    ),
    Denial.DRAFT: DenialMessage(
        403,
        "This session is not published yet.",
        "Only the team can see it. It can be joined once someone of the team publishes it "
        "and its event.",
        NextStep.SESSION,
        "Back to the session",
    ),
    Denial.PROCESSING: DenialMessage(
        503,
        "This session is over; its recording is not ready yet.",
        "Kaltura is still working on it. It appears here by itself when it is done.",
        NextStep.SESSION,
        "Back to the session",
    ),
    Denial.OVER: DenialMessage(
        403,
        "This session is over.",
        "The doors have closed, and the organisers offer no recording of it.",
        NextStep.AGENDA,
        "See what comes next",
    ),
    Denial.SIGN_IN: DenialMessage(
        403,
        "Sign in to come in.",
        "We do not know you yet: sessions are for registered people. "
        "You will be back here right after.",
        NextStep.SIGN_IN,
        "Sign in",
    ),
    Denial.REGISTER: DenialMessage(
        403,
        "You are not registered for this event yet.",
        "One click on the event's page is enough; then come back here.",
        NextStep.REGISTER,
        "Register",
    ),
    Denial.REGISTRATION_CLOSED: DenialMessage(
        403,
        "Registration for this event is closed.",
        "The organisers take no more people. If you think that you are registered, you may "
        "have signed in with another e-mail address.",
        NextStep.AGENDA,
        "See the agenda",
    ),
    Denial.WAITING: DenialMessage(
        503,
        "You are on the waiting list of this event.",
        "All places are taken for now. You move up by yourself, and get a mail when you have a "
        "place.",
        NextStep.SESSION,
        "Back to the session",
    ),
    Denial.NO_PLACE: DenialMessage(
        403,
        "This session has a limited number of places.",
        "Reserve one on the session's page; then come back here.",
        NextStep.SESSION,
        "Go to the session",
    ),
    Denial.PLACE_AWAITED: DenialMessage(
        503,
        "You are waiting for a place in this session.",
        "All places are taken for now. You move up by yourself, and get a mail when you have a "
        "place.",
        NextStep.SESSION,
        "Back to the session",
    ),
    Denial.TOO_EARLY: DenialMessage(
        403,
        "The doors open at {time}.",
        "You are early: come back on {day} at {time} ({zone}, the event's time zone), or "
        "leave this page open and it lets you in by itself.",
        NextStep.SESSION,
        "Back to the session",
    ),
    Denial.NOT_CONFIGURED: DenialMessage(
        503,
        "This portal cannot open Kaltura's pages yet.",
        "It is not your doing: whoever runs the portal has to complete its Kaltura settings. "
        "Please tell the organisers.",
        NextStep.SESSION,
        "Back to the session",
    ),
    Denial.FAILED: DenialMessage(
        503,
        "The room could not be prepared.",
        "It is not your doing: Kaltura refused it, and the organisers can see why. "
        "We let you in as soon as it is there.",
        NextStep.RETRY,
        "Try again",
    ),
    Denial.PREPARING: DenialMessage(
        503,
        "The room is being prepared.",
        "Kaltura does not have it yet; that takes seconds, rarely minutes. "
        "Leave this page open and it lets you in by itself.",
        NextStep.RETRY,
        "Try again",
    ),
}


def message_for(access: SessionAccess, zone: ZoneInfo) -> DenialMessage:
    """What to tell someone who is not let in; times are written in ``zone``, the event's."""
    if access.denial is None:
        raise ValueError("Whoever may enter needs no reason why not.")
    message = _MESSAGES[access.denial]
    if access.denial is not Denial.TOO_EARLY or access.opens_at is None:
        return message
    local = access.opens_at.astimezone(zone)
    time, day = f"{local:%H:%M}", long_day(local)
    return replace(
        message,
        what=message.what.format(time=time),
        why=message.why.format(day=day, time=time, zone=zone.key),
    )
