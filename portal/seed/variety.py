"""Session types that no talk of the demo's schedules suggests, so that all can be seen."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from events.actions import save_planned
from events.models import Event, Session, SessionStatus, SessionType
from kaltura_bridge.models import SessionDelivery

# A video that the local Kaltura has from the start (docs/simulator.md).
VIDEO: Final = "0_videoone"
# Type before and after. The next session of each changes, never one that is live.
BECOMES: Final = (
    (SessionType.WEBCAST, SessionType.SIMULIVE),
    (SessionType.WEBCAST, SessionType.STUDIO),
    (SessionType.INTERACTIVE, SessionType.WEBINAR),
)


def vary_types(event: Event, now: datetime) -> list[Session]:
    """Change the next webcasts and the next room of an event to the rarer types."""
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
