"""How many HTTP calls a sync may take: for N objects of which some changed,
ceil(changed / 25) + ceil(N / 500) + 2 for flat work.
"""

from __future__ import annotations

from collections.abc import Callable
from math import ceil

import pytest

from events.models import Event, Session
from kaltura_bridge.models import RemoteLink
from kaltura_bridge.sync import service
from tests.factories import EventFactory, InteractiveFactory, TrackFactory, WebcastFactory
from tests.kaltura_bridge.support.planning import in_step, settle

pytestmark = pytest.mark.django_db(transaction=True)
SESSIONS = 150


def budget(changed: int) -> int:
    return ceil(changed / 25) + ceil(RemoteLink.objects.count() / 500) + 2


@pytest.fixture
def event(simulator) -> Event:
    """150 sessions in sync, half of them rooms, written a moment ago."""
    planned = EventFactory()
    track = TrackFactory(event=planned)
    WebcastFactory.create_batch(SESSIONS // 2, event=planned, track=track)
    InteractiveFactory.create_batch(SESSIONS // 2, event=planned, track=track)
    settle(planned)
    assert in_step(planned)
    return planned


def _retitle(sessions: list[Session]) -> None:
    for session in sessions:
        session.abstract = "Another text"
        session.save()


def _retag(sessions: list[Session]) -> None:
    for session in sessions:
        session.language = "de"
        session.save()


@pytest.mark.parametrize("delay_s", [0.0, 20.0])
@pytest.mark.parametrize(("change", "number"), [(_retitle, 1), (_retitle, 60), (_retag, 150)])
def test_flat_changes_cost_no_more_calls_than_promised(
    event: Event,
    settings: pytest.FixtureRequest,
    change: Callable[[list[Session]], None],
    number: int,
    delay_s: float,
) -> None:
    settings.KALTURA_INDEX_DELAY_S = delay_s  # type: ignore[attr-defined]
    change(list(event.sessions.order_by("pk")[:number]))

    work = settle(event)

    assert (work.writes, in_step(event)) == (number, True)
    assert work.calls <= budget(number)


@pytest.mark.parametrize("delay_s", [0.0, 20.0])
def test_sync_without_changes_writes_nothing_and_only_lists(
    event: Event, settings: pytest.FixtureRequest, delay_s: float
) -> None:
    settings.KALTURA_INDEX_DELAY_S = delay_s  # type: ignore[attr-defined]

    work = service.sync_event(event, 20)

    assert (work.writes, in_step(event)) == (0, True)
    assert work.calls <= budget(0)
