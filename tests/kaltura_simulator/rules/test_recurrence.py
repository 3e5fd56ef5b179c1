"""Events that come again: which days a series has, and how its single events follow it."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from kaltura_simulator.rules.recurrence import MAX_OCCURRENCES, starts
from kaltura_simulator.testing import Simulator
from tests.kaltura_simulator.support.clients import call, ks_of

PARIS = ZoneInfo("Europe/Paris")
#: A Wednesday; on the Sunday after, Paris goes to summer time.
FIRST = int(datetime(2027, 3, 24, 10, tzinfo=PARIS).timestamp())
DAY = 86400


def days(rule: dict[str, Any], first: int = FIRST) -> list[str]:
    """The moments of a rule as a clock in Paris shows them."""
    return [
        datetime.fromtimestamp(at, PARIS).strftime("%a %d.%m. %H:%M") for at in starts(first, rule)
    ]


@pytest.mark.parametrize(
    ("rule", "wanted"),
    [
        (
            {"frequency": "hours", "interval": 6, "count": 2},
            ["Wed 24.03. 10:00", "Wed 24.03. 16:00"],
        ),
        (
            {"frequency": "weeks", "count": 2, "timeZone": "Europe/Paris"},
            ["Wed 24.03. 10:00", "Wed 31.03. 10:00"],
        ),
        (
            {"frequency": "weeks", "count": 3, "byDay": "MO,WE", "timeZone": "Europe/Paris"},
            ["Wed 24.03. 10:00", "Mon 29.03. 10:00", "Wed 31.03. 10:00"],
        ),
        (
            {"frequency": "days", "until": FIRST + 4 * DAY, "byDay": "TH,FR"},
            ["Thu 25.03. 10:00", "Fri 26.03. 10:00"],
        ),
        (
            {"frequency": "months", "interval": 2, "count": 2, "timeZone": "Europe/Paris"},
            ["Wed 24.03. 10:00", "Mon 24.05. 10:00"],
        ),
        (
            {"frequency": "years", "count": 2, "timeZone": "Europe/Paris"},
            ["Wed 24.03. 10:00", "Fri 24.03. 10:00"],
        ),
    ],
)
def test_series_takes_place_on_the_days_of_its_rule(rule: dict[str, Any], wanted: list[str]):
    assert days(rule) == wanted


def test_series_skips_months_without_its_day_and_ends_by_itself():
    last = int(datetime(2027, 1, 31, 10, tzinfo=PARIS).timestamp())
    rule = {"frequency": "months", "count": 2, "timeZone": "Europe/Paris"}
    assert days(rule, last) == ["Sun 31.01. 10:00", "Wed 31.03. 10:00"]
    assert len(starts(FIRST, {"frequency": "days"})) == MAX_OCCURRENCES
    assert starts(FIRST, {"frequency": "days", "byDay": "XX"})[:1] == [FIRST]


def singles(kaltura: Simulator) -> list[tuple[int, str]]:
    rows = [row for row in kaltura.objects("scheduleEvent") if row["recurrenceType"] == 2]
    return [(row["startDate"], row["summary"]) for row in rows]


def test_series_makes_changes_and_takes_its_single_events_along(kaltura: Simulator):
    ks = ks_of(kaltura)

    def ask(action: str, **params: Any) -> Any:
        return call(kaltura, f"schedule_scheduleevent.{action}", ks=ks, **params)

    sent: dict[str, Any] = {"objectType": "KalturaRecordScheduleEvent", "summary": "Weekly"}
    sent |= {"startDate": FIRST, "endDate": FIRST + 3600, "recurrenceType": 1}
    series = ask("add", scheduleEvent=sent | {"recurrence": {"frequency": "days", "count": 3}})
    first = kaltura.objects("scheduleEvent")[1]
    made = singles(kaltura)

    def change(**fields: Any) -> Any:
        event = {"objectType": sent["objectType"], **fields}
        return ask("update", scheduleEventId=series["id"], scheduleEvent=event)

    change(summary="Daily")
    renamed = singles(kaltura)
    change(recurrence={"frequency": "days", "count": 2})
    fewer = singles(kaltura)
    refused = ask("delete", scheduleEventId=first["id"])["code"]
    single = change(recurrenceType=0)
    none = singles(kaltura)

    assert (first["parentId"], first["recurrenceType"], first["duration"]) == (
        series["id"],
        2,
        3600,
    )
    assert made == [(FIRST + number * DAY, "Weekly") for number in range(3)]
    assert renamed == [(at, "Daily") for at, _ in made]
    assert (fewer, refused) == (renamed[:2], "RECURRENCE_CANT_BE_DELETE")
    assert (none, single["sequence"], single["recurrenceType"]) == ([], 1, 0)


def test_conflicts_of_a_series_are_those_of_each_of_its_days(kaltura: Simulator):
    ks, service = ks_of(kaltura), "schedule_scheduleevent"
    event: dict[str, Any] = {"objectType": "KalturaRecordScheduleEvent", "summary": "s"}
    event |= {"recurrenceType": 0, "startDate": FIRST + DAY, "endDate": FIRST + DAY + 60}
    booked = call(kaltura, f"{service}.add", ks=ks, scheduleEvent=event)["id"]
    room = {"objectType": "KalturaLocationScheduleResource", "name": "Room"}
    place = call(kaltura, "schedule_scheduleresource.add", ks=ks, scheduleResource=room)["id"]
    link = {"eventId": booked, "resourceId": place}
    call(kaltura, f"{service}resource.add", ks=ks, scheduleEventResource=link)

    def conflicts(**fields: Any) -> list[int]:
        asked = event | {"startDate": FIRST, "endDate": FIRST + 60} | fields
        found = call(
            kaltura,
            f"{service}.getConflicts",
            ks=ks,
            resourceIds=str(place),
            scheduleEvent=asked,
            scheduleEventConflictType=1,
        )
        return [row["id"] for row in found["objects"]]

    daily = {"recurrenceType": 1, "recurrence": {"frequency": "days", "count": 2}}
    assert (conflicts(), conflicts(**daily)) == ([], [booked])


@pytest.mark.parametrize("action", ["delete", "cancel"])
def test_series_that_ends_takes_its_single_events_along(kaltura: Simulator, action: str):
    ks = ks_of(kaltura)
    sent = {"objectType": "KalturaRecordScheduleEvent", "summary": "s", "recurrenceType": 1}
    sent |= {"startDate": FIRST, "endDate": FIRST + 60}
    rule = {"recurrence": {"frequency": "weeks", "count": 2}}
    made = call(kaltura, "schedule_scheduleevent.add", ks=ks, scheduleEvent=sent | rule)
    before = len(singles(kaltura))
    call(kaltura, f"schedule_scheduleevent.{action}", ks=ks, scheduleEventId=made["id"])
    bare = call(kaltura, "schedule_scheduleevent.add", ks=ks, scheduleEvent=sent)
    assert (before, singles(kaltura), bare["code"]) == (2, [], "INTERNAL_SERVERL_ERROR")
