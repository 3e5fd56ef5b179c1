"""A simulive and its replay share an entry, and may not overlap there at any moment."""

from __future__ import annotations

from datetime import timedelta

import pytest

from kaltura_bridge.models import SessionDelivery, SyncAttempt
from tests.factories import SimuliveFactory
from tests.kaltura_bridge.support.planning import in_step, settle

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("minutes", [-20, 20])
def test_moving_a_simulive_is_never_refused_over_its_own_replay(simulator, minutes):
    session = SimuliveFactory()
    SessionDelivery.objects.create(session=session, source_entry_id="0_videoone")
    settle(session.event)
    SyncAttempt.objects.all().delete()

    session.starts_at += timedelta(minutes=minutes)
    session.ends_at += timedelta(minutes=minutes)
    session.save()
    settle(session.event)

    messages = SyncAttempt.objects.values_list("message", flat=True)
    assert in_step(session.event)
    assert [text for text in messages if "SCHEDULE_TIME_IN_USE" in text] == []
