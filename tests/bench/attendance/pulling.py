"""A pull of many sessions whose Kaltura is far away: every answer takes 50 ms longer.

Half of them are rooms, which Newrow reports, half are webcasts, which Kaltura's reports have.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any
from unittest.mock import patch

from django.conf import settings
from django.utils import timezone

from analytics.pull import pull_sessions
from analytics.sources.ahead import AT_ONCE
from analytics.sources.newrow import NewrowClient, Params
from events.models import Session
from kaltura_bridge.api.client import GuardedClient
from kaltura_bridge.models import RemoteLink
from kaltura_bridge.specs import Kind
from kaltura_bridge.sync import service
from kaltura_simulator.testing import Simulator
from tests.factories import EventFactory, InteractiveFactory, WebcastFactory

LATENCY_S = 0.05
VISITORS = 5


def pulled_far_away(
    kaltura: Simulator, sessions: int
) -> Iterator[tuple[str, tuple[float | None, float | None]]]:
    """How often the sources were asked, and how long it took beside the waiting alone."""
    rooms, webcasts = _held(kaltura, max(2, sessions))
    kaltura.set_latency(LATENCY_S)
    began = time.perf_counter()
    with _counted() as asked:
        result = pull_sessions([*rooms, *webcasts])
    took = time.perf_counter() - began
    kaltura.set_latency(0)
    # A room's runs, and who was in each; a webcast's viewers.
    of_rooms, of_webcasts = len(rooms) + result.runs, len(webcasts)
    waiting = LATENCY_S * (of_rooms / AT_ONCE + of_webcasts / int(settings.KALTURA_REPORTS_AT_ONCE))
    name = f"pull of {len(rooms) + len(webcasts)} sessions, answers {LATENCY_S * 1000:.0f} ms later"
    yield f"{name}, s", (took, None)
    yield "  times the requests needed", (len(asked) / (of_rooms + of_webcasts), 1.2)
    yield "  times the waiting alone", (took / waiting, None)
    yield "  sessions that failed", (len(result.errors), 0)


@contextmanager
def _counted() -> Iterator[list[str]]:
    """What the sources are asked meanwhile: each HTTP request once."""
    asked: list[str] = []
    get, post = NewrowClient._get, GuardedClient._post

    def counting_get(
        client: NewrowClient, action: str, params: Params, room: str
    ) -> dict[str, Any]:
        asked.append(action)
        return get(client, action, params, room)

    def counting_post(client: GuardedClient, url: str, params: Any, files: Any) -> Any:
        asked.append("report")
        return post(client, url, params, files)

    with (
        patch.object(NewrowClient, "_get", counting_get),
        patch.object(GuardedClient, "_post", counting_post),
    ):
        yield asked


def _held(kaltura: Simulator, sessions: int) -> tuple[list[Session], list[Session]]:
    """Rooms and webcasts that are over, with people who were there."""
    start = (timezone.now() - timedelta(hours=2)).replace(second=0, microsecond=0)
    event = EventFactory(slug="far-away", starts_on=start.date())
    rooms = InteractiveFactory.create_batch(sessions // 2, event=event, starts_at=start)
    webcasts = WebcastFactory.create_batch(sessions - sessions // 2, event=event, starts_at=start)
    service.settle(service.targets_of(event), 300)
    links = RemoteLink.objects.filter(
        kind__in=[Kind.ROOM, Kind.ENTRY],
        target__object_uuid__in=[session.uuid for session in (*rooms, *webcasts)],
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
    return rooms, webcasts
