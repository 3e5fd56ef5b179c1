"""Which events cannot have Kaltura's gallery: its cards would lead round rules of our doors.

Whoever is in KAF's gallery opens what is there, whenever they like and from as many browsers:
KAF asks nobody. Places in a session and single devices are kept to at our doors alone, so where
an event has one of them, the gallery is not offered.
"""

from __future__ import annotations

from typing import Any

from django.db.models import Exists, OuterRef, QuerySet

from events.models import Event, Session, SessionStatus
from kaltura_bridge.models import EventDelivery, SecondDevice


def has_few_places(event: Event) -> bool:
    """Whether a session of the event has a limited number of places."""
    return bool(event.pk) and _with_few_places().filter(event=event).exists()


def offers_gallery() -> Any:
    """The condition on events that chose the gallery and have no rule that it leads round."""
    chosen = EventDelivery.objects.filter(
        event=OuterRef("pk"), gallery=True, second_device=SecondDevice.ALLOW
    )
    return Exists(chosen) & ~Exists(_with_few_places().filter(event=OuterRef("pk")))


def _with_few_places() -> QuerySet[Session]:
    limited = Session.objects.filter(capacity__isnull=False)
    return limited.exclude(status=SessionStatus.CANCELLED)
