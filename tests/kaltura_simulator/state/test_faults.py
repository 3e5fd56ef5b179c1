"""Faults on request: what the caller sees, and whether the work was done."""

from __future__ import annotations

import time

import pytest
import requests

from kaltura_simulator.testing import SimulatorFailed
from tests.kaltura_simulator.support.clients import call, http, ks_of

PING = "/api_v3/service/system/action/ping?format=1"


def add(kaltura, name="faulty"):
    return call(kaltura, "category.add", ks=ks_of(kaltura), category={"name": name})


def names(kaltura):
    return [row["name"] for row in kaltura.objects("category")][3:]


def test_fault_refuses_before_the_work(kaltura):
    kaltura.refuse("category.add", times=1)
    with pytest.raises(OSError):
        add(kaltura)
    assert names(kaltura) == []


def test_fault_loses_the_reply_after_the_work(kaltura):
    kaltura.lose_reply("category.add")
    with pytest.raises(OSError):
        add(kaltura)
    assert (names(kaltura), add(kaltura)["code"]) == (["faulty"], "DUPLICATE_CATEGORY")


def test_fault_cuts_the_reply_after_the_work(kaltura):
    kaltura.fault("category.add", "cut_reply")
    url = f"{kaltura.url}/api_v3/service/category/action/add?ks={ks_of(kaltura)}&category:name=cut"
    status, _, body = http(url)
    assert (status, body.startswith("<?xml"), body.endswith("</xml>")) == (200, True, False)
    assert names(kaltura) == ["cut"]


def test_latency_is_added_to_each_http_request_until_the_reset(kaltura):
    def seconds():
        ping = {"service": "system", "action": "ping"}
        body = {"format": 1, "1": ping, "2": ping, "3": ping}
        started = time.monotonic()
        answer = requests.post(
            f"{kaltura.url}/api_v3/service/multirequest", json=body, timeout=10
        ).json()
        return time.monotonic() - started, answer

    kaltura.set_latency(0.4)
    (late, first), state = seconds(), kaltura.state()["latency"]
    kaltura.reset()
    (quick, second), reset = seconds(), kaltura.state()["latency"]

    assert (first, second, state, reset) == ([True] * 3, [True] * 3, 0.4, 0.0)
    # Three calls in one request are late by 0.4 s once, not by 1.2 s.
    assert late >= 0.4
    assert late - quick < 1.2


@pytest.mark.parametrize("seconds", [-1, 61, float("nan")])
def test_latency_out_of_reason_is_refused(kaltura, seconds):
    with pytest.raises(SimulatorFailed, match="'seconds' must be from 0 to 60"):
        kaltura.set_latency(seconds)


def test_fault_answers_late(kaltura):
    kaltura.fault("system.ping", "slow_reply", seconds=0.3)
    started = time.monotonic()
    assert (http(kaltura.url + PING)[2], time.monotonic() - started > 0.3) == ("true", True)


@pytest.mark.parametrize(
    ("how", "seen"),
    [
        ({"mode": "status_429"}, (429, None)),
        ({"mode": "status_429", "retry_after": 7}, (429, "7")),
        ({"mode": "status_5xx"}, (503, None)),
        ({"mode": "error_page"}, (200, None)),
        ({"mode": "status_5xx", "status": 502, "retry_after": 1}, (502, "1")),
    ],
)
def test_fault_answers_with_a_status_and_html(kaltura, how, seen):
    kaltura.fault("category.add", **how)
    url = f"{kaltura.url}/api_v3/service/category/action/add?ks={ks_of(kaltura)}&category:name=x"
    status, headers, body = http(url)
    assert ((status, headers.get("Retry-After")), body[:6]) == (seen, "<html>")
    assert names(kaltura) == []


def test_fault_says_rate_limited_in_a_success(kaltura):
    kaltura.fault("category.add", "rate_limited")
    assert add(kaltura) == "Access to category->add was rate limited"


def test_fault_says_the_session_expired(kaltura):
    kaltura.fault("category.add", "expired_ks")
    assert add(kaltura)["message"] == 'Invalid KS "EXPIRED", Error "-1,INVALID_STR"'


def test_fault_refuses_with_any_code(kaltura):
    kaltura.fault("category.add", "api_error", code="CATEGORIES_LOCKED", message="locked")
    reply = add(kaltura)
    assert (reply["code"], reply["message"]) == ("CATEGORIES_LOCKED", "locked")


def test_fault_takes_an_item_from_a_list(kaltura):
    kaltura.fault("category.list", "lose_item")
    found = call(kaltura, "category.list", ks=ks_of(kaltura))
    assert (found["totalCount"], len(found["objects"])) == (3, 2)


def test_fault_refuses_in_kalturas_own_words(kaltura):
    kaltura.answer_with("category.add", "RESOURCE_IS_RESERVED", RESOURCE_ID=7)
    kaltura.answer_with("category.add", "MISSING_KS")
    seen = [add(kaltura) for _ in range(2)]
    assert [(reply["code"], reply["message"], reply["args"]) for reply in seen] == [
        ("RESOURCE_IS_RESERVED", "Resource with id 7 is already reserved", {"RESOURCE_ID": "7"}),
        ("MISSING_KS", "Missing KS, session not established", []),
    ]


def test_fault_takes_a_page_from_a_list(kaltura):
    kaltura.lose_page("category.list", page=2)

    def page(number):
        pager = {"pageSize": 1, "pageIndex": number}
        found = call(kaltura, "category.list", ks=ks_of(kaltura), pager=pager)
        return found["totalCount"], len(found["objects"])

    seen = [page(1), page(2), page(3), page(2)]
    kaltura.lose_page("category.list")
    assert seen == [(3, 1), (3, 0), (3, 1), (3, 1)]
    assert (page(1), page(1)) == ((3, 0), (3, 1))


def test_fault_makes_the_work_last_and_nobody_else_wait(kaltura):
    kaltura.slow_work("category.add", seconds=0.3)
    started = time.monotonic()
    assert add(kaltura)["name"] == "faulty"
    assert time.monotonic() - started >= 0.3


def test_fault_acts_as_often_as_it_was_set(kaltura):
    kaltura.fault("category.add", "expired_ks", times=2)
    seen = [add(kaltura).get("code", "ok") for _ in range(3)]
    assert (seen, kaltura.state()["faults"]) == (["INVALID_KS", "INVALID_KS", "ok"], [])


def test_fault_acts_for_ever_until_it_is_dropped(kaltura):
    kaltura.fault("*.add", "expired_ks", times=None)
    seen = [add(kaltura)["code"] for _ in range(5)]
    kaltura.clear_faults()
    assert (set(seen), add(kaltura)["name"]) == ({"INVALID_KS"}, "faulty")


def test_fault_by_chance_acts_sometimes(kaltura):
    kaltura.fault("system.ping", "expired_ks", times=None, probability=0.5)
    seen = {http(kaltura.url + PING)[2][:4] for _ in range(40)}
    assert seen == {"true", '{"co'}


@pytest.mark.parametrize("name", ["scheduleEvent.list", "schedule_scheduleevent.list"])
def test_fault_knows_a_plugins_action_by_both_names(kaltura, name):
    kaltura.fault(name, "expired_ks")
    reply = call(kaltura, "schedule_scheduleevent.list", ks=ks_of(kaltura))
    assert reply["code"] == "INVALID_KS"


def test_fault_within_many_requests_loses_the_whole_reply(kaltura):
    kaltura.lose_reply("category.get")
    url = f"{kaltura.url}/api_v3/service/multirequest"
    made = ks_of(kaltura)
    body = {
        "format": 1,
        "ks": made,
        "1": {"service": "category", "action": "add", "category": {"name": "one"}},
        "2": {"service": "category", "action": "get", "id": "{1:result:id}"},
        "3": {"service": "category", "action": "add", "category": {"name": "three"}},
    }
    with pytest.raises(requests.ConnectionError):
        requests.post(url, json=body, timeout=10)
    assert names(kaltura) == ["one", "three"]


@pytest.mark.parametrize(
    ("fault", "complaint"),
    [
        ({"mode": "refuse"}, "'action' is missing"),
        ({"action": "*", "mode": "nosuch"}, "'mode' must be one of"),
        ({"action": "*", "mode": "refuse", "times": 0}, "'times' must be"),
        ({"action": "*", "mode": "refuse", "probability": 2}, "'probability' must be"),
        ({"action": "*", "mode": "lose_page", "page": 0}, "'page' must be"),
        ({"action": "*", "mode": "refuse", "speed": 2}, "unknown field 'speed'"),
    ],
)
def test_fault_described_wrongly_names_the_field(kaltura, fault, complaint):
    with pytest.raises(SimulatorFailed, match=complaint):
        kaltura.control("POST", "faults", fault)
