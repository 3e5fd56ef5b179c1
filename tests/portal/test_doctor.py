"""The doctor's look at the worker: from beside it, and from another process."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import time_machine

from kaltura_bridge.doctor import DoctorRun
from portal import heartbeat
from portal.celery import app
from portal.doctor import SILENT_S, check_scheduler, check_worker
from portal.scheduler import BeatingScheduler
from tests.kaltura_bridge.support.doctoring import NOWHERE, Site


@pytest.fixture
def site(settings) -> Iterator[Site]:
    """Another process that serves the portal; ours has no heartbeat of its worker."""
    running = Site()
    running.statuses["/health/ready"] = 200
    settings.SITE_URL, settings.REDIS_URL = running.url, ""
    yield running
    running.stop()


def found(look=check_worker):
    finding = look(DoctorRun())
    return finding.verdict, finding.seen


def test_worker_that_beats_is_alive(settings):
    heartbeat.beat()

    assert found() == ("ok", "A worker is running (heartbeat 0 s ago).")


def test_worker_that_fell_silent_is_told():
    with time_machine.travel(0, tick=False) as clock:
        heartbeat.beat()
        clock.shift(heartbeat.STALE_AFTER_S + 1)

        assert found() == ("failed", "The worker's last heartbeat was 13 s ago.")


def test_no_worker_beside_redis_is_told(settings):
    settings.REDIS_URL = "redis://127.0.0.1:9/0"

    assert found() == ("failed", "No worker is running: nothing is sent to Kaltura.")


@pytest.mark.parametrize(
    ("said", "verdict", "seen"),
    [
        ('{"worker": {"ok": true, "seen": "alive"}}', "ok", "The worker: alive."),
        ('{"worker": {"ok": false, "seen": "gone"}}', "failed", "The worker: gone."),
    ],
)
def test_embedded_worker_is_asked_of_the_web_process(site, said, verdict, seen):
    site.text = said

    assert found() == (verdict, seen)


def test_other_site_at_the_address_is_told(site):
    site.text = "<h1>Hello</h1>"

    assert found() == (
        "failed",
        f"{site.url}/health/ready does not report on the worker (HTTP 200).",
    )


def test_portal_that_is_down_is_told(site, settings):
    settings.SITE_URL = NOWHERE

    assert found() == (
        "failed",
        f"The worker runs inside the web process, and {NOWHERE} does not answer (no connection).",
    )


def test_scheduler_that_ticks_is_alive():
    BeatingScheduler(app, lazy=True).tick()

    assert found(check_scheduler) == ("ok", "The scheduler is running (heartbeat 0 s ago).")


def test_scheduler_that_fell_silent_is_told():
    with time_machine.travel(0, tick=False) as clock:
        heartbeat.beat(heartbeat.SCHEDULER)
        clock.shift(SILENT_S + 1)

        assert found(check_scheduler) == (
            "failed",
            "The scheduler is not running: changes made at Kaltura go unnoticed.",
        )


def test_embedded_scheduler_is_seen_from_its_own_process_only(settings):
    settings.REDIS_URL = ""

    verdict, _ = found(check_scheduler)

    assert verdict == "skipped"
