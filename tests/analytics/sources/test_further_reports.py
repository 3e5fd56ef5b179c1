"""What the further reports and recordings say comes out beside what is there already."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from analytics.models import (
    Coverage,
    MatchedBy,
    RejectedRow,
    SessionAttendance,
    Source,
    ViewerTotal,
)
from analytics.pull import pull_attendance, pull_sessions
from analytics.sources.kaltura_reports import ViewerReports, disagreement
from analytics.sources.parsing import BadRow, engagement_row, realtime_row, viewer_row
from events.actions import move_session
from events.models import Session
from kaltura_bridge.api.reports import ReportPage
from kaltura_bridge.models import RemoteLink

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgres]


def totals() -> dict[tuple[str, str], tuple[Decimal, Decimal]]:
    """(source, person) -> minutes live, and of recordings."""
    rows = ViewerTotal.objects.select_related("user")
    return {
        (row.source, row.user.name if row.user else row.remote_user_id): (
            row.live_minutes.normalize(),
            row.recording_minutes.normalize(),
        )
        for row in rows
    }


def people() -> dict[str, tuple[str, str]]:
    """Person -> minutes present, and which sources say so."""
    rows = SessionAttendance.objects.select_related("user")
    return {
        row.user.name if row.user else row.person_key: (str(row.minutes_present), row.sources)
        for row in rows
    }


def test_every_report_says_the_same_minutes_and_they_count_once(hold, settings):
    settings.KALTURA_FURTHER_REPORTS = frozenset({"engagement", "realtime"})
    conference = hold(rooms=1, webcasts=1)
    (room,), (webcast,) = conference.rooms, conference.webcasts
    ann, ben = conference.person("Ann"), conference.person("Ben")
    conference.visit(webcast, ann, 0, 30)
    conference.visit(room, ben, 10, 30)

    run = pull_attendance(conference.event)

    assert run.errors == []
    assert totals() == {
        ("report", "Ann"): (30, 0),
        ("engagement", "Ann"): (30, 0),
        ("realtime", "Ann"): (30, 0),
        ("engagement", "Ben"): (20, 0),
    }
    assert people() == {
        "Ann": ("30.00", "report+engagement+realtime"),
        "Ben": ("20.00", "newrow+engagement"),
    }
    assert set(Coverage.objects.values_list("session", "source", "expected_rows")) == {
        (webcast.pk, "report", 1),
        (webcast.pk, "engagement", 1),
        (webcast.pk, "realtime", 1),
        (room.pk, "newrow", 1),
        (room.pk, "engagement", 1),
    }
    assert all(coverage.is_complete for coverage in Coverage.objects.all())


def test_further_reports_are_asked_only_where_they_are_named(hold, settings):
    settings.KALTURA_FURTHER_REPORTS = frozenset()
    conference = hold(rooms=1, webcasts=1)
    conference.visit(conference.webcasts[0], conference.person("Ann"), 0, 30)

    pull_attendance(conference.event)

    assert {row.source for row in Coverage.objects.all()} == {Source.NEWROW, Source.REPORT}


def test_a_further_report_that_the_account_lacks_leaves_the_others_alone(hold, settings):
    settings.KALTURA_FURTHER_REPORTS = frozenset({"engagement"})
    conference = hold(rooms=1, webcasts=0)
    conference.visit(conference.rooms[0], conference.person("Ben"), 10, 30)
    conference.simulator.fault(
        "report.getTable",
        "api_error",
        times=None,
        code="REPORT_NOT_FOUND",
        message="Report id [60010] not found",
    )

    run = pull_attendance(conference.event)

    assert [(error["source"], error["error"]) for error in run.errors] == [
        ("engagement", "Report id [60010] not found (REPORT_NOT_FOUND)")
    ]
    assert people() == {"Ben": ("20.00", "newrow")}


def test_a_person_of_another_sign_in_is_known_by_a_verified_address(hold, settings):
    from allauth.account.models import EmailAddress

    settings.KALTURA_FURTHER_REPORTS = frozenset({"engagement"})
    conference = hold(rooms=0, webcasts=1)
    ann = conference.person("Ann")
    EmailAddress.objects.create(user=ann, email="ann@uni.example", verified=True)
    start = conference.unix(conference.webcasts[0], 0)
    conference.visits(
        [
            {
                "entryId": conference.place(conference.webcasts[0]),
                "userId": "sso-77",
                "name": "Somebody",
                "email": "Ann@Uni.example",
                "joined": start,
                "left": start + 600,
            }
        ]
    )

    pull_attendance(conference.event)

    found = dict(ViewerTotal.objects.values_list("source", "matched_by"))
    assert found == {"report": MatchedBy.NOBODY, "engagement": MatchedBy.ADDRESS}


@pytest.mark.parametrize("kind", ["room", "webcast"])
def test_recordings_count_apart_from_live(hold, kind):
    conference = hold(rooms=1, webcasts=1)
    session = (conference.rooms if kind == "room" else conference.webcasts)[0]
    ann = conference.person("Ann")
    conference.visit(session, ann, 0, 30)
    place = conference.place(conference.webcasts[0])
    if kind == "webcast":
        conference.visit(session, ann, 60, 70, played="vod")
    else:
        recorded_as(session, place)
        conference.visits(
            [{**conference.a_visit(session, ann, 60, 70), "entryId": place, "played": "vod"}]
        )
        # The entry is the room's recording, and no webcast's of its own.
        webcast = conference.webcasts[0]
        RemoteLink.objects.filter(target__object_uuid=webcast.uuid, kind="entry").delete()

    pull_attendance(conference.event)

    row = SessionAttendance.objects.get(session=session)
    assert (str(row.minutes_present), str(row.recording_minutes)) == ("30.00", "10.00")
    if kind == "room":
        assert row.sources == "newrow+report"


def test_what_is_one_sessions_webcast_is_no_recording_of_another(hold):
    """A room says that a webcast is its recording: who watched that is the webcast's alone."""
    conference = hold(rooms=1, webcasts=1)
    (room,), (webcast,) = conference.rooms, conference.webcasts
    ann = conference.person("Ann")
    conference.visit(webcast, ann, 0, 30)
    recorded_as(room, conference.place(webcast))

    for sessions in ([webcast, room], [room, webcast]):
        pull_sessions(sessions)
        rows = ViewerTotal.objects.values_list("session", "entry_remote_id")
        assert list(rows) == [(webcast.pk, conference.place(webcast))]


def test_one_recording_of_two_sessions_is_watched_until_the_next_begins(hold):
    """A video that is shown again: each session has those who watch from its start on."""
    conference = hold(rooms=2, webcasts=1, hours_ago=30)
    first, second = conference.rooms
    ann, ben = conference.person("Ann"), conference.person("Ben")
    entry = conference.place(conference.webcasts[0])
    RemoteLink.objects.filter(remote_id=entry).delete()
    move_session(second, second.starts_at + timedelta(days=1), second.ends_at + timedelta(days=1))
    for session, person in ((first, ann), (second, ben)):
        recorded_as(session, entry)
        watching = conference.a_visit(session, person, 60, 70, played="vod")
        conference.visits([{**watching, "entryId": entry}])

    for sessions in ([first, second], [second, first]):
        pull_sessions(sessions)
        rows = ViewerTotal.objects.values_list("session", "user", "entry_remote_id")
        assert sorted(rows) == [
            (first.pk, ann.pk, conference.place(first)),
            (second.pk, ben.pk, conference.place(second)),
        ]


def recorded_as(session: Session, entry: str) -> None:
    """As a look at the session's room would have it."""
    link = RemoteLink.objects.get(target__object_uuid=session.uuid, kind="room")
    link.seen = {**(link.seen or {}), "recordedEntryId": entry}
    link.save()


@pytest.mark.parametrize(
    ("parse", "raw", "field"),
    [
        (engagement_row, {"user_id": "a", "live_view_time": "x"}, "live_view_time"),
        (engagement_row, {"user_id": "a"}, "live_view_time"),
        (engagement_row, {"user_id": "", "live_view_time": "1"}, "user_id"),
        (
            realtime_row,
            {"user_id": "a", "sum_view_time": "1", "sum_view_time_live": "-1"},
            "sum_view_time_live",
        ),
        (realtime_row, {"user_id": "a", "sum_view_time_live": "1"}, "sum_view_time"),
        (
            realtime_row,
            {
                "user_id": "a",
                "sum_view_time": "1",
                "sum_view_time_live": "1",
                "avg_view_engagement": "7",
            },
            "avg_view_engagement",
        ),
    ],
)
def test_what_cannot_be_read_names_its_column(parse, raw, field):
    with pytest.raises(BadRow) as refused:
        parse(raw)
    assert refused.value.field == field
    assert RejectedRow.objects.count() == 0


HEADER = "user_id|user_name|sum_view_period|sum_live_view_period"


@pytest.mark.parametrize(
    ("total", "said"),
    [
        ("30.0000", ""),
        ("30.9", ""),
        ("", ""),
        ("NaN", ""),
        ("x", ""),
        ("45", "The report's rows add up to 30.00 minutes, its own total is 45.00."),
        ("0", "The report's rows add up to 30.00 minutes, its own total is 0.00."),
    ],
)
def test_rows_are_compared_with_the_reports_own_total(total, said):
    page = ReportPage(HEADER, "a|A|20|20;b|B|10|5;", 2, {"sum_view_period": total})
    start = datetime(2030, 5, 6, 9, tzinfo=UTC)

    listing = ViewerReports(lambda *asked: page).viewers("1_live0001", start, start)
    found = disagreement(listing, [viewer_row(row) for row in listing.rows])

    assert found.startswith(said) and bool(found) == bool(said)


def test_the_total_comes_with_the_first_page_in_one_request(hold):
    conference = hold(rooms=0, webcasts=1)
    conference.visit(conference.webcasts[0], conference.person("Ann"), 0, 30)
    entry, start = conference.place(conference.webcasts[0]), conference.start
    reports = ViewerReports()

    listing = reports.viewers(entry, start, start + timedelta(minutes=45))

    assert listing.expected_minutes == 30
    assert disagreement(listing, [viewer_row(row) for row in listing.rows]) == ""


def test_an_account_without_the_report_of_totals_is_compared_with_nothing(hold):
    conference = hold(rooms=0, webcasts=1)
    conference.visit(conference.webcasts[0], conference.person("Ann"), 0, 30)
    conference.simulator.fault(
        "report.getTotal", "api_error", times=None, code="REPORT_NOT_FOUND", message="no"
    )

    run = pull_attendance(conference.event)

    assert (run.errors, people()) == ([], {"Ann": ("30.00", "report")})


def test_reports_are_asked_side_by_side_and_one_that_fails_leaves_the_rest(hold, settings):
    settings.KALTURA_REPORTS_AT_ONCE = 3
    conference = hold(rooms=0, webcasts=6)
    people = [conference.person(f"Person {n}") for n in range(6)]
    for session, person in zip(conference.webcasts, people, strict=True):
        conference.visit(session, person, 0, 30)
    assert pull_attendance(conference.event).errors == []
    before, totals_before = people_of_reports(), totals()

    conference.simulator.answer_with("report.getTable", "INTERNAL_SERVERL_ERROR", times=1)
    run = pull_attendance(conference.event)

    assert [error["source"] for error in run.errors] == ["report"]
    assert (run.sessions, run.changed, run.new) == (6, 0, 0)
    assert (people_of_reports(), totals()) == (before, totals_before)
    assert Coverage.objects.filter(error="").count() == 5


def people_of_reports() -> set[tuple[int, str, str]]:
    rows = SessionAttendance.objects.values_list("session_id", "user__name", "minutes_present")
    return {(session, str(name), str(minutes)) for session, name, minutes in rows}


def test_each_thread_has_its_own_connections_and_closes_them(hold, settings):
    settings.KALTURA_REPORTS_AT_ONCE = 3
    conference = hold(rooms=0, webcasts=6)
    conference.simulator.forget_requests()
    conference.simulator.set_latency(0.05)

    pull_attendance(conference.event)

    names = [thread.name for thread in threading.enumerate()]
    assert [name for name in names if name.startswith(("reports", "newrow", "figures"))] == []
    assert conference.simulator.calls("report.getTable") == 6
