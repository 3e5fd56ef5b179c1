"""What the demo's event chooses about watching: players, a main stage, a gallery, captions."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Final

from events.actions import save_planned
from events.models import Event, Session, SessionStatus, SessionType
from kaltura_bridge.models import (
    CaptionFeature,
    CaptionRule,
    EventDelivery,
    PlayerChoice,
    SessionDelivery,
)

PRIVACY_CONTEXT: Final = "congress31"
#: The only one that the local Kaltura's catalogue has captions in.
LANGUAGE: Final = "English"


def choose_watching(event: Event, now: datetime) -> None:
    """Set it all up, in the database alone. For an event that nothing was chosen for yet."""
    delivery = EventDelivery(event=event, player=PlayerChoice.V7, gallery=True)
    delivery.privacy_context = PRIVACY_CONTEXT
    delivery.recordings_download = True
    delivery.save()
    on_now = _webcasts_on_now(event, now)
    _choose_main_stage(event, on_now)
    # One of them stays on Kaltura's page, to be seen with its chat and questions.
    for session in on_now[1:][-1:]:
        SessionDelivery.objects.create(session=session, player=PlayerChoice.KAF)
    _want_captions(event)


def _webcasts_on_now(event: Event, now: datetime) -> list[Session]:
    on_now = event.sessions.filter(
        session_type=SessionType.WEBCAST,
        status=SessionStatus.PUBLISHED,
        starts_at__lte=now,
        ends_at__gt=now,
    )
    return list(on_now.select_related("track").order_by("starts_at", "ends_at", "pk"))


def _choose_main_stage(event: Event, on_now: list[Session]) -> None:
    """The track with most sessions of those where something is on: it will carry on the longest."""
    tracks = {session.track for session in on_now if session.track} or set(event.tracks.all())
    stage = max(tracks, key=lambda track: (track.sessions.count(), -track.pk))
    stage.main_stage = True
    save_planned(stage, ["main_stage", "updated_at"])


def _want_captions(event: Event) -> None:
    CaptionRule.objects.create(
        event=event,
        name="Every recording within a day",
        language=LANGUAGE,
        within_hours=24,
        budget=Decimal(1500),
    )
    CaptionRule.objects.create(
        event=event,
        name="Live captions for the studio",
        feature=CaptionFeature.LIVE,
        session_type=SessionType.STUDIO,
        language=LANGUAGE,
    )
