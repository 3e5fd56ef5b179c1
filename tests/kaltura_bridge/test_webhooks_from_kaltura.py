"""Notifications as the local Kaltura sends them, over the network, and what comes of them."""

from __future__ import annotations

import os
import subprocess
import time

import pytest
from KalturaClient.Plugins import EventNotification, HttpNotification

from events.models import Session
from kaltura_bridge.api.client import Kaltura, Request, new
from kaltura_bridge.models import Notification, RemoteLink, SyncAttempt, SyncTarget
from kaltura_bridge.sync import service
from tests.kaltura_bridge.support.planning import in_step, planned_event, settle, waiting
from tests.kaltura_simulator.support.clients import client_of

pytestmark = [pytest.mark.django_db(transaction=True)]

URL = "/webhooks/kaltura/"
# Kaltura's template, what it is made to watch, and the class to send.
WATCHED = (
    ("HTTP_SCHEDULE_EVENT_CHANGED", "KalturaLiveStreamScheduleEvent"),
    ("HTTP_ENTRY_CHANGED", "KalturaBaseEntry"),
    ("HTTP_ENTRY_DELETED", "KalturaBaseEntry"),
    ("HTTP_CATEGORY_CHANGED", "KalturaCategory"),
)
JSON, SHA256, ACTIVE = 1, 2, 2


@pytest.fixture
def event(simulator, live_portal, settings):
    """A planned event in sync, at an account that notifies this portal."""
    settings.KALTURA_WEBHOOK_SECRET = simulator.admin_secret
    service = client_of(simulator).eventNotification.eventNotificationTemplate
    for source, name in WATCHED:
        asked = EventNotification.KalturaEventNotificationTemplateFilter(systemNameEqual=source)
        (original,) = service.listTemplates(asked).objects
        data = HttpNotification.KalturaHttpNotificationObjectData(apiObjectType=name, format=JSON)
        copy = HttpNotification.KalturaHttpNotificationTemplate(
            systemName=f"PORTAL_{source}",
            url=live_portal + URL,
            data=data,
            secureHashingAlgo=SHA256,
        )
        service.updateStatus(service.clone(original.id, copy).id, ACTIVE)
    return planned_event()


def delivered(simulator):
    """The notifications, once none waits."""
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        found = simulator.notifications()
        if all(job["status"] not in ("pending", "sending") for job in found):
            return found
        time.sleep(0.05)
    raise AssertionError(simulator.notifications())


def at_rest(simulator, event):
    """Sync and notifications in turn, until nothing is due. Returns the writes of the last turn."""
    for _ in range(10):
        writes = settle(event).writes
        delivered(simulator)
        if in_step(event):
            return writes
    raise AssertionError(list(SyncTarget.objects.values_list("title", "state", "error")))


def remote_id(kind):
    return RemoteLink.objects.get(kind=kind, target__title="Keynote").remote_id


def drift():
    return {
        link.kind: link.drift for link in RemoteLink.objects.select_related("target") if link.drift
    }


def test_our_own_writes_come_back_and_nothing_goes_round(simulator, event):
    at_rest(simulator, event)
    simulator.forget_requests()
    history = SyncAttempt.objects.count()
    taken = Notification.objects.count()

    work = service.sync_event(event, 20)
    after = delivered(simulator)

    assert {job["status"] for job in after} == {"sent"}
    assert (work.writes, simulator.writes(), in_step(event)) == (0, 0, True)
    assert (SyncAttempt.objects.count(), Notification.objects.count()) == (history, taken)
    assert drift() == {}


@pytest.mark.postgres
def test_start_moved_at_kaltura_is_told_within_one_notification(simulator, event):
    at_rest(simulator, event)
    planned = RemoteLink.objects.get(kind="schedule_event", target__title="Keynote").pushed
    later = int(planned["startDate"]) + 600
    taken = Notification.objects.count()

    change = new("KalturaLiveStreamScheduleEvent", startDate=later)
    moved = remote_id("schedule_event")
    Kaltura().ask([Request(lambda c: c.schedule.scheduleEvent.update(moved, change))])
    delivered(simulator)
    called = waiting()
    work = service.sync_due()

    assert (Notification.objects.count() - taken, called) == (1, ["Keynote"])
    assert work.writes == 0
    assert drift() == {"schedule_event": {"startDate": (planned["startDate"], str(later))}}
    told = SyncTarget.objects.get(title="Keynote")
    assert (told.state, told.changed_there) == (
        "synced",
        "Schedule event start, start differs between calendar and event page",
    )
    assert Session.objects.get(title="Keynote").starts_at.timestamp() == int(planned["startDate"])


def test_entry_deleted_at_kaltura_is_told(simulator, event):
    at_rest(simulator, event)
    entry = remote_id("entry")

    Kaltura().ask([Request(lambda c: c.baseEntry.delete(entry))])
    delivered(simulator)
    called = waiting()
    work = service.sync_due()

    assert (called, work.writes) == (["Keynote"], 0)
    told = SyncTarget.objects.get(title="Keynote")
    assert (told.state, told.error_kind) == ("failed", "gone")


def test_what_a_message_tells_of_is_read_past_the_index(simulator, event, settings):
    at_rest(simulator, event)
    # Lists go on showing what we wrote, long after the message came.
    settings.KALTURA_INDEX_DELAY_S = 30
    simulator.set_index_delay(30)
    planned = RemoteLink.objects.get(kind="schedule_event", target__title="Keynote").pushed
    later = str(int(planned["startDate"]) + 600)
    change = new("KalturaLiveStreamScheduleEvent", startDate=int(later))
    moved, entry = remote_id("schedule_event"), remote_id("entry")

    Kaltura().ask([Request(lambda c: c.schedule.scheduleEvent.update(moved, change))])
    delivered(simulator)
    service.sync_due()
    told = drift()
    Kaltura().ask([Request(lambda c: c.baseEntry.delete(entry))])
    delivered(simulator)
    service.sync_due()

    assert told == {"schedule_event": {"startDate": (planned["startDate"], later)}}
    keynote = SyncTarget.objects.get(title="Keynote")
    assert (keynote.state, keynote.error_kind) == ("failed", "gone")


def test_change_here_is_sent_once_although_it_comes_back(simulator, event):
    at_rest(simulator, event)
    session = event.sessions.get(title="Keynote")
    session.title = "Opening"
    session.save()
    simulator.forget_requests()

    at_rest(simulator, event)

    updates = {name: simulator.calls(f"{name}.update") for name in ("liveStream", "scheduleEvent")}
    assert (updates, drift()) == ({"liveStream": 1, "scheduleEvent": 1}, {})
    ours = [r for r in simulator.objects("entry") if (r.get("referenceId") or "")[:7] == "portal:"]
    assert sorted(row["name"] for row in ours) == ["Opening", "Workshop"]


def test_message_is_sent_again_until_the_portal_takes_it(simulator, event, settings):
    at_rest(simulator, event)
    simulator.set_notifications(first_retry_s=0.1)
    settings.KALTURA_WEBHOOK_SECRET = ""
    name = new("KalturaLiveStreamEntry", name="Renamed there")
    entry = remote_id("entry")

    Kaltura().ask([Request(lambda c: c.liveStream.update(entry, name))])
    while not any(job["attempts"] for job in simulator.notifications() if job["status"] != "sent"):
        time.sleep(0.02)
    missed = waiting()
    settings.KALTURA_WEBHOOK_SECRET = simulator.admin_secret
    delivered(simulator)

    assert (missed, waiting()) == ([], ["Keynote"])


def test_set_up_in_the_docs_is_what_kaltura_understands(simulator, live_portal, settings):
    settings.KALTURA_WEBHOOK_SECRET = simulator.admin_secret
    planned = planned_event()
    settle(planned)
    page = (settings.BASE_DIR / "docs" / "operations.md").read_text().split("## Webhooks")[1]
    script = page.split("```sh\n")[1].split("```")[0]
    environment = {
        "PATH": os.environ["PATH"],
        "SITE_URL": live_portal,
        "KALTURA_SERVICE_URL": simulator.url,
        "KALTURA_PARTNER_ID": str(simulator.partner_id),
        "KALTURA_ADMIN_SECRET": simulator.admin_secret,
    }

    subprocess.run(["sh", "-euc", script], env=environment, check=True, capture_output=True)
    change = new("KalturaLiveStreamScheduleEvent", summary="Renamed there")
    event_id = remote_id("schedule_event")
    Kaltura().ask([Request(lambda c: c.schedule.scheduleEvent.update(event_id, change))])

    assert [job["status"] for job in delivered(simulator)] == ["sent"]
    assert waiting() == ["Keynote"]
    templates = client_of(simulator).eventNotification.eventNotificationTemplate.list().objects
    assert len([one for one in templates if one.status.getValue() == ACTIVE]) == 5
