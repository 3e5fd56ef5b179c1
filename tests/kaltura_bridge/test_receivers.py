"""From a save to a ring: in the transaction of the save, and never in its way."""

from __future__ import annotations

import subprocess
import sys
import time

import pytest
from django.conf import settings as django_settings
from django.db import transaction

from kaltura_bridge import receivers
from kaltura_bridge.models import SyncTarget
from tests.factories import EventFactory, WebcastFactory

pytestmark = [pytest.mark.django_db(transaction=True)]


@pytest.fixture
def rings(monkeypatch):
    heard = []
    monkeypatch.setattr(receivers.sync_due, "delay", lambda: heard.append(True))
    return heard


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
