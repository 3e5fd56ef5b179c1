"""Kaltura holds the instants that the agenda shows, at both edges of summer time."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest

from events.models import Session
from kaltura_bridge.models import SyncTarget
from kaltura_bridge.specs import key_for
from kaltura_bridge.sync import service
from tests.events.test_agenda_instants import ZONES, a_programme, edges_of

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize(
    "zones",
    [
        pytest.param(ZONES[:1], id="one zone"),
        pytest.param(ZONES[1:], id="the others", marks=pytest.mark.proof),
    ],
)
def test_kaltura_holds_every_instant(simulator, zones):
    for name in zones:
        for number, edge in enumerate(edges_of(ZoneInfo(name))):
            a_programme(ZoneInfo(name), edge, slug=f"{name.lower().replace('/', '-')}-{number}")

    service.settle(SyncTarget.objects.all(), 120)

    held = {
        row["referenceId"]: (int(row["startDate"]), int(row["endDate"]))
        for row in simulator.objects("scheduleEvent")
    }
    sessions = Session.objects.exclude(slug="days")
    assert held == {
        key_for(each.uuid): (each.starts_at.timestamp(), each.ends_at.timestamp())
        for each in sessions
    }
    assert len(held) == 2 * 5 * len(zones)
    # Kaltura takes no calendar event of more than a day; the portal says so instead of cutting it.
    ((title, error),) = set(
        SyncTarget.objects.exclude(state="synced").values_list("title", "error")
    )
    assert title == "days"
    assert "Maximum schedule duration [86400] reached" in error
