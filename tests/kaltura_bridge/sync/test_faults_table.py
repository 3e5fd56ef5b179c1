"""Every fault that the local Kaltura knows: what it is to us, what we do, what a manager reads."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.db.models import Max
from django.utils import timezone

from kaltura_bridge.api.client import Kaltura, Request, new
from kaltura_bridge.api.errors import KalturaError, RemoteRejected, RemoteUnavailable
from kaltura_bridge.models import Account, ErrorClass, SyncTarget
from kaltura_bridge.repair import actions
from kaltura_bridge.sync import pause, service
from tests.kaltura_bridge.support.oracle import differences
from tests.kaltura_bridge.support.planning import in_step, planned_event, settle, states

pytestmark = [pytest.mark.django_db(transaction=True)]

ADD = "liveStream.add"
TIMEOUT_S = 0.5  # less than the slow ones take
UNAVAILABLE = "Kaltura does not answer ({}); we keep trying."


@dataclass(frozen=True)
class Meaning:
    """``rests``: the whole account is left alone. ``by_itself``: nobody need choose Retry."""

    error: type[KalturaError] | None
    error_class: ErrorClass | None
    state: str
    kind: str
    sentence: str
    how: dict[str, Any] = field(default_factory=dict)
    rests: bool = False
    by_itself: bool = True


def unavailable(reason: str, *, rests: bool = True, **how: Any) -> Meaning:
    text = UNAVAILABLE.format(reason)
    return Meaning(
        RemoteUnavailable, ErrorClass.RETRY, "pending", "unavailable", text, how, rests=rests
    )


def refused(
    code: str, error_class: ErrorClass, state: str, kind: str, advice: str, **more: Any
) -> Meaning:
    whom = "the account" if error_class is ErrorClass.STOP else "live entry “Keynote”"
    text = f"Kaltura refused {whom} ({code}: Words). {advice}"
    how = {"code": code, "message": "Words"}
    return Meaning(RemoteRejected, error_class, state, kind, text, how, **more)


NO_TROUBLE = Meaning(None, None, "synced", "", "")
# While the fault lasts, at the add of a live entry.
AT_AN_ADD = [
    ("refuse", unavailable("connection lost")),
    ("lose_reply", unavailable("connection lost")),
    ("cut_reply", unavailable("an answer that cannot be read")),
    ("slow_reply", unavailable("no answer in time", seconds=0.6)),
    ("slow_work", unavailable("no answer in time", seconds=0.6)),
    ("status_429", unavailable("HTTP 429", retry_after=1)),
    ("status_429", unavailable("HTTP 429")),
    ("status_5xx", unavailable("HTTP 503")),
    ("status_5xx", unavailable("HTTP 500", status=500)),
    ("error_page", unavailable("an answer that cannot be read")),
    ("rate_limited", unavailable("our calls are rate limited", rests=False)),
    (
        "expired_ks",
        Meaning(
            RemoteRejected,
            ErrorClass.NEW_KS,
            "pending",
            "expired",
            "Kaltura refused live entry “Keynote” (INVALID_KS). "
            "Our Kaltura Session ran out; we make a new one.",
        ),
    ),
    (
        "api_error",
        refused(
            "INTERNAL_SERVERL_ERROR",
            ErrorClass.RETRY,
            "pending",
            "server error",
            "Kaltura had an error of its own; we keep trying.",
        ),
    ),
    (
        "api_error",
        refused(
            "LOCK_TIMED_OUT",
            ErrorClass.RETRY,
            "pending",
            "busy",
            "Kaltura is busy with this; we keep trying.",
        ),
    ),
    (
        "api_error",
        refused(
            "ACTION_BLOCKED",
            ErrorClass.RETRY,
            "pending",
            "rate limit",
            "Kaltura limits our calls; we keep trying, slower.",
        ),
    ),
    (
        "api_error",
        refused(
            "FEATURE_FORBIDDEN",
            ErrorClass.PERSON,
            "failed",
            "forbidden",
            "The account or its role lacks this permission. Ask Kaltura to switch it on, "
            "then Retry.",
            by_itself=False,
        ),
    ),
    (
        "api_error",
        refused(
            "CONVERSION_PROFILE_ID_NOT_FOUND",
            ErrorClass.PERSON,
            "failed",
            "setting",
            "Kaltura does not know an id from the settings. Correct it, then choose Retry.",
            by_itself=False,
        ),
    ),
    (
        "api_error",
        refused(
            "APP_TOKEN_EXPIRED",
            ErrorClass.STOP,
            "pending",
            "credentials",
            "Check KALTURA_PARTNER_ID and KALTURA_ADMIN_SECRET (or the application token).",
            rests=True,
        ),
    ),
    (
        "api_error",
        refused(
            "NOBODY_HEARD_OF_IT",
            ErrorClass.PERSON,
            "failed",
            "refused",
            "Correct what it names, then choose Retry.",
            by_itself=False,
        ),
    ),
]
# Lists that lose something: nothing is wrong with what we know by its id.
AT_A_LIST = [("lose_item", NO_TROUBLE), ("lose_page", NO_TROUBLE)]


def test_table_knows_every_fault_of_the_local_kaltura(simulator):
    modes = set(simulator.control("GET", "faults")["modes"])

    assert {mode for mode, _ in AT_AN_ADD + AT_A_LIST} == modes


def wait_until_worked_off(simulator):
    """Slow work ends after we gave up; the next test must not find it."""
    deadline = time.monotonic() + 10
    while not simulator.calls(ADD):
        assert time.monotonic() < deadline
        time.sleep(0.02)


def error_of_an_add():
    """The error that such an add ends with, in one HTTP request of its own."""
    entry = new("KalturaLiveStreamEntry", name="Other", mediaType=201)
    try:
        answer = Kaltura().ask_once([Request(lambda c: c.liveStream.add(entry, "32"))])[0]
    except KalturaError as error:
        return error
    return answer if isinstance(answer, KalturaError) else None


@pytest.mark.parametrize(("mode", "meaning"), AT_AN_ADD)
def test_error_is_classified(simulator, settings, mode, meaning):
    settings.KALTURA_TIMEOUT_S = TIMEOUT_S
    simulator.fault(ADD, mode, times=None, **meaning.how)

    error = error_of_an_add()
    wait_until_worked_off(simulator)

    assert (type(error), error.error_class, error.kind) == (
        meaning.error,
        meaning.error_class,
        meaning.kind,
    )


@pytest.mark.parametrize(("mode", "meaning"), AT_AN_ADD)
def test_manager_reads_what_is_wrong_and_it_ends_in_step(simulator, settings, mode, meaning):
    settings.KALTURA_TIMEOUT_S = TIMEOUT_S
    settings.KALTURA_INDEX_DELAY_S = 0.4
    event = planned_event()
    simulator.fault(ADD, mode, times=None, **meaning.how)

    service.sync_due()
    during = told()
    tries = tried_again()
    simulator.clear_faults()
    settings.KALTURA_TIMEOUT_S = 5
    Account.objects.update(paused_until=None)  # as when its rest has passed
    if not meaning.by_itself:
        settle(event, 0)
        assert told()[:2] == ("failed", meaning.kind)
        actions.retry(service.targets_of(event))
    settle(event, 30)

    assert during == (meaning.state, meaning.kind, meaning.sentence, meaning.rests)
    assert tries == (meaning.state == "pending" and not meaning.rests)
    assert (differences(simulator, event), in_step(event)) == ([], True)


def told():
    """What the page of the session and the banner of the account say."""
    target = SyncTarget.objects.get(title="Keynote")
    return target.state, target.error_kind, target.error, pause.is_paused()


def tried_again():
    """Whether the sender comes back to the session by itself when its time has come."""
    before = SyncTarget.objects.aggregate(Max("attempts"))["attempts__max"]
    SyncTarget.objects.filter(state="pending").update(next_attempt_at=timezone.now())
    service.sync_due()
    return SyncTarget.objects.aggregate(Max("attempts"))["attempts__max"] > before


# What these hold can be read by its id as well, so nothing is in doubt.
LISTS = ["baseEntry.list", "category.list", "metadata.list", "scheduleEvent.list"]


@pytest.mark.parametrize("action", LISTS)
@pytest.mark.parametrize(("mode", "meaning"), AT_A_LIST)
def test_list_that_lost_something_is_not_believed(simulator, mode, meaning, action):
    event = planned_event()
    settle(event)
    simulator.fault(action, mode, times=None)

    work = service.sync_event(event, 0)

    assert set(states(event).values()) == {(meaning.state, meaning.kind)}
    assert (work.writes, differences(simulator, event)) == (0, [])


@pytest.mark.parametrize("mode", [mode for mode, _ in AT_A_LIST])
def test_place_that_a_short_list_did_not_show_is_not_taken_for_deleted(simulator, mode):
    """Places have no id to be read by; what the list counts says that it lost some."""
    event = planned_event()
    settle(event)
    simulator.fault("categoryEntry.list", mode, times=None)

    work = service.sync_event(event, 0)
    told = sorted(SyncTarget.objects.exclude(error="").values_list("state", "error"))
    simulator.clear_faults()
    settle(event)

    text = UNAVAILABLE.format("a list came without all of its rows")
    lost = 2 if mode == "lose_page" else 1
    assert (work.writes, told) == (0, [("pending", text)] * lost)
    assert (differences(simulator, event), in_step(event)) == ([], True)
