"""A pull of many rooms whose Kaltura is far away: every answer takes 50 ms longer."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any
from unittest.mock import patch

from django.utils import timezone

from analytics.pull import pull_sessions
from analytics.sources.ahead import AT_ONCE
from analytics.sources.newrow import NewrowClient, Params
from events.models import Session
from kaltura_bridge.models import RemoteLink
from kaltura_bridge.specs import Kind
from kaltura_bridge.sync import service
from kaltura_simulator.testing import Simulator
from tests.factories import EventFactory, InteractiveFactory

ROOMS = 500
LATENCY_S = 0.05
VISITORS = 5


def pulled_far_away(kaltura: Simulator) -> Iterator[tuple[str, tuple[float | None, float | None]]]:
    """How often Newrow was asked, and how long it took beside the waiting alone."""
    sessions = _held(kaltura)
    kaltura.set_latency(LATENCY_S)
    began = time.perf_counter()
    with _counted() as asked:
        result = pull_sessions(sessions)
    took = time.perf_counter() - began
    kaltura.set_latency(0)
    # The room's runs, and who was in each.
    needed = len(sessions) + result.runs
    yield f"pull of {len(sessions)} rooms, answers {LATENCY_S * 1000:.0f} ms later, s", (took, None)
    yield "  times the requests needed", (len(asked) / needed, 1.2)
    yield "  times the waiting alone", (took / (needed * LATENCY_S / AT_ONCE), None)


@contextmanager
def _counted() -> Iterator[list[str]]:
    """What Newrow is asked meanwhile: the local Kaltura keeps no list of it."""
    asked: list[str] = []
    get = NewrowClient._get

    def counting(client: NewrowClient, action: str, params: Params, room: str) -> dict[str, Any]:
        asked.append(action)
        return get(client, action, params, room)

    with patch.object(NewrowClient, "_get", counting):
        yield asked


def _held(kaltura: Simulator) -> list[Session]:
    start = (timezone.now() - timedelta(hours=2)).replace(second=0, microsecond=0)
    event = EventFactory(slug="far-away", starts_on=start.date())
    sessions = InteractiveFactory.create_batch(ROOMS, event=event, starts_at=start)
    service.settle(service.targets_of(event), 300)
    links = RemoteLink.objects.filter(
        kind=Kind.ROOM, target__object_uuid__in=[s.uuid for s in sessions]
    )
    at = int(start.timestamp())
    kaltura.add_visits(
        [
            {
                "entryId": place,
                "joined": at + 60 * n,
                "left": at + 1800,
                "userType": "guest",
                "name": f"Guest {n}",
            }
            for place in links.values_list("remote_id", flat=True)
            for n in range(VISITORS)
        ]
    )
    return sessions
