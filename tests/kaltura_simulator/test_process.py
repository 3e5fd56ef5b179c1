"""The process: how fast it starts, what survives, how many it serves at once."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable, Iterator

import pytest

from kaltura_simulator.testing import Simulator, SimulatorFailed
from tests.kaltura_simulator.support.clients import call, http, ks_of


@pytest.fixture
def own() -> Iterator[Simulator]:
    """A simulator that a test may kill."""
    simulator = Simulator.start()
    yield simulator
    simulator.stop()


def add(simulator, name):
    return call(simulator, "category.add", ks=ks_of(simulator), category={"name": name})


def names(simulator):
    return [row["name"] for row in simulator.objects("category")][3:]


def quickest(work: Callable[[], object], limit: float, tries: int = 5) -> float:
    """The seconds that ``work`` takes at its best, tried until it keeps a limit.

    What else the machine does makes single tries slower, never quicker.
    """
    best = math.inf
    for _ in range(tries):
        started = time.monotonic()
        work()
        best = min(best, time.monotonic() - started)
        if best < limit:
            break
    return best


def test_process_starts_in_under_two_seconds():
    started: list[Simulator] = []
    took = quickest(lambda: started.append(Simulator.start()), limit=2)
    for simulator in started:
        simulator.stop()
    assert took < 2


def test_process_keeps_everything_it_answered_through_kill_9(own):
    made = [add(own, f"c{number}") for number in range(20)]
    own.advance(600)
    before = own.state()["now"]

    own.restart()

    assert names(own) == [row["name"] for row in made]
    assert own.state()["now"] - before in range(10)
    assert add(own, "later")["id"] > made[-1]["id"]


def test_process_answers_nobody_while_it_is_down(own):
    own.kill()
    with pytest.raises(OSError):
        own.state()
    own.launch()
    assert own.state()["partner_id"] == 101


def test_process_starts_over_quickly(kaltura):
    add(kaltura, "gone")
    kaltura.advance(100)
    kaltura.fault("*", "refuse")
    kaltura.reset()
    state = kaltura.state()
    assert (names(kaltura), state["faults"], kaltura.calls()) == ([], [], 0)
    assert abs(state["now"] - time.time()) < 5
    assert quickest(kaltura.reset, limit=0.5) < 0.5


def test_process_serves_many_at_once_and_loses_nothing(kaltura):
    problems: list[object] = []

    def work(worker: int) -> None:
        for number in range(25):
            made = add(kaltura, f"w{worker}-{number}")
            found = call(kaltura, "category.get", ks=ks_of(kaltura), id=made["id"])
            if found["name"] != f"w{worker}-{number}":
                problems.append(found)

    threads = [threading.Thread(target=work, args=(worker,)) for worker in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    wanted = {f"w{worker}-{number}" for worker in range(8) for number in range(25)}
    assert (problems, sorted(names(kaltura))) == ([], sorted(wanted))


def test_process_lets_only_one_of_two_equal_adds_pass(kaltura):
    replies: list[dict[str, object]] = []
    threads = [
        threading.Thread(target=lambda: replies.append(add(kaltura, "same"))) for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    codes = sorted(str(reply.get("code", "ok")) for reply in replies)
    assert (codes, names(kaltura)) == (["DUPLICATE_CATEGORY"] * 7 + ["ok"], ["same"])


def test_process_shows_lists_late_and_objects_at_once(kaltura):
    kaltura.set_index_delay(60)
    made = add(kaltura, "late")

    def seen():
        asked = {"idEqual": made["id"]}
        return call(kaltura, "category.list", ks=ks_of(kaltura), filter=asked)["totalCount"]

    got = call(kaltura, "category.get", ks=ks_of(kaltura), id=made["id"])["name"]
    before = seen()
    kaltura.advance(61)
    assert (got, before, seen()) == ("late", 0, 1)


def test_process_lets_two_quick_events_overlap_while_the_index_lags(kaltura):
    kaltura.set_index_delay(60)
    event = {
        "objectType": "KalturaLiveStreamScheduleEvent",
        "summary": "s",
        "startDate": 2_000_000_000,
        "endDate": 2_000_000_060,
        "recurrenceType": 0,
        "templateEntryId": "0_x",
    }

    def add_event():
        return call(
            kaltura, "schedule_scheduleevent.add", ks=ks_of(kaltura), scheduleEvent=event
        ).get("code", "ok")

    seen = [add_event(), add_event()]
    kaltura.set_index_delay(0)
    assert [*seen, add_event()] == ["ok", "ok", "SCHEDULE_TIME_IN_USE"]


def test_process_remembers_requests_without_their_secrets(kaltura):
    made = ks_of(kaltura)
    call(kaltura, "session.start", secret=kaltura.admin_secret, type=2, partnerId=101)
    entry = {"name": "x", "mediaType": 201}
    call(kaltura, "livestream.add", ks=made, sourceType="32", liveStreamEntry=entry)
    kept = kaltura.requests()
    text = str(kept)
    password = kaltura.objects("liveStream")[0]["streamPassword"]

    assert [(c["service"], c["action"], c["outcome"]) for c in kept] == [
        ("session", "start", "ok"),
        ("livestream", "add", "ok"),
    ]
    assert kept[1]["params"]["liveStreamEntry"] == entry
    assert [secret in text for secret in (kaltura.admin_secret, made, password)] == [False] * 3


def test_process_counts_calls_and_writes(kaltura):
    add(kaltura, "one")
    call(kaltura, "category.list", ks=ks_of(kaltura))
    assert (kaltura.calls(), kaltura.calls("category.add"), kaltura.writes()) == (2, 1, 1)
    kaltura.forget_requests()
    assert kaltura.calls() == 0


def test_process_names_its_controls_when_asked_for_another(kaltura):
    with pytest.raises(SimulatorFailed, match="POST /_control/reset"):
        kaltura.control("GET", "nosuch")


def test_process_answers_404_where_nothing_is(kaltura):
    assert http(f"{kaltura.url}/nosuch/place")[0] == 404


def test_process_locks_categories_while_a_move_is_under_way(kaltura):
    made = ks_of(kaltura)
    one, two = add(kaltura, "one"), add(kaltura, "two")

    def below(parent):
        sent = {"name": "child", "parentId": parent["id"]}
        return call(kaltura, "category.add", ks=made, category=sent)

    def move(row, target):
        ids = {"categoryIds": str(row["id"]), "targetCategoryParentId": target}
        return call(kaltura, "category.move", ks=made, **ids)

    below(one)
    kaltura.set_index_delay(60)
    moved = move(one, two["id"])
    refused = [below(two)["code"], move(one, 0)["code"]]
    refused.append(call(kaltura, "category.delete", ks=made, id=two["id"])["code"])
    free = [
        add(kaltura, "root")["name"],
        call(kaltura, "category.get", ks=made, id=one["id"])["fullName"],
    ]
    kaltura.advance(61)
    assert (moved, refused, free) == (True, ["CATEGORIES_LOCKED"] * 3, ["root", "two>one"])
    assert below(two)["fullName"] == "two>child"


def test_process_remembers_what_it_refused_to_answer(kaltura):
    kaltura.refuse("category.add", times=1)
    with pytest.raises(OSError):
        add(kaltura, "x")
    kept = kaltura.requests()
    assert [(c["action"], c["outcome"], c["answer"]) for c in kept] == [("add", "refuse", "null")]
