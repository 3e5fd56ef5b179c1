"""Sessions that were recorded, and the worker's look at that."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.utils import timezone

from events.models import Session
from kaltura_bridge.join.destination import destination_of
from kaltura_bridge.models import Recording, RecordingLook
from kaltura_bridge.recordings.looking import look_for_recordings
from kaltura_bridge.sync import service
from tests.factories import SessionFactory

if TYPE_CHECKING:
    from kaltura_simulator.testing import Simulator

SHOWN = ("entry_id", "origin", "state", "seconds", "is_published", "is_main")


def held_session(**fields: Any) -> Session:
    """A session that ended five minutes ago, with all that it has at Kaltura."""
    start = timezone.now() - timedelta(minutes=50)
    session = SessionFactory(
        **{"starts_at": start, "ends_at": start + timedelta(minutes=45), **fields}
    )
    service.settle(service.targets_of(session.event), 20)
    return session


def place_id(session: Session) -> str:
    """Its live entry or room."""
    return destination_of(session).entry_id


def broadcast(simulator: Simulator, session: Session, seconds: int = 600) -> None:
    """An encoder sends for so long; Kaltura records it."""
    simulator.switch(place_id(session), "on_air")
    simulator.advance(seconds)
    simulator.switch(place_id(session), "off")


def processed(simulator: Simulator) -> None:
    """Wait until Kaltura is done with every recording."""
    simulator.advance(3600)


def look(*sessions: Session) -> None:
    """One look at these sessions together, as the worker's."""
    found = Session.objects.filter(pk__in=[each.pk for each in sessions])
    look_for_recordings(list(found.select_related("event__delivery", "track", "delivery")))


def shown(session: Session) -> list[tuple[Any, ...]]:
    """The session's recordings as its rows have them, in the order of their making."""
    return list(Recording.objects.filter(session=session).order_by("pk").values_list(*SHOWN))


def rows(session: Session) -> list[Recording]:
    return list(Recording.objects.filter(session=session).order_by("pk"))


def last_look(session: Session) -> RecordingLook:
    return RecordingLook.objects.get(session=session)
