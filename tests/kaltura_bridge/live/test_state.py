"""One answer of Kaltura's for all who watch, however it answers."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from kaltura_bridge.live.shared import SharedAnswer, ask_anew, shared_answer
from kaltura_bridge.live.state import FRESH_S, BroadcastState, forget_state, live_state
from tests.browser import soon
from tests.kaltura_bridge.support.on_air import on_air

pytestmark = pytest.mark.django_db

WATCHERS = 500


def http_requests(simulator) -> int:
    """How often Kaltura was asked, however many questions were in it."""
    return len({request["request"] for request in simulator.requests()})


def test_500_watchers_cost_one_call_in_five_seconds(simulator):
    air = on_air(simulator)
    simulator.forget_requests()
    clients = [air.client(who) for who in ("producer", "speaker", "moderator")]
    began = time.monotonic()

    for number in range(WATCHERS):
        if number % 10:
            live_state(air.entry_id)
        else:
            clients[number // 10 % 3].get(f"{air.desk_url}state/")

    elapsed = time.monotonic() - began
    calls = http_requests(simulator)
    print(f"{WATCHERS} watchers in {elapsed:.1f} s: {calls} requests to Kaltura")
    assert 1 <= calls <= elapsed / FRESH_S + 1


def test_of_many_at_once_one_asks(simulator):
    air = on_air(simulator)
    simulator.switch(air.entry_id, "preview")
    simulator.forget_requests()
    simulator.set_latency(0.2)

    with ThreadPoolExecutor(20) as people:
        states = list(people.map(lambda _: live_state(air.entry_id), range(200)))

    assert http_requests(simulator) == 1
    assert {state.broadcast for state in states} <= {BroadcastState.UNKNOWN, BroadcastState.PREVIEW}


def test_kaltura_that_hangs_holds_up_nobody_and_is_told(simulator):
    air = on_air(simulator)
    known = live_state(air.entry_id)
    assert known.broadcast is BroadcastState.OFFLINE
    simulator.set_latency(4)
    forget_state(air.entry_id)
    began = time.monotonic()

    meanwhile = [live_state(air.entry_id) for _ in range(50)]

    assert time.monotonic() - began < 1
    assert {state.as_of for state in meanwhile} == {known.as_of}
    assert soon(lambda: live_state(air.entry_id).trouble == "no answer in time")
    assert live_state(air.entry_id).broadcast is BroadcastState.OFFLINE


def test_entry_that_is_gone_is_told(simulator):
    state = live_state("0_nothing1")

    assert (state.broadcast, state.trouble) == (BroadcastState.UNKNOWN, "INVALID_ENTRY_ID")


def test_answer_that_nobody_expected_is_no_answer():
    def odd() -> None:
        raise RuntimeError("odd")

    assert shared_answer("odd", odd, fresh_s=5) == SharedAnswer()
    ask_anew("odd")
    assert shared_answer("odd", lambda: 1, fresh_s=5).value == 1
