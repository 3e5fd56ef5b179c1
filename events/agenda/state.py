"""What a session is right now, and the one thing a visitor can do about it.

Pure: session, moment, visitor and recording in, words and button out. The agenda,
the session page and the join page all ask here, so they never disagree.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from events.models import EventStatus, Session, SessionStatus
from events.recordings import Recording

# From here on, the button counts down instead of offering the calendar, and people on
# stage may enter to try their microphones.
SOON = timedelta(hours=1)


class Phase(StrEnum):
    """Where a session stands in time."""

    DRAFT = "draft"
    CANCELLED = "cancelled"
    PLANNED = "planned"
    SOON = "soon"
    OPEN = "open"
    LIVE = "live"
    OVERRUN = "overrun"
    OVER = "over"


class Does(StrEnum):
    """What the primary button does; the page knows the address."""

    NOTHING = "nothing"
    CALENDAR = "calendar"
    SIGN_IN = "sign_in"
    REGISTER = "register"
    JOIN = "join"
    WATCH = "watch"


@dataclass(frozen=True)
class Visitor:
    """What the rules need to know about the person looking at a session.

    ``on_stage``: speaks here, or moderates. ``plans``: owner or manager, who prepare
    rooms whenever they like.
    """

    is_signed_in: bool = False
    is_registered: bool = False
    is_team: bool = False
    on_stage: bool = False
    plans: bool = False
    may_register: bool = True

    @property
    def may_enter(self) -> bool:
        return self.is_signed_in and (self.is_registered or self.is_team or self.on_stage)


@dataclass(frozen=True)
class SessionState:
    """The phase, a short mark for lists, and the primary button with its reason."""

    phase: Phase
    mark: str
    button: str
    does: Does
    note: str = ""


def phase_of(session: Session, now: datetime) -> Phase:
    """Where ``session`` stands at ``now``. A cancelled event cancels all of it."""
    if session.status == SessionStatus.CANCELLED or session.event.status == EventStatus.CANCELLED:
        return Phase.CANCELLED
    if session.status == SessionStatus.DRAFT:
        return Phase.DRAFT
    if now >= session.doors_close_at:
        return Phase.OVER
    if now >= session.ends_at:
        return Phase.OVERRUN
    if now >= session.starts_at:
        return Phase.LIVE
    if now >= session.doors_open_at:
        return Phase.OPEN
    return Phase.SOON if session.starts_at - now <= SOON else Phase.PLANNED


def minutes_until(instant: datetime, now: datetime) -> int:
    """Whole minutes left, rounded up: "1 minute" stands until the very moment."""
    return max(0, -int((now - instant).total_seconds() // 60))


def countdown(minutes: int) -> str:
    return "Starts in 1 minute" if minutes == 1 else f"Starts in {minutes} minutes"


def mark_of(session: Session, phase: Phase, now: datetime) -> str:
    """A word or two for a list; empty when there is nothing to say."""
    if phase in (Phase.SOON, Phase.OPEN):
        return f"In {minutes_until(session.starts_at, now)} min"
    return {
        Phase.DRAFT: "Draft",
        Phase.CANCELLED: "Cancelled",
        Phase.LIVE: "Live now",
        Phase.OVERRUN: "Ending",
        Phase.OVER: "Ended",
    }.get(phase, "")


def session_state(
    session: Session, now: datetime, visitor: Visitor, recording: Recording = Recording.NONE
) -> SessionState:
    """What to show for ``session`` at ``now``."""
    phase = phase_of(session, now)
    button, does, note = _primary(session, phase, now, visitor, recording)
    return SessionState(phase, mark_of(session, phase, now), button, does, note)


Primary = tuple[str, Does, str]


def _primary(
    session: Session, phase: Phase, now: datetime, visitor: Visitor, recording: Recording
) -> Primary:
    if phase is Phase.CANCELLED:
        return "Cancelled", Does.NOTHING, "This session will not take place."
    if phase is Phase.DRAFT:
        return "Not published yet", Does.NOTHING, "Only the team sees this page."
    if phase is Phase.OVER:
        return _afterwards(visitor, recording)
    if not visitor.may_enter:
        return _admission(visitor, "join")
    if phase in (Phase.OPEN, Phase.LIVE, Phase.OVERRUN):
        return "Join now", Does.JOIN, _open_note(session, phase, now)
    if visitor.plans or (visitor.on_stage and phase is Phase.SOON):
        return "Enter early", Does.JOIN, _doors_note(session)
    if phase is Phase.SOON:
        left = minutes_until(session.starts_at, now)
        return countdown(left), Does.NOTHING, _doors_note(session)
    return "Add to calendar", Does.CALENDAR, ""


def _doors_note(session: Session) -> str:
    minutes = session.event.doors_open_minutes
    return f"Doors open {minutes} minutes before the start." if minutes else ""


def _open_note(session: Session, phase: Phase, now: datetime) -> str:
    if phase is Phase.OPEN:
        return f"Doors are open. {countdown(minutes_until(session.starts_at, now))}."
    if phase is Phase.OVERRUN:
        return "The planned time is over; the room is still open."
    return ""


def _afterwards(visitor: Visitor, recording: Recording) -> Primary:
    if recording is Recording.PROCESSING:
        return "Processing recording", Does.NOTHING, "The recording appears here when it is ready."
    if recording is Recording.NONE:
        return "Ended", Does.NOTHING, "There is no recording."
    return ("Watch", Does.WATCH, "") if visitor.may_enter else _admission(visitor, "watch")


def _admission(visitor: Visitor, purpose: str) -> Primary:
    """What stands between this visitor and the room."""
    if not visitor.is_signed_in:
        return f"Sign in to {purpose}", Does.SIGN_IN, ""
    if visitor.may_register:
        return f"Register to {purpose}", Does.REGISTER, "One click, then you are back here."
    return "Registration is closed", Does.NOTHING, "Only registered people may enter."
