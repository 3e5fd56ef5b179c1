"""The three rarer types of session in the demo, so that every type can be looked at."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from events.actions import save_planned
from events.models import Event, Session, SessionStatus, SessionType
from kaltura_bridge.models import SessionDelivery

# A video that the local Kaltura is provisioned with (docs/simulator.md).
VIDEO: Final = "0_videoone"
# What becomes what; the next of each, so that the sessions that are live stay as they are.
BECOMES: Final = (
    (SessionType.WEBCAST, SessionType.SIMULIVE),
    (SessionType.WEBCAST, SessionType.STUDIO),
    (SessionType.INTERACTIVE, SessionType.WEBINAR),
)


def vary_types(event: Event, now: datetime) -> list[Session]:
    """Turn the next webcasts and the next room of an event into a session of each rarer type."""
    changed: list[Session] = []
    for before, after in BECOMES:
        session = _next(event, before, now)
        if session is None:
            continue
        if after == SessionType.SIMULIVE:
            SessionDelivery.objects.create(session=session, source_entry_id=VIDEO)
        session.session_type = after
        save_planned(session, ["session_type", "updated_at"])
        changed.append(session)
    return changed


def _next(event: Event, kind: str, now: datetime) -> Session | None:
    coming = event.sessions.filter(
        session_type=kind, status=SessionStatus.PUBLISHED, starts_at__gt=now
    )
    return coming.order_by("starts_at", "pk").first()
