"""What the three pages get beside the programme, without a query while nothing changes."""

from __future__ import annotations

from datetime import datetime
from typing import Any

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
    }


def context_of_speaker(event: Event, speaker: Speaker) -> dict[str, Any]:
    """Where else to find them."""
    return {
        "links": links_of_speaker(event, speaker),
        "card": card_of_speaker(event, speaker),
    }
