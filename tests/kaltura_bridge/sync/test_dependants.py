"""What waits for another object rests until that one is there, and says because of whom."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest
from django.utils import timezone

from events.models import Event
from kaltura_bridge.api.client import Kaltura
from kaltura_bridge.models import Account, RemoteLink, SyncAttempt, SyncTarget
from kaltura_bridge.repair import actions
from kaltura_bridge.sync import dependants, outcome, reconcile, service
from kaltura_bridge.sync.progress import failures
from kaltura_bridge.sync.sync_report import sync_report
from kaltura_bridge.sync.work import Work
from tests.factories import EventFactory, TrackFactory, WebcastFactory
from tests.kaltura_bridge.support.planning import (
    exactly_planned,
    in_step,
    planned_event,
    settle,
    states,
)

if TYPE_CHECKING:
    from kaltura_simulator.testing import Simulator

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgres]

TRACKS, SESSIONS = 6, 140


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """The portal's clock, moved without waiting."""
    real, moved = timezone.now, SimpleNamespace(by=timedelta())
    monkeypatch.setattr(timezone, "now", lambda: real() + moved.by)

    def advance(seconds: float) -> None:
        moved.by += timedelta(seconds=seconds)

    moved.advance = advance
    return moved


def refuse(simulator: Simulator, action: str) -> None:
    simulator.fault(action, "api_error", times=None, code="FEATURE_FORBIDDEN", message="No")


def hours_pass(clock: SimpleNamespace, hours: float) -> int:
    """What a worker and the scheduler do meanwhile. Returns the calls that they made."""
    calls = 0
    for minute in range(round(hours * 60)):
        clock.advance(60)
        calls += service.sync_due().calls
        if minute % 10 == 0:
            calls += reconcile.sweep().calls
    return calls


def history() -> Counter[tuple[str, str]]:
    return Counter(SyncAttempt.objects.values_list("outcome", "error_kind"))


@pytest.fixture
def large_event() -> Event:
    event = EventFactory(title="Spring")
    tracks = TrackFactory.create_batch(TRACKS, event=event)
    for number in range(SESSIONS):
        WebcastFactory(event=event, track=tracks[number % TRACKS])
    return event


def test_failed_category_fails_what_stands_in_it_without_a_storm(simulator, clock, large_event):
    refuse(simulator, "category.add")
    service.sync_due()
    counted, before = Counter(k for k in states(large_event).values()), history()

    calls = hours_pass(clock, 3)

    dependent = TRACKS + SESSIONS
    assert counted == {("failed", "forbidden"): 1, ("failed", "blocked"): dependent}
    assert before == {("failed", "forbidden"): 1, ("failed", "blocked"): dependent}
    assert (calls, history()) == (0, before)


def test_success_of_the_parent_brings_all_in_sync_at_once(simulator, clock, large_event):
    refuse(simulator, "category.add")
    service.sync_due()
    simulator.clear_faults()

    actions.retry(SyncTarget.objects.filter(title="Spring"))
    service.sync_due()

    assert (in_step(large_event), exactly_planned(large_event, simulator)) == (True, True)
    assert set(SyncTarget.objects.values_list("waits_for", flat=True)) == {None}
    assert history()["synced", ""] == 1 + TRACKS + SESSIONS


def test_dependants_say_because_of_whom(simulator):
    event = planned_event()
    refuse(simulator, "category.add")

    settle(event)

    spring = SyncTarget.objects.get(title="Spring")
    assert states(event) == {
        "Spring": ("failed", "forbidden"),
        "Ethics": ("failed", "blocked"),
        "Keynote": ("failed", "blocked"),
        "Workshop": ("failed", "blocked"),
    }
    assert SyncTarget.objects.get(title="Keynote").error == (
        "The place of “Keynote” in “Ethics” waits for Event “Spring”, which has failed. "
        "It follows by itself once that is in sync."
    )
    failed = sync_report(service.targets_of(event), Work()).as_json()["failed"]
    assert {row["object"]: row["because_of"] for row in failed} == {
        "Event “Spring”": "",
        "Track “Ethics”": "Event “Spring”",
        "Session “Keynote”": "Event “Spring”",
        "Session “Workshop”": "Event “Spring”",
    }
    assert {(f.kind, f.number) for f in failures(service.targets_of(event))} == {
        ("blocked", 3),
        (spring.error_kind, 1),
    }


def test_failed_track_fails_its_own_sessions_only(simulator):
    event = planned_event()
    settle(event)
    track = TrackFactory(event=event, name="Law")
    WebcastFactory(event=event, track=track, title="In it")
    WebcastFactory(event=event, track=None, title="Beside it")
    refuse(simulator, "category.add")

    settle(event)
    failed = {title: held for title, held in states(event).items() if held[0] == "failed"}
    simulator.clear_faults()
    actions.retry(SyncTarget.objects.filter(title="Law"))
    service.sync_due()

    assert failed == {"Law": ("failed", "forbidden"), "In it": ("failed", "blocked")}
    assert (in_step(event), exactly_planned(event, simulator)) == (True, True)


def test_parent_that_is_tried_again_takes_its_dependants_along(simulator, clock, settings):
    """The parent's trouble passes by itself: all wait, try together, and ever more rarely."""
    settings.KALTURA_INDEX_DELAY_S = 0
    event = planned_event()
    WebcastFactory.create_batch(20, event=event, track=event.tracks.get())
    simulator.fault("category.add", "api_error", times=None, code="INTERNAL_SERVERL_ERROR")
    service.sync_due()
    first, rows = Counter(states(event).values()), history()

    calls = hours_pass(clock, 1)
    rows_after = history()
    simulator.clear_faults()
    clock.advance(outcome.CAP_S)
    service.sync_due()

    assert first == {("pending", "server error"): 1, ("pending", "waiting"): 23}
    # A try lists what all of them have in two calls, and sends one add.
    assert (calls <= 3 * 40, rows_after) == (True, rows)
    assert (in_step(event), exactly_planned(event, simulator)) == (True, True)


def test_own_object_that_is_refused_for_now_is_asked_for_ever_more_rarely(simulator, clock):
    event = planned_event()
    simulator.fault("liveStream.add", "api_error", times=None, code="INTERNAL_SERVERL_ERROR")
    settle(event, 0)
    rows = SyncAttempt.objects.count()

    calls = hours_pass(clock, 1)

    waiting = SyncTarget.objects.get(title="Keynote")
    assert (waiting.state, waiting.error_kind) == ("pending", "server error")
    assert (calls <= 2 * 60, SyncAttempt.objects.count()) == (True, rows)


def test_what_waits_is_told_when_its_parent_fails_for_good(simulator, settings):
    settings.KALTURA_INDEX_DELAY_S = 0
    event = planned_event()
    simulator.fault("category.add", "api_error", times=None, code="INTERNAL_SERVERL_ERROR")
    service.sync_due()
    waited = states(event)["Keynote"]
    simulator.clear_faults()
    refuse(simulator, "category.add")

    SyncTarget.objects.filter(title="Spring").update(next_attempt_at=timezone.now())
    service.sync_due()

    assert waited == ("pending", "waiting")
    assert set(states(event).values()) == {("failed", "forbidden"), ("failed", "blocked")}


def test_category_that_was_deleted_at_kaltura_holds_up_new_sessions_until_recreated(simulator):
    event = planned_event()
    settle(event)
    category = RemoteLink.objects.get(kind="category", target__title="Spring")
    Kaltura().one(lambda c: c.category.delete(category.remote_id, 0))
    WebcastFactory(event=event, track=None, title="New")

    service.sync_event(event, 20)
    failed = states(event)
    actions.recreate(service.targets_of(event))
    settle(event, 20)

    assert (failed["Spring"], failed["New"]) == (("failed", "gone"), ("failed", "blocked"))
    assert (in_step(event), exactly_planned(event, simulator)) == (True, True)


def test_parent_that_comes_in_sync_at_that_moment_wakes_its_dependants(simulator, monkeypatch):
    """It does so after they looked at it and before they noted that they wait for it."""
    event = planned_event()
    refuse(simulator, "category.add")
    settle(event)
    simulator.clear_faults()
    report = dependants.report_blocked

    def report_late(state):
        found = report(state)
        if {t.title for t in state.targets.values()} == {"Workshop"}:
            monkeypatch.undo()
            actions.retry(SyncTarget.objects.filter(title="Spring"))
            service.sync_due(SyncTarget.objects.filter(title="Spring"))
        return found

    monkeypatch.setattr("kaltura_bridge.sync.batch.report_blocked", report_late)
    actions.retry(SyncTarget.objects.filter(title="Workshop"))
    service.sync_due(SyncTarget.objects.filter(title="Workshop"))
    service.sync_due()

    assert (in_step(event), Account.objects.get().failures) == (True, 0)


def test_sweep_wakes_whoever_nobody_woke(simulator):
    event = planned_event()
    settle(event)
    keynote = SyncTarget.objects.filter(title="Keynote")
    keynote.update(state="failed", error_kind="blocked", error="Waits", waits_for=None)

    reconcile.sweep()

    assert in_step(event)
