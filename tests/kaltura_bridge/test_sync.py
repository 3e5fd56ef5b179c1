"""The whole path, against the local Kaltura over HTTP."""

from __future__ import annotations

import pytest

from events.models import SessionType
from kaltura_bridge import sync
from kaltura_bridge.models import RemoteLink, SyncState, SyncTarget
from tests.factories import EventFactory, SessionFactory, TrackFactory

pytestmark = pytest.mark.django_db(transaction=True)


def test_event_becomes_exactly_the_planned_objects(simulator):
    event = EventFactory(title="Spring, Summer & <Autumn>")
    track = TrackFactory(event=event, name="Ethics, Society")
    SessionFactory(event=event, track=track, session_type=SessionType.WEBCAST)
    SessionFactory(event=event, track=None, session_type=SessionType.INTERACTIVE)

    sync.settle(sync.targets_of(event), 20)

    assert [(t.state, t.error) for t in SyncTarget.objects.all()] == [(SyncState.SYNCED, "")] * 4
    kinds = sorted(RemoteLink.objects.values_list("kind", flat=True))
    assert kinds == sorted(
        ["category"] * 2
        + ["entry", "room"]
        + ["metadata"] * 4
        + ["schedule_event"] * 2
        + ["category_entry"] * 2
    )


def test_syncing_again_writes_nothing(simulator):
    event = EventFactory()
    SessionFactory.create_batch(3, event=event, track=None)
    sync.settle(sync.targets_of(event), 20)

    work = sync.sync_event(event, 20)

    assert (work.writes, [t.state for t in sync.targets_of(event)]) == (0, ["synced"] * 4)
