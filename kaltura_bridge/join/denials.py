"""What people read instead of a session: what happened, whose doing it is, what to do next.

The domain decides (``events.access``); here are the words and the one action for each of
its reasons. The view turns the action into an address.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final
from zoneinfo import ZoneInfo

from django.utils.translation import gettext_lazy as _

from events.access import Denial, SessionAccess
from events.i18n.dates import long_day
from events.i18n.languages import Words


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
    what: Words
    why: Words
    step: NextStep
    label: Words


USED_TICKET: Final = DenialMessage(
    403,
    _("This entrance has been used."),
    _(
        "Each one works once, for one person, for two minutes. Open the session "
        "again for a new one."
    ),
    NextStep.RETRY,
    _("Open the session again"),
)

OTHER_DEVICE: Final = DenialMessage(
    403,
    _("You are in this session with another device."),
    _(
        "This event lets everybody in once. Leave the session there, then come in here; if that "
        "device is switched off or gone, its place is free after three minutes."
    ),
    NextStep.RETRY,
    _("Try again"),
)

TOO_OFTEN: Final = DenialMessage(
    429,
    _("That was a lot of attempts"),
    _("To keep accounts safe we stop for a few minutes. Try again a little later."),
    NextStep.RETRY,
    _("Try again"),
)

_MESSAGES: Final = {
    Denial.CANCELLED: DenialMessage(
        410,
        _("This session will not take place."),
        _("The organisers have cancelled it. The rest of the agenda goes on."),
        NextStep.AGENDA,
        _("See the agenda"),
    ),
    Denial.DRAFT: DenialMessage(
        403,
        _("This session is not published yet."),
        _(
            "Only the team can see it. It can be joined once someone of the team "
            "publishes it and its event."
        ),
        NextStep.SESSION,
        _("Back to the session"),
    ),
    Denial.PROCESSING: DenialMessage(
        503,
        _("This session is over; its recording is not ready yet."),
        _("Kaltura is still working on it. It appears here by itself when it is done."),
        NextStep.SESSION,
        _("Back to the session"),
    ),
    Denial.OVER: DenialMessage(
        403,
        _("This session is over."),
        _("The doors have closed, and the organisers offer no recording of it."),
        NextStep.AGENDA,
        _("See what comes next"),
    ),
    Denial.SIGN_IN: DenialMessage(
        403,
        _("Sign in to come in."),
        _(
            "We do not know you yet: sessions are for registered people. You "
            "will be back here right after."
        ),
        NextStep.SIGN_IN,
        _("Sign in"),
    ),
    Denial.REGISTER: DenialMessage(
        403,
        _("You are not registered for this event yet."),
        _("One click on the event's page is enough; then come back here."),
        NextStep.REGISTER,
        _("Register"),
    ),
    Denial.REGISTRATION_CLOSED: DenialMessage(
        403,
        _("Registration for this event is closed."),
        _(
            "The organisers take no more people. If you think that you are "
            "registered, you may have signed in with another e-mail address."
        ),
        NextStep.AGENDA,
        _("See the agenda"),
    ),
    Denial.WAITING: DenialMessage(
        503,
        _("You are on the waiting list of this event."),
        _(
            "All places are taken for now. You move up by yourself, and get a "
            "mail when you have a place."
        ),
        NextStep.SESSION,
        _("Back to the session"),
    ),
    Denial.NO_PLACE: DenialMessage(
        403,
        _("This session has a limited number of places."),
        _("Reserve one on the session's page; then come back here."),
        NextStep.SESSION,
        _("Go to the session"),
    ),
    Denial.PLACE_AWAITED: DenialMessage(
        503,
        _("You are waiting for a place in this session."),
        _(
            "All places are taken for now. You move up by yourself, and get a "
            "mail when you have a place."
        ),
        NextStep.SESSION,
        _("Back to the session"),
    ),
    Denial.TOO_EARLY: DenialMessage(
        403,
        _("The doors open at {time}."),
        _(
            "You are early: come back on {day} at {time} ({zone}, the event's "
            "time zone), or leave this page open and it lets you in by itself."
        ),
        NextStep.SESSION,
        _("Back to the session"),
    ),
    Denial.NOT_CONFIGURED: DenialMessage(
        503,
        _("This portal cannot open Kaltura's pages yet."),
        _(
            "It is not your doing: whoever runs the portal has to complete its "
            "Kaltura settings. Please tell the organisers."
        ),
        NextStep.SESSION,
        _("Back to the session"),
    ),
    Denial.FAILED: DenialMessage(
        503,
        _("The room could not be prepared."),
        _(
            "It is not your doing: Kaltura refused it, and the organisers can "
            "see why. We let you in as soon as it is there."
        ),
        NextStep.RETRY,
        _("Try again"),
    ),
    Denial.PREPARING: DenialMessage(
        503,
        _("The room is being prepared."),
        _(
            "Kaltura does not have it yet; that takes seconds, rarely minutes. "
            "Leave this page open and it lets you in by itself."
        ),
        NextStep.RETRY,
        _("Try again"),
    ),
}


def message_of(denial: Denial) -> DenialMessage:
    """What to tell someone whom this keeps out; the moment at which doors open is left open."""
    return _MESSAGES[denial]


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
        what=str(message.what).format(time=time),
        why=str(message.why).format(day=day, time=time, zone=zone.key),
    )
