"""From a save to a worker's wake: after the commit, and never in the way of the save."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.db import transaction

from events.copying import clone_event
from events.models import Event
from kaltura_bridge.models import EventDelivery, SessionDelivery, SyncTarget
from kaltura_bridge.queue import TaskName
from portal.celery import app
from tests.factories import EventFactory, WebcastFactory
from tests.kaltura_bridge.support.broker import Sent, listening

pytestmark = [pytest.mark.django_db(transaction=True)]


@pytest.fixture
def rings() -> Iterator[list[Sent]]:
    """What the broker is given."""
    with listening(TaskName.SYNC_DUE) as sent:
        yield sent


def test_one_transaction_rings_once(rings):
    event = EventFactory()
    rings.clear()

    with transaction.atomic():
        WebcastFactory.create_batch(5, event=event)
        during = len(rings)

    assert (during, len(rings), SyncTarget.objects.count()) == (0, 1, 6)


def test_rolled_back_save_rings_nobody(rings):
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        EventFactory()
        1 / 0  # noqa: B018

    assert (rings, SyncTarget.objects.count()) == ([], 0)


def test_edit_after_a_rolled_back_one_rings(rings):
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        EventFactory()
        1 / 0  # noqa: B018

    EventFactory()

    assert rings == [("sync_due", ())]


def test_edit_before_a_rolled_back_savepoint_rings(rings):
    """What rang first may not survive; what was there before it still must."""
    with transaction.atomic():
        EventFactory()
        with pytest.raises(ZeroDivisionError), transaction.atomic():
            EventFactory()
            1 / 0  # noqa: B018

    assert (rings, SyncTarget.objects.count()) == ([("sync_due", ())], 1)


def test_edit_after_a_rolled_back_savepoint_rings(rings):
    with transaction.atomic():
        with pytest.raises(ZeroDivisionError), transaction.atomic():
            EventFactory()
            1 / 0  # noqa: B018
        EventFactory()

    assert (rings, SyncTarget.objects.count()) == ([("sync_due", ())], 1)


def test_tasks_go_by_the_names_that_wake_them():
    app.loader.import_default_modules()
    ours = {name for name in app.tasks if name.startswith("kaltura_bridge.")}

    assert ours == set(TaskName)


def test_change_of_an_event_calls_up_its_sessions(rings):
    event = EventFactory()
    WebcastFactory(event=event)
    before = dict(SyncTarget.objects.values_list("kind", "version"))

    event.timezone = "Asia/Tokyo"
    event.save()

    after = dict(SyncTarget.objects.values_list("kind", "version"))
    assert after["session"] > before["session"]


def test_save_works_without_a_broker(portal_env):
    """A broker that is down costs the save moments and the change nothing."""
    program = (
        "import django; django.setup()\n"
        "from datetime import date\n"
        "from events.models import Event\n"
        "Event.objects.create(title='Saved', starts_on=date(2030, 5, 6), ends_on=date(2030, 5, 7))"
    )
    env = portal_env() | {
        "REDIS_URL": "redis://127.0.0.1:9/0",
        "DJANGO_SETTINGS_MODULE": "portal.settings",
    }

    began = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=django_settings.BASE_DIR,
        env=env,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    assert (SyncTarget.objects.get().title, time.monotonic() - began < 15) == ("Saved", True)


def versions() -> dict[tuple[str, str], int]:
    return {(t.kind, t.title): t.version for t in SyncTarget.objects.all()}


def raised(before: dict[tuple[str, str], int]) -> set[tuple[str, str]]:
    """The targets that became pending since."""
    return {key for key, version in versions().items() if version > before.get(key, 0)}


def test_sessions_delivery_calls_up_that_session_only(rings):
    event = EventFactory(title="E")
    one = WebcastFactory(event=event, title="One")
    WebcastFactory(event=event, title="Two")
    rings.clear()
    before = versions()

    delivery = SessionDelivery.objects.create(session=one, chat="off")
    created, between = raised(before), versions()
    delivery.delete()

    assert (created, raised(between)) == ({("session", "One")}, {("session", "One")})
    assert len(rings) == 2


def test_events_delivery_calls_up_all_its_sessions(rings):
    event = EventFactory(title="E")
    WebcastFactory(event=event, title="One")
    WebcastFactory(title="Elsewhere", event=EventFactory(title="Other"))
    before = versions()
    mine = {("event", "E"), ("session", "One")}

    delivery = EventDelivery.objects.create(event=event, dvr=False)
    created, between = raised(before), versions()
    delivery.delete()

    assert (created, raised(between)) == (mine, mine)


def test_delivery_that_goes_with_its_event_brings_nothing_back():
    event = EventFactory(title="E")
    session = WebcastFactory(event=event, title="One")
    EventDelivery.objects.create(event=event, dvr=False)
    SessionDelivery.objects.create(session=session, chat="off")

    event.delete()

    assert dict(SyncTarget.objects.values_list("title", "removed")) == {"E": True, "One": True}


def test_a_cloned_event_is_delivered_as_the_original():
    event = EventFactory(title="E")
    one, _ = WebcastFactory(event=event, slug="one"), WebcastFactory(event=event, slug="two")
    EventDelivery.objects.create(
        event=event, recording="none", room_form="legacy", room_tags={"custom_rs_room_cap": 50}
    )
    SessionDelivery.objects.create(session=one, dvr=False, source_entry_id="1_abcd2345")

    copy = clone_event(event, title="Again", starts_on=event.starts_on)

    def decided(of: Event) -> list[Any]:
        own = SessionDelivery.objects.filter(session__event=of)
        return [
            list(EventDelivery.objects.filter(event=of).values("recording", "room_form", "room_tags")),
            list(own.values("session__slug", "dvr", "source_entry_id", "replay")),
        ]  # fmt: skip

    assert decided(copy) == decided(event)
    assert decided(copy)[1] == [
        {"session__slug": "one", "dvr": False, "source_entry_id": "1_abcd2345", "replay": True}
    ]
