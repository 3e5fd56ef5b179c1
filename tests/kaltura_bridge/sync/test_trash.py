"""What is restored from the trash stands at Kaltura again as it stood."""

from __future__ import annotations

from typing import Any

import pytest

from events.actions import delete_planned
from events.models import Event, Session, TrashedObject
from events.trash.restoring import restore
from tests.factories import SessionSpeakerFactory
from tests.kaltura_bridge.support.oracle import Store, differences
from tests.kaltura_bridge.support.planning import in_step, planned_event, settle

pytestmark = [pytest.mark.django_db(transaction=True)]


def ids(simulator: Any) -> dict[Any, list[str]]:
    return {identity: [row.id for row in rows] for identity, rows in Store(simulator).ours.items()}


@pytest.mark.parametrize("whole_event", [False, True])
def test_restored_objects_are_made_anew_as_they_were(simulator: Any, whole_event: bool):
    event = planned_event()
    keynote = Session.objects.get(title="Keynote")
    SessionSpeakerFactory(session=keynote)
    settle(event)
    before = ids(simulator)
    assert differences(simulator, event) == []

    delete_planned(event if whole_event else keynote)
    settle(event)
    assert ids(simulator).keys() < before.keys()

    restore(TrashedObject.objects.get().pk)
    settle(event)

    event = Event.objects.get()
    assert in_step(event)
    assert differences(simulator, event) == []
    after = ids(simulator)
    assert after.keys() == before.keys()
    assert after != before


def test_restored_before_kaltura_has_heard_nothing_changes_there(simulator: Any):
    event = planned_event()
    settle(event)
    before = ids(simulator)

    delete_planned(Session.objects.get(title="Keynote"))
    restore(TrashedObject.objects.get().pk)
    settle(event)

    assert in_step(event)
    assert ids(simulator) == before
    assert differences(simulator, event) == []
