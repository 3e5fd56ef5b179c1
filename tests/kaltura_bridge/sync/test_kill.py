"""A sender dies by ``kill -9`` at any moment of a sync; the next one ends in the same state.

The sender is a real process on the test's database, which on the second run of the test
suite is PostgreSQL. Kaltura answers slowly meanwhile, so that every step is hit. At every
single write: test_kill_each_write.py.
"""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time

import pytest
from django.conf import settings as django_settings

from kaltura_bridge.models import SyncState, SyncTarget
from tests.kaltura_bridge.support.planning import exactly_planned, in_step, planned_event

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgres_first]

# HTTP requests that Kaltura has begun to answer when the sender dies: looking up, reading,
# categories, entries, records, places; 0 is before it asks anything.
EVERY_DAY = (0, 4)
MOMENTS = [
    pytest.param(requests, marks=[] if requests in EVERY_DAY else [pytest.mark.proof])
    for requests in range(7)
]


def sync_command(event, env):
    command = [sys.executable, "manage.py", "kaltura_sync", event.slug, "--wait", "60", "--json"]
    return subprocess.Popen(
        command,
        cwd=django_settings.BASE_DIR,
        env=env,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def wait_for_multirequests(simulator, number, process):
    """Until Kaltura has seen that many multirequests, or the sender is through."""
    deadline = time.monotonic() + 30
    while simulator.control("GET", "calls")["requests"] < number and process.poll() is None:
        assert time.monotonic() < deadline
        time.sleep(0.01)


@pytest.mark.parametrize("requests_before", MOMENTS)
@pytest.mark.parametrize("pause_s", [0.0, 0.12])
def test_killed_sender_leaves_no_double(simulator, settings, portal_env, requests_before, pause_s):
    settings.KALTURA_INDEX_DELAY_S = 1.0
    simulator.set_index_delay(0.5)
    event = planned_event()
    simulator.fault("*", "slow_reply", times=None, seconds=0.04)

    killed = sync_command(event, portal_env())
    wait_for_multirequests(simulator, requests_before, killed)
    time.sleep(pause_s)
    killed.send_signal(signal.SIGKILL)
    killed.communicate()
    simulator.clear_faults()
    second = sync_command(event, portal_env())
    output, errors = second.communicate(timeout=90)

    assert second.returncode == 0, output + errors
    assert json.loads(output)["in_step"] == 4
    assert (exactly_planned(event, simulator), in_step(event)) == (True, True)


def test_two_senders_at_once_make_each_object_once(simulator, portal_env):
    event = planned_event()
    simulator.fault("*", "slow_reply", times=None, seconds=0.02)

    senders = [sync_command(event, portal_env()) for _ in range(3)]
    outputs = [sender.communicate(timeout=90) for sender in senders]

    assert [sender.returncode for sender in senders] == [0, 0, 0], outputs
    assert (exactly_planned(event, simulator), in_step(event)) == (True, True)


def test_row_of_a_dead_sender_is_free_at_once(simulator, portal_env):
    """On the same machine nobody waits for the lease of a process that is gone."""
    event = planned_event()
    simulator.fault("*", "slow_reply", times=None, seconds=0.5)
    killed = sync_command(event, portal_env())
    while not SyncTarget.objects.filter(state=SyncState.SENDING).exists():
        time.sleep(0.02)
    killed.kill()
    killed.communicate()

    from kaltura_bridge.sync import states

    assert states.expire_dead_leases() == 4
    assert SyncTarget.objects.filter(states.due()).count() == 4
