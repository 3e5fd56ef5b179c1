"""A real Celery worker over Redis, killed with -9 in the middle, and another after it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

import pytest
from django.conf import settings as django_settings

from kaltura_bridge.models import SyncState, SyncTarget
from kaltura_bridge.tasks import sync_due
from tests.kaltura_bridge.support.planning import exactly_planned, in_step, planned_event

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgres_only]


@pytest.fixture
def worker(portal_env):
    """Start a worker process group; all of them are gone after the test."""
    started = []

    def start():
        command = [sys.executable, "-m", "celery", "-A", "portal", "worker"]
        command += ["--concurrency=1", "--without-gossip", "--without-mingle", "-l", "WARNING"]
        env = portal_env() | {"DJANGO_SETTINGS_MODULE": "portal.settings"}
        process = subprocess.Popen(
            command, cwd=django_settings.BASE_DIR, env=env, start_new_session=True
        )
        started.append(process)
        return process

    yield start
    for process in started:
        kill(process)


def kill(process):
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def wait_until(condition, seconds=60):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def is_sending():
    return SyncTarget.objects.filter(state=SyncState.SENDING).exists()


@pytest.mark.parametrize(
    "adds_before",
    [pytest.param(0, marks=pytest.mark.proof), 1, pytest.param(3, marks=pytest.mark.proof)],
)
def test_killed_worker_is_followed_by_one_that_ends_its_work(
    simulator, settings, worker, adds_before
):
    settings.KALTURA_INDEX_DELAY_S = 1.0
    simulator.set_index_delay(0.5)
    simulator.fault("*", "slow_reply", times=None, seconds=0.1)
    event = planned_event()

    first = worker()
    wait_until(lambda: is_sending() and simulator.writes() >= adds_before)
    kill(first)
    simulator.clear_faults()
    worker()

    def is_done():
        sync_due.delay()  # as beat does every five seconds
        time.sleep(0.3)
        return in_step(event)

    wait_until(is_done)
    assert exactly_planned(event, simulator)
