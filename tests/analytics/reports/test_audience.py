"""What Kaltura says of an audience as a whole: pulled, kept, shown with its moment."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.auth import get_user_model
from django.test import Client
from django.utils import timezone

from analytics.models import BroadcastReport, EventPrivacy, PrivacyMode
from analytics.pull import pull_attendance
from events.models import TeamRole
from tests.factories import TeamMemberFactory

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgres]

EVERY = frozenset(
    "engagement highlights audience attendees timeline platforms participation".split()
)


def report_of(session, query: str = "") -> str:
    analyst = TeamMemberFactory(event=session.event, role=TeamRole.ANALYST).user
    get_user_model().objects.filter(pk=analyst.pk).update(is_staff=True)
    analyst.refresh_from_db()
    client = Client()
    client.force_login(analyst)
    page = client.get(f"/admin/analytics/eventreport/sessions/{session.pk}/{query}")
    assert page.status_code == 200
    return page.content.decode()


@pytest.fixture
def webcast(hold, settings):
    """A webcast that two people watched, one of them on a phone and without attention."""
    settings.KALTURA_FURTHER_REPORTS = EVERY
    conference = hold(rooms=1, webcasts=1)
    (session,) = conference.webcasts
    conference.visit(session, conference.person("Ann"), 0, 30, attention=90)
    conference.visit(session, conference.person("Ben"), 10, 20, attention=10, device="Mobile")
    conference.visit(conference.rooms[0], conference.person("Cleo"), 0, 5)
    return conference


def test_each_report_is_read_and_shown_with_its_number_and_moment(webcast):
    (session,) = webcast.webcasts
    run = pull_attendance(webcast.event)

    kept = {row.report: row for row in BroadcastReport.objects.filter(session=session)}
    start = webcast.unix(session, 0)
    assert run.errors == []
    assert set(kept) == EVERY - {"engagement"}
    assert all(row.read_at and not row.error for row in kept.values())
    assert kept["platforms"].rows == [
        ["Computer", {"view_unique_audience": 1, "sum_view_time": 30}],
        ["Mobile", {"view_unique_audience": 1, "sum_view_time": 10}],
    ]
    assert kept["highlights"].rows == [
        [
            "",
            {
                "count_plays": 2,
                "unique_viewers": 2,
                "sum_view_period": 40,
                "sum_live_view_period": 40,
            },
        ]
    ]
    over_time = dict(kept["audience"].rows)
    assert over_time[str(start)]["view_unique_audience"] == 1
    assert over_time[str(start + 600)] == {
        "view_unique_audience": 2,
        "view_unique_engaged_users": 1,
    }
    timeline = dict(kept["timeline"].rows)
    assert timeline[str(start)] == {"live_engaged_users_ratio": 100}
    assert timeline[str(start + 900)] == {"live_engaged_users_ratio": 50}
    assert kept["attendees"].rows and kept["participation"].rows[0][1]["count_q_and_a_threads"] == 0
    # A room has those that count it too.
    of_room = BroadcastReport.objects.filter(session=webcast.rooms[0])
    assert {row.report for row in of_room} == {"attendees", "participation"}

    assert "What people did" in report_of(session)
    text = report_of(session, "?did=1")

    for number in ("40001", "10005", "60014", "40011", "10004", "70001", "60010"):
        assert f"Kaltura's report {number}" in text, number
    assert "40.0 min" in text and "Mobile: 1" in text
    assert 'id="engagement_by_minute"' in text and "What people did" in text


def test_a_report_that_the_account_lacks_says_so_and_is_no_error(webcast):
    (session,) = webcast.webcasts
    for action in ("report.getGraphs", "report.getTotal"):
        webcast.simulator.answer_with(action, "SERVICE_FORBIDDEN", times=None)

    run = pull_attendance(webcast.event)

    assert run.errors == []
    lacking = BroadcastReport.objects.filter(session=session, is_lacking=True)
    assert {row.report for row in lacking} == {
        "highlights",
        "audience",
        "attendees",
        "participation",
    }
    assert "The account does not have this report." in report_of(session)


def test_what_cannot_be_read_keeps_what_was_known_and_says_why(webcast):
    (session,) = webcast.webcasts
    pull_attendance(webcast.event)
    before = BroadcastReport.objects.get(session=session, report="highlights")
    webcast.simulator.answer_with("report.getTotal", "INTERNAL_SERVERL_ERROR", times=None)

    pull_attendance(webcast.event)

    after = BroadcastReport.objects.get(session=session, report="highlights")
    assert (after.rows, after.read_at) == (before.rows, before.read_at)
    assert after.attempted_at > before.attempted_at
    assert "It could not be read: " in report_of(session)


def test_realtime_reports_are_read_for_some_hours_only_and_none_where_none_is_wanted(
    webcast, settings
):
    (session,) = webcast.webcasts
    type(session).objects.filter(pk=session.pk).update(
        starts_at=timezone.now() - timedelta(hours=9), ends_at=timezone.now() - timedelta(hours=8)
    )

    pull_attendance(webcast.event)
    settings.KALTURA_FURTHER_REPORTS = frozenset()
    asked = BroadcastReport.objects.filter(session=session)
    assert {row.report for row in asked} == {
        "highlights",
        "attendees",
        "timeline",
        "participation",
    }
    asked.delete()
    pull_attendance(webcast.event)

    assert not BroadcastReport.objects.filter(session=session).exists()


def test_an_event_that_shows_groups_only_shows_none_of_it(webcast):
    EventPrivacy.objects.create(event=webcast.event, mode=PrivacyMode.AGGREGATE)
    pull_attendance(webcast.event)

    assert "as Kaltura counts it" not in report_of(webcast.webcasts[0])
