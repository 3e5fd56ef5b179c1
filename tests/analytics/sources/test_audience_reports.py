"""Kaltura's reports about the audience as a whole: one that is odd harms nothing else."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from analytics.models import BroadcastReport, PullRun, SessionAttendance
from analytics.pull import pull_attendance
from kaltura_bridge.audience.definitions import TIMELINE
from kaltura_bridge.audience.reading import BadReport, read_report

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgres]

HEADER = "position|live_engaged_users_ratio"


@pytest.fixture
def answering(monkeypatch) -> Callable[[Any], None]:
    """Let Kaltura answer every question about the audience so, whatever it is about."""

    def answer(said: Any) -> None:
        monkeypatch.setattr(
            "kaltura_bridge.api.reports.audience_answers",
            lambda _kaltura, questions: [said for _ in questions],
        )

    return answer


def test_a_minute_that_comes_twice_counts_once():
    answer = {"header": HEADER, "data": "1764500060|0.5;1764500000|0.25;1764500060|0.5;"}

    assert read_report(TIMELINE, answer) == [
        ("1764500000", {"live_engaged_users_ratio": 25.0}),
        ("1764500060", {"live_engaged_users_ratio": 50.0}),
    ]


def test_two_numbers_for_one_minute_are_refused():
    with pytest.raises(BadReport, match="two things of the same minute"):
        read_report(TIMELINE, {"header": HEADER, "data": "1764500000|0.5;1764500000|0.6;"})


@pytest.mark.parametrize(
    ("said", "error"),
    [
        (
            {"header": HEADER, "data": "1764500000|0.5;1764500000|0.6;"},
            "The report says two things of the same minute, 1764500000.",
        ),
        (ZeroDivisionError("a KS in a URL"), "ZeroDivisionError. See the log."),
    ],
)
def test_an_odd_report_is_noted_and_ends_no_pull(hold, settings, answering, said, error):
    settings.KALTURA_FURTHER_REPORTS = frozenset({"timeline"})
    conference = hold(rooms=1, webcasts=1)
    conference.visit(conference.rooms[0], conference.person("Ann"), 0, 30)
    conference.visit(conference.webcasts[0], conference.person("Ben"), 0, 30)
    answering(said)

    pull_attendance(conference.event)

    assert {row.error for row in BroadcastReport.objects.all()} == {error}
    assert (SessionAttendance.objects.count(), PullRun.objects.count()) == (2, 1)


def test_attendance_of_rooms_needs_no_secret_of_the_reports(hold, settings):
    settings.KALTURA_FURTHER_REPORTS = frozenset({"timeline"})
    conference = hold(rooms=1, webcasts=1)
    conference.visit(conference.rooms[0], conference.person("Ann"), 0, 30)
    settings.KALTURA_ADMIN_SECRET = ""

    pull_attendance(conference.event)

    assert PullRun.objects.count() == 1
