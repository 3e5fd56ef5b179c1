"""Who may say something about a session, and when."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from events.access import status_of
from events.actions import NotAllowed
from events.limits import RateLimit
from events.models import Session, SessionFeedback, SessionStatus, User
from events.roles import EventMembership, StageRole

# So long after the end people still remember; then what was said stands.
OPEN_FOR: Final = timedelta(days=60)
OFTEN: Final = RateLimit("feedback", amount=60, within_s=3600)


class FeedbackState(StrEnum):
    """Whether a person may give feedback, or why not."""

    OPEN = "open"
    NOT_ASKED = "not_asked"
    EARLY = "early"
    CLOSED = "closed"
    NOT_REGISTERED = "not_registered"
    ON_STAGE = "on_stage"


def state_for(session: Session, membership: EventMembership, now: datetime) -> FeedbackState:
    """Of a session with its stage (``visible_session``); what nobody can change comes first.

    Registered people could attend live or watch later, so all of them may say something; who
    is on stage or runs the event judges nobody here.
    """
    if not session.event.takes_feedback or status_of(session) != SessionStatus.PUBLISHED:
        return FeedbackState.NOT_ASKED
    if membership.role_in(session) is not StageRole.ATTENDEE:
        return FeedbackState.ON_STAGE
    if not membership.is_registered:
        return FeedbackState.NOT_REGISTERED
    if now < session.ends_at:
        return FeedbackState.EARLY
    return FeedbackState.OPEN if now < session.ends_at + OPEN_FOR else FeedbackState.CLOSED


def give_feedback(user: User, session: Session, stars: int, text: str) -> None:
    """Say it, or say it anew. Raises NotAllowed for who does so all the time."""
    if not OFTEN.allows(user.pk):
        raise NotAllowed("You have sent a lot of feedback within an hour. Go on a little later.")
    said = {"stars": stars, "text": text}
    SessionFeedback.objects.update_or_create(user=user, session=session, defaults=said)


def take_feedback_back(user: User, session: Session) -> None:
    """As if it had never been said."""
    SessionFeedback.objects.filter(user=user, session=session).delete()
