"""What the three pages get beside the programme, without a query while nothing changes."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from events.agenda.also_starred import suggestions_for
from events.feedback.giving import FeedbackState, state_for
from events.feedback.results import may_read_results
from events.models import Event, Session, Speaker
from events.pages.parts import links_of_speaker, materials_of_session, may_take, parts_of_event
from events.pages.social import card_of_event, card_of_session, card_of_speaker
from events.pages.structured import event_as_json_ld, json_ld, session_as_json_ld
from events.roles import EventMembership


def context_of_event(event: Event) -> dict[str, Any]:
    """Partners, information, and what search engines and messengers read."""
    card = card_of_event(event)
    return {
        "parts": parts_of_event(event),
        "card": card,
        "json_ld": json_ld(event_as_json_ld(event, card.image)) if card else "",
    }


def context_of_session(
    session: Session, membership: EventMembership, now: datetime
) -> dict[str, Any]:
    """Documents and links, each with whether this person may have it now."""
    for appearance in session.on_stage:  # type: ignore[attr-defined]
        appearance.speaker.event = session.event
    card = card_of_session(session)
    materials = materials_of_session(session)
    return {
        "materials": [(m, may_take(m.audience, session, membership, now)) for m in materials],
        "card": card,
        "json_ld": json_ld(session_as_json_ld(session)) if card else "",
        "suggestions": suggestions_for(session),
        **_feedback(session, membership, now),
    }


def _feedback(session: Session, membership: EventMembership, now: datetime) -> dict[str, Any]:
    """Whether this person is asked what it was like, or reads what was said."""
    return {
        "gives_feedback": state_for(session, membership, now) is FeedbackState.OPEN,
        "my_stars": getattr(session, "my_stars", None),
        "reads_feedback": now >= session.ends_at
        and session.event.takes_feedback
        and may_read_results(session, membership),
    }


def context_of_speaker(event: Event, speaker: Speaker) -> dict[str, Any]:
    """Where else to find them."""
    return {
        "links": links_of_speaker(event, speaker),
        "card": card_of_speaker(event, speaker),
    }
