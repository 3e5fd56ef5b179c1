"""Hostile bodies and queries at every control: refused in words, and the simulator goes on."""

from __future__ import annotations

import json
from typing import Any

import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st

from kaltura_simulator.testing import Simulator
from tests.portal.support.hostile_values import JSON_VALUES, VALUES, query_of
from tests.suites import many

FIELDS = (
    *("seconds", "advance", "set", "freeze", "real", "id", "state", "partner", "name", "active"),
    *("action", "mode", "times", "probability", "retry_after", "status", "code", "message", "args"),
    *("page", "limit", "kind", "outcome", "shown_as", "spelling", "milliseconds", "lost_page"),
    *("total_count_off", "running_end", "visits", "entryId", "userId", "joined", "left", "retry_s"),
    *("silence_s", "run_gap_s", "beat_s", "reachVendor", "hosts", "anything"),
)
USEFUL = (
    "scheduleEvent.add",
    "*",
    "api_error",
    "status_5xx",
    "slow_reply",
    "on_air",
    "0",
    "1",
    "101",
)
VALUE = JSON_VALUES | st.sampled_from(USEFUL) | st.sampled_from([1e308, -1e308, 10**400, -1, 0, 1])


def controls(kaltura: Simulator) -> list[tuple[str, str]]:
    """Method and path of every control, as the simulator lists them, and those beside."""
    known: set[str] = set()
    for missing in ("no-such", "visits/no-such"):
        reply = requests.get(f"{kaltura.url}/_control/{missing}", timeout=10)
        known |= {*reply.json()["known"]}
    beside = [
        (method, f"/_control/{name}")
        for method in ("GET", "POST", "DELETE")
        for name in ("newrow", "notifications")
    ]
    listed = [(line.split(" ")[0], line.split(" ")[1]) for line in sorted(known)]
    return [*(pair for pair in listed if pair[1] != "/_control/reset"), *beside]


def settled(kaltura: Simulator) -> None:
    """What was changed may act no more, and what is left is JSON that everybody reads."""
    requests.delete(f"{kaltura.url}/_control/faults", timeout=10)
    for name, body in (("latency", {"seconds": 0}), ("clock", {"real": True})):
        requests.post(f"{kaltura.url}/_control/{name}", json=body, timeout=10)
    for page in (
        "_control/state",
        "_control/visits/settings",
        "_control/notifications",
        "ui/parts",
    ):
        reply = requests.get(f"{kaltura.url}/{page}", timeout=10)
        assert (page, reply.status_code) == (page, 200)
        json.loads(reply.text, parse_constant=pytest.fail)
    pong = requests.get(f"{kaltura.url}/api_v3/service/system/action/ping?format=1", timeout=10)
    assert pong.json() is True


@many(2000)
@given(data=st.data())
def test_controls_survive_any_object_and_query(kaltura: Simulator, data: st.DataObject) -> None:
    method, path = data.draw(st.sampled_from(controls(kaltura)))
    sent = data.draw(st.dictionaries(st.sampled_from(FIELDS), VALUE, max_size=4) | JSON_VALUES)
    query = data.draw(st.dictionaries(st.sampled_from(FIELDS), VALUES, max_size=2))

    reply = requests.request(
        method,
        f"{kaltura.url}{path}?{query_of([*query.items()])}",
        data=json.dumps(sent),
        timeout=20,
    )

    assert reply.status_code in {200, 400, 404, 405, 414, 431}, (method, path, sent, query)
    settled(kaltura)


@pytest.mark.parametrize(
    "body", ["[]", '"x"', "1", "null", "NaN", '{"seconds": NaN, "set": NaN}', "[" * 5000]
)
@pytest.mark.parametrize(
    "name",
    [
        *("clock", "index-delay", "latency", "faults", "entry", "features", "app-token"),
        *("recordings", "newrow", "visits/settings", "notifications", "background"),
    ],
)
def test_control_takes_objects_of_numbers_only(kaltura: Simulator, name: str, body: str) -> None:
    reply = requests.post(f"{kaltura.url}/_control/{name}", body, timeout=10)

    assert (reply.status_code, [*reply.json()]) == (400, ["error"])
    settled(kaltura)


@pytest.mark.parametrize(
    "fault",
    [
        {"mode": "slow_reply", "seconds": "x"},
        {"mode": "slow_reply", "seconds": float("nan")},
        {"mode": "slow_work", "seconds": -1},
        {"mode": "status_5xx", "status": 99_999},
        {"mode": "status_5xx", "status": "503"},
        {"mode": "status_429", "retry_after": "a\r\nb"},
        {"mode": "api_error", "code": ["x"]},
        {"mode": "api_error", "code": "X", "message": {}},
        {"mode": "api_error", "code": "X", "args": "x"},
        {"mode": "lose_page", "page": True},
    ],
)
def test_fault_that_cannot_act_is_refused(kaltura: Simulator, fault: dict[str, Any]) -> None:
    body = json.dumps({"action": "*", **fault})
    reply = requests.post(f"{kaltura.url}/_control/faults", body, timeout=10)

    assert (reply.status_code, [*reply.json()]) == (400, ["error"])
    settled(kaltura)
