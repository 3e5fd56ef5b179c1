"""Live captions: ordered at the session's own calendar event, before it is too late."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from events.models import SessionType
from kaltura_bridge.api.client import Kaltura
from kaltura_bridge.captions import catalogue, service
from kaltura_bridge.captions.asking import needs_of_session, note_task_changed
from kaltura_bridge.models import CaptionFeature, CaptionOrder, OrderState, ReachCatalogue
from kaltura_bridge.sync import service as sync
from kaltura_simulator import constants
from tests.factories import SessionFactory
from tests.kaltura_bridge.support.captioning import CaptionVendor, look_again, rule_of, tasks_at

pytestmark = pytest.mark.django_db


def planned(**fields):
    start = timezone.now().replace(microsecond=0) + timedelta(hours=5)
    times = {"starts_at": start, "ends_at": start + timedelta(hours=1)}
    return SessionFactory(**{"title": "Opening keynote", "language": "en", **times, **fields})


@pytest.fixture
def at_once(simulator, settings):
    settings.KALTURA_INDEX_DELAY_S = 0
    return simulator


def test_live_captions_are_ordered_at_the_sessions_own_event(at_once):
    session = planned()
    room = planned(event=session.event, session_type=SessionType.INTERACTIVE, title="Keynote room")
    other = planned(event=session.event, title="Talk")
    rule_of(session, feature=CaptionFeature.LIVE, title_has="KEYNOTE", within_hours=None)
    service.look_after_captions()
    before = CaptionOrder.objects.count()
    sync.settle(sync.targets_of(session.event), 20)

    look_again()
    look_again()

    order, (task,) = CaptionOrder.objects.get(), tasks_at(at_once)
    (event,) = [
        row
        for row in at_once.objects("scheduleEvent")
        if row["id"] == task["taskJobData"]["scheduledEventId"]
    ]
    assert (before, order.session, order.state) == (0, session, OrderState.PENDING)
    assert event["referenceId"] == f"portal:{session.uuid}"
    assert (task["taskJobData"]["startDate"], task["taskJobData"]["endDate"]) == (
        int(session.starts_at.timestamp()),
        int(session.ends_at.timestamp()),
    )
    assert order.price == 90
    assert needs_of_session(room, timezone.now()) == []
    assert [need.feature for need, _ in needs_of_session(other, timezone.now())] == ["live"]

    # The vendor takes it; Kaltura's notification brings the news before the next look.
    vendor = CaptionVendor(at_once)
    vendor.report(task["id"], 9)
    CaptionOrder.objects.update(look_at=timezone.now() + timedelta(hours=1))
    assert note_task_changed(str(task["id"])) and not note_task_changed("x")
    service.look_after_captions()
    assert CaptionOrder.objects.get().state == OrderState.SCHEDULED


def test_too_late_is_held_with_the_reason_and_never_sent(at_once):
    session = planned()
    rule_of(session, feature=CaptionFeature.LIVE, within_hours=None)
    sync.settle(sync.targets_of(session.event), 20)
    known = catalogue.refresh(Kaltura())
    assert known.item(constants.REACH_LIVE_CAPTIONS).most_minutes == 24 * 60
    row = ReachCatalogue.objects.get()
    for item in row.items:
        item["least_notice_min"] = 600
    row.save()

    service.look_after_captions()

    order = CaptionOrder.objects.get()
    assert (order.state, order.reason) == (
        OrderState.HELD,
        "It is too late: this item is ordered at least 600 minutes before the start.",
    )
    assert tasks_at(at_once) == []
