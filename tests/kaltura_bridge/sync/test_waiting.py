"""``kaltura_sync --wait``: it waits as the account's rest says, gives the reason, and ends."""

from __future__ import annotations

import json
import time
from io import StringIO
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
from django.core.management import call_command

from kaltura_bridge.models import Account
from tests.kaltura_bridge.support.planning import in_step, planned_event

if TYPE_CHECKING:
    from kaltura_simulator.testing import Simulator

pytestmark = [pytest.mark.django_db(transaction=True)]


class Ran(NamedTuple):
    code: int
    printed: dict[str, Any]
    seconds: float


def kaltura_sync(event: Any, wait_s: float) -> Ran:
    began, out, code = time.monotonic(), StringIO(), 0
    try:
        call_command("kaltura_sync", event.slug, "--wait", str(wait_s), "--json", stdout=out)
    except SystemExit as left:
        code = int(str(left.code))
    return Ran(code, json.loads(out.getvalue()), time.monotonic() - began)


def requests_of(simulator: Simulator) -> int:
    return len(simulator.requests())


def test_wrong_secret_is_asked_about_once_and_ends_the_wait(simulator, settings):
    settings.KALTURA_ADMIN_SECRET = "f" * 32
    event = planned_event()
    simulator.forget_requests()

    ran = kaltura_sync(event, 10)

    told = ran.printed["in_step"], ran.printed["waiting"], ran.printed["failed"]
    assert (ran.code, told, ran.printed["calls"]) == (1, (0, 4, []), 1)
    assert ran.printed["reason"] == (
        "Kaltura refused the account (INVALID_KS). Check KALTURA_PARTNER_ID and "
        "KALTURA_ADMIN_SECRET (or the application token)."
    )
    # What is looked up of the account is four calls in one request.
    assert (requests_of(simulator), ran.seconds < 5) == (4, True)


def test_missing_parent_category_ends_the_wait(simulator, settings):
    settings.KALTURA_PARENT_CATEGORY = "nobody>made>this"
    event = planned_event()

    ran = kaltura_sync(event, 10)

    assert (ran.code, ran.printed["calls"], ran.seconds < 5) == (1, 1, True)
    assert ran.printed["reason"] == (
        "Kaltura has no category “nobody>made>this”. Check KALTURA_PARENT_CATEGORY."
    )


@pytest.mark.parametrize(
    ("mode", "how", "reason"),
    [
        ("status_5xx", {}, "HTTP 503"),
        ("status_429", {}, "HTTP 429"),
        ("rate_limited", {}, "our calls are rate limited"),
    ],
)
def test_trouble_on_the_way_is_asked_about_ever_more_rarely(simulator, mode, how, reason):
    event = planned_event()
    simulator.fault("*", mode, times=None, **how)

    ran = kaltura_sync(event, 6)

    assert (ran.code, ran.printed["waiting"], ran.printed["failed"]) == (1, 4, [])
    assert ran.printed["reason"] == f"Kaltura does not answer ({reason}); we keep trying."
    # Pauses of half a second at least, whose limit doubles.
    assert (ran.printed["calls"] <= 8, 6 <= ran.seconds < 9) == (True, True)


def test_retry_after_is_kept(simulator):
    event = planned_event()
    simulator.fault("*", "status_429", times=1, retry_after=3)

    ran = kaltura_sync(event, 20)

    assert (ran.code, ran.printed["reason"], ran.seconds >= 3) == (0, "", True)
    assert in_step(event)


def test_nobody_listens(simulator):
    event = planned_event()
    simulator.kill()

    ran = kaltura_sync(event, 6)

    assert (ran.code, ran.printed["waiting"]) == (1, 4)
    assert ran.printed["reason"] == (
        "Kaltura does not answer (connection refused); we keep trying."
    )
    assert (Account.objects.get().failures <= 8, 6 <= ran.seconds < 9) == (True, True)


def test_failed_category_ends_the_wait_with_all_that_failed(simulator):
    event = planned_event()
    simulator.fault("category.add", "api_error", times=None, code="FEATURE_FORBIDDEN", message="No")

    ran = kaltura_sync(event, 30)

    failed = {(row["object"], row["kind"]) for row in ran.printed["failed"]}
    assert failed == {
        ("Event “Spring”", "forbidden"),
        ("Track “Ethics”", "blocked"),
        ("Session “Keynote”", "blocked"),
        ("Session “Workshop”", "blocked"),
    }
    assert (ran.code, ran.printed["waiting"], ran.seconds < 5) == (1, 0, True)


def test_people_read_why_it_waits(simulator, settings):
    settings.KALTURA_ADMIN_SECRET = "f" * 32
    event, out = planned_event(), StringIO()

    with pytest.raises(SystemExit):
        call_command("kaltura_sync", event.slug, "--wait", "10", stdout=out)

    assert out.getvalue().splitlines()[0] == (
        "waiting: Kaltura refused the account (INVALID_KS). Check KALTURA_PARTNER_ID and "
        "KALTURA_ADMIN_SECRET (or the application token)."
    )
