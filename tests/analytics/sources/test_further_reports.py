"""What the further reports and recordings say comes out beside what is there already."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from importlib import import_module

import pytest
from django.apps import apps

from analytics.aggregate import rebuild_all
from analytics.completeness import CompletenessState, session_completeness
from analytics.figures.summary import figures_of
from analytics.models import (
    BroadcastReport,
    Coverage,
    MatchedBy,
    RejectedRow,
    SessionAttendance,
    Source,
    ViewerTotal,
)
from analytics.pull import pull_attendance, pull_sessions
from analytics.pulling.audience import _window as audience_window
from analytics.pulling.audience import _work as audience_work
from analytics.pulling.due import LOOK_BACK
from analytics.pulling.viewers import viewers_questions
from analytics.reports.audience import audience_of
from analytics.sources.ahead import ViewersQuestion
from analytics.sources.kaltura_reports import AFTER, BEFORE, ViewerReports, disagreement
from analytics.sources.parsing import BadRow, engagement_row, realtime_row, viewer_row
from analytics.sources.recordings import Recordings, recordings_of
from analytics.sources.shared_rooms import OF_SEVERAL
from analytics.sources.work import viewer_work
from events.actions import cancel_session, move_session
from events.models import Session, User
from kaltura_bridge.api.reports import ReportPage
from kaltura_bridge.models import Recording, RemoteLink, SyncTarget
from kaltura_bridge.specs import key_for
from tests.factories import TrackFactory

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

    # The webcast report says no address, and names the person by the same id.
    found = dict(ViewerTotal.objects.values_list("source", "matched_by"))
    assert found == {"report": MatchedBy.ADDRESS, "engagement": MatchedBy.ADDRESS}


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


def recorded_as(session: Session, entry: str, name: str = "recordedEntryId") -> None:
    """As a look at the session's room or webcast would have it."""
    link = RemoteLink.objects.get(target__object_uuid=session.uuid, kind__in=["room", "entry"])
    link.seen = {**(link.seen or {}), name: entry}
    link.save()


def found_as(session: Session, entry: str, origin: str = "room", **fields: object) -> None:
    """As the worker's look keeps it."""
    Recording.objects.create(
        session=session,
        entry_id=entry,
        origin=origin,
        state="ready",
        recorded_at=session.starts_at,
        **{"is_published": True, **fields},
    )


def test_viewers_of_what_only_the_worker_found_count_at_its_session(hold):
    """What a room records leads back to the room; nothing at Kaltura names it."""
    conference = hold(rooms=2, webcasts=1, hours_ago=30)
    first, second = conference.rooms
    video = conference.place(conference.webcasts[0])
    RemoteLink.objects.filter(remote_id=video).delete()
    watching = conference.a_visit(first, conference.person("Cyd"), 90, 100, played="vod")
    conference.visits([{**watching, "entryId": video}])

    def recorded_minutes() -> dict[tuple[str, str], Decimal]:
        pull_sessions([first, second])
        return minutes_of(first, second, field="recording_minutes")

    found_as(first, video, "source")
    assert recorded_minutes() == {}  # A video that was played is watched for other reasons, too.
    Recording.objects.update(origin="room")
    assert recorded_minutes() == {("first", "Cyd"): 10}
    assert recorded_minutes() == {("first", "Cyd"): 10}
    # In its track's room a session has no place of its own.
    RemoteLink.objects.filter(target__object_uuid=second.uuid).delete()
    Recording.objects.update(session=second)
    for model in (ViewerTotal, SessionAttendance):
        model.objects.all().delete()
    assert recorded_minutes() == {("second", "Cyd"): 10}


def test_backstage_recording_is_nobodys_until_it_is_published(hold):
    conference = hold(rooms=1, webcasts=0, hours_ago=30)
    (session,) = conference.rooms
    Session.objects.filter(pk=session.pk).update(session_type="studio")
    found_as(session, "1_backstage", is_published=False)

    assert recordings_of([session]) == {}
    Recording.objects.update(is_published=True)
    assert recordings_of([session]) == {session.pk: Recordings(alone=("1_backstage",))}


@pytest.fixture
def in_a_row(hold):
    """Two webcasts, one after the other; Ann is there to the end of the first, Ben in both."""
    conference = hold(webcasts=3, rooms=0, hours_ago=30)
    first, second, third = conference.webcasts
    move_session(second, first.ends_at, first.ends_at + timedelta(minutes=45))
    ann, ben = conference.person("Ann"), conference.person("Ben")
    conference.visit(first, ann, 0, 45)
    conference.visit(first, ben, 30, 45)
    conference.visit(second, ben, 0, 45)
    # The entry is a video at Kaltura, and no webcast of its own.
    video = conference.place(third)
    RemoteLink.objects.filter(remote_id=video).delete()
    return conference, first, second, video


LIVE_MINUTES = {("first", "Ann"): 45, ("first", "Ben"): 15, ("second", "Ben"): 45}


def minutes_of(*sessions: Session, field: str) -> dict[tuple[str, str], Decimal]:
    names = dict(zip([session.pk for session in sessions], ("first", "second"), strict=True))
    rows = SessionAttendance.objects.select_related("user")
    return {
        (names[row.session_id], row.user.name): minutes.normalize()
        for row in rows
        if row.user and (minutes := getattr(row, field))
    }


@pytest.mark.parametrize("name", ["redirectEntryId", "recordedEntryId"])
def test_webcasts_that_name_one_video_keep_their_own_viewers(in_a_row, name):
    """The live desk leads both to one picture, or both went into one recording."""
    conference, first, second, video = in_a_row
    for session in (first, second):
        recorded_as(session, video, name)
    watching = conference.a_visit(second, conference.person("Cyd"), 90, 100, played="vod")
    conference.visits([{**watching, "entryId": video}])

    for sessions in ([first, second], [second, first]):
        assert pull_sessions(sessions).errors == []
        assert minutes_of(first, second, field="minutes_present") == LIVE_MINUTES
        # What both are led to is the recording of neither.
        recorded = {("second", "Cyd"): 10} if name == "recordedEntryId" else {}
        assert minutes_of(first, second, field="recording_minutes") == recorded


def test_live_minutes_and_a_shared_recordings_add_up(in_a_row):
    conference, first, second, video = in_a_row
    for session in (first, second):
        recorded_as(session, video)
    ben = User.objects.get(name="Ben")
    watching = conference.a_visit(second, ben, 90, 100, played="vod")
    conference.visits([{**watching, "entryId": video}])

    pull_sessions([first, second])

    assert minutes_of(first, second, field="minutes_present") == LIVE_MINUTES
    assert minutes_of(first, second, field="recording_minutes") == {("second", "Ben"): 10}
    assert ViewerTotal.objects.count() == len(LIVE_MINUTES)
    assert all(coverage.is_complete for coverage in Coverage.objects.all())


def test_a_cancelled_session_takes_no_viewers_of_a_recording(in_a_row):
    conference, first, second, video = in_a_row
    recorded_as(first, video)
    recorded_as(second, video)
    cancel_session(second)
    watching = conference.a_visit(second, conference.person("Cyd"), 90, 100, played="vod")
    conference.visits([{**watching, "entryId": video}])

    pull_sessions([first, second])

    assert minutes_of(first, second, field="recording_minutes") == {("first", "Cyd"): 10}


def test_a_session_is_asked_once_unless_it_shares_a_recording(in_a_row):
    _conference, first, second, video = in_a_row
    now = second.ends_at

    def questions() -> list[list[ViewersQuestion]]:
        ((_about, work),) = viewer_work([first, second], now)
        return [viewers_questions(session, watched) for session, watched in work]

    recorded_as(first, video)
    assert [len(each) for each in questions()] == [1, 1]

    recorded_as(second, video)
    (shared, live), (later, _) = questions()
    place = RemoteLink.objects.get(target__object_uuid=first.uuid, kind="entry").remote_id
    assert live == (place, first.starts_at, first.ends_at, AFTER)
    # The report begins an hour before what it is told.
    assert shared == (video, first.starts_at + BEFORE, second.starts_at, timedelta(0))
    assert later == (video, second.starts_at + BEFORE, second.ends_at + LOOK_BACK, timedelta(0))


@pytest.mark.parametrize("migrated", [True, False])
def test_what_was_kept_under_a_rooms_recording_counts_once(hold, migrated):
    """Before, a room's watchers were kept under the recording, which two sessions may have."""
    conference = hold(rooms=2, webcasts=1, hours_ago=30)
    first, second = conference.rooms
    ann, ben = conference.person("Ann"), conference.person("Ben")
    entry = conference.place(conference.webcasts[0])
    RemoteLink.objects.filter(remote_id=entry).delete()
    for minutes, person in ((60, ann), (70, ben)):
        watching = conference.a_visit(first, person, minutes, minutes + 10, played="vod")
        conference.visits([{**watching, "entryId": entry}])
    recorded_as(first, entry)
    pull_sessions([first])
    # As it was: under the recording; Ann's row came once more since, under the room.
    ViewerTotal.objects.update(entry_remote_id=entry)
    (row,) = ViewerTotal.objects.filter(user=ann)
    row.pk, row.entry_remote_id = None, conference.place(first)
    row.save()
    rebuild_all([first.pk])
    assert minutes_of(first, second, field="recording_minutes")["first", "Ann"] == 20

    if migrated:
        migration = import_module("analytics.migrations.0016_count_again_by_source")
        migration.count_again(apps, None)
        migration.keep_by_room(apps, None)
    pull_sessions([first])

    assert minutes_of(first, second, field="recording_minutes") == {
        ("first", "Ann"): 10,
        ("first", "Ben"): 10,
    }
    assert set(ViewerTotal.objects.values_list("user", "entry_remote_id")) == {
        (ann.pk, conference.place(first)),
        (ben.pk, conference.place(first)),
    }


def test_a_recording_of_two_rooms_leaves_the_session_that_had_all_of_it(hold):
    """Whichever was pulled last had all viewers; now each has its own, and nobody twice."""
    conference = hold(rooms=2, webcasts=1, hours_ago=50)
    first, second = conference.rooms
    ann = conference.person("Ann")
    entry = conference.place(conference.webcasts[0])
    RemoteLink.objects.filter(remote_id=entry).delete()
    watching = conference.a_visit(first, ann, 60, 70, played="vod")
    conference.visits([{**watching, "entryId": entry}])
    recorded_as(first, entry)
    pull_sessions([first])
    ViewerTotal.objects.update(entry_remote_id=entry, session=second)
    move_session(second, second.starts_at + timedelta(days=1), second.ends_at + timedelta(days=1))
    recorded_as(second, entry)

    migration = import_module("analytics.migrations.0016_count_again_by_source")
    migration.count_again(apps, None)
    migration.keep_by_room(apps, None)
    pull_sessions([first, second])

    assert minutes_of(first, second, field="recording_minutes") == {("first", "Ann"): 10}
    rows = ViewerTotal.objects.values_list("session", "user", "entry_remote_id")
    assert list(rows) == [(first.pk, ann.pk, conference.place(first))]


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
    settings.KALTURA_FURTHER_REPORTS = frozenset()
    conference = hold(rooms=0, webcasts=6)
    conference.simulator.forget_requests()
    conference.simulator.set_latency(0.05)

    pull_attendance(conference.event)

    names = [thread.name for thread in threading.enumerate()]
    assert [name for name in names if name.startswith(("reports", "newrow", "figures"))] == []
    assert conference.simulator.calls("report.getTable") == 6


# --- What is said of several sessions together ----------------------------------------------


@pytest.fixture
def one_room(hold, settings):
    """Two sessions of a track in one room, so many hours apart; Ann in both, Ben in the second."""
    settings.KALTURA_FURTHER_REPORTS = frozenset({"engagement"})

    def held(hours: float) -> tuple[Session, Session]:
        conference = hold(rooms=2, webcasts=0, hours_ago=30)
        first, second = conference.rooms
        nine = first.starts_at.replace(minute=0)
        track = TrackFactory(event=conference.event)
        Session.objects.filter(event=conference.event).update(track=track)
        for session, start in ((first, nine), (second, nine + timedelta(hours=hours))):
            session.refresh_from_db()
            move_session(session, start, start + timedelta(minutes=45))
        place = conference.place(first)
        ann, ben = conference.person("Ann"), conference.person("Ben")
        for session, person, length in ((first, ann, 30), (second, ann, 20), (second, ben, 10)):
            visit = conference.a_visit(session, person, 0, length)
            conference.visits([{**visit, "entryId": place}])
        # The track's room stands for those of its sessions.
        RemoteLink.objects.filter(target__object_uuid=second.uuid, kind="room").delete()
        link = RemoteLink.objects.get(remote_id=place)
        target, _ = SyncTarget.objects.get_or_create(kind="track", object_uuid=track.uuid)
        link.target, link.key = target, key_for(track.uuid, first.session_type)
        link.save()
        return first, second

    return held


@pytest.mark.parametrize("order", [1, -1])
def test_a_shared_room_gives_each_session_its_own_hours(one_room, order):
    first, second = sessions = one_room(4)

    for _ in range(2):
        assert pull_sessions(sessions[::order]).errors == []

    alone = {("first", "Ann"): 30, ("second", "Ann"): 20, ("second", "Ben"): 10}
    assert minutes_of(first, second, field="engagement_minutes") == alone
    assert minutes_of(first, second, field="minutes_present") == alone
    engagement = Coverage.objects.filter(source="engagement")
    assert [(row.is_shared, row.is_complete) for row in engagement] == [(False, True)] * 2


@pytest.mark.parametrize("order", [1, -1])
def test_minutes_of_several_sessions_count_at_none(one_room, order):
    """Doors of the second open in the last hour of the first: nobody can tell them apart."""
    first, second = sessions = one_room(1)
    # As it was: the one that was asked about last had the minutes of both.
    (link,) = RemoteLink.objects.filter(kind="room")
    ViewerTotal.objects.create(
        source="engagement",
        entry_remote_id=link.remote_id,
        remote_user_id="portal-x",
        session=second,
        live_minutes=50,
        recording_minutes=0,
        pulled_at=first.starts_at,
    )

    assert pull_sessions(sessions[::order]).errors == []

    assert ViewerTotal.objects.count() == 0
    assert minutes_of(first, second, field="engagement_minutes") == {}
    present = minutes_of(first, second, field="minutes_present")
    assert present == {("first", "Ann"): 30, ("second", "Ann"): 20, ("second", "Ben"): 10}
    for session in sessions:
        read = list(Coverage.objects.filter(session=session).order_by("source"))
        (part, _room) = session_completeness(session, read, set(), 0, second.ends_at).sources
        assert (part.source, part.state) == (Source.ENGAGEMENT, CompletenessState.SHARED)
        assert "counts at none" in str(part.reason)


def test_a_recording_of_two_at_the_same_moment_is_of_neither(in_a_row):
    conference, first, second, video = in_a_row
    for session in (first, second):
        recorded_as(session, video)
    move_session(second, first.starts_at, first.ends_at)
    watching = conference.a_visit(second, conference.person("Cyd"), 90, 100, played="vod")
    conference.visits([{**watching, "entryId": video}])

    pull_sessions([first, second])

    assert minutes_of(first, second, field="recording_minutes") == {}
    assert all(row.is_shared for row in Coverage.objects.filter(source="report"))


def test_a_room_that_is_shared_no_more_counts_nobody_twice(one_room):
    first, second = one_room(4)
    pull_sessions([first, second])
    Session.objects.filter(pk=second.pk).update(track=None)

    pull_sessions([first])

    assert minutes_of(first, second, field="engagement_minutes")["first", "Ann"] == 30
    assert ViewerTotal.objects.filter(session=first).count() == 1


def test_what_happens_in_a_room_on_the_next_day_is_not_the_sessions(hold, settings):
    settings.KALTURA_FURTHER_REPORTS = frozenset({"engagement"})
    conference = hold(rooms=1, webcasts=0, hours_ago=40)
    (room,) = conference.rooms
    conference.visit(room, conference.person("Ann"), 0, 30)
    conference.visit(room, conference.person("Late"), 60 * 26, 60 * 26 + 20)

    pull_sessions([room])

    assert set(people()) == {"Ann"}


@pytest.mark.parametrize("hours", [4, 1])
def test_reports_of_a_shared_room_are_of_its_own_hours_or_of_none(one_room, settings, hours):
    sessions = one_room(hours)
    settings.KALTURA_FURTHER_REPORTS = frozenset({"participation"})

    pull_sessions(sessions)

    reports = BroadcastReport.objects.order_by("session__starts_at")
    if hours == 1:
        assert [(row.error, row.rows) for row in reports] == [(OF_SEVERAL, [])] * 2
        said = {report.trouble for session in sessions for report in audience_of(session)}
        assert said == {
            "It belongs to several sessions of the room together, and is shown at none."
        }
    else:
        assert all(row.rows and not row.error for row in reports)
        (of_first, of_second) = [
            audience_window(work, report, (work.place,))
            for work in audience_work(sessions)
            for report in work.reports
        ]
        assert of_first[0] <= sessions[0].starts_at
        assert of_first[1] < of_second[0] <= sessions[1].starts_at


def test_highlights_are_of_the_same_time_as_the_report_by_person(hold, settings):
    settings.KALTURA_FURTHER_REPORTS = frozenset({"highlights"})
    conference = hold(rooms=0, webcasts=2, hours_ago=60)
    webcast, other = conference.webcasts
    entry = conference.place(other)
    RemoteLink.objects.filter(remote_id=entry).delete()
    link = RemoteLink.objects.get(target__object_uuid=webcast.uuid, kind="entry")
    link.seen = {**(link.seen or {}), "recordedEntryId": entry}
    link.save()
    ann = conference.person("Ann")
    conference.visit(webcast, ann, 0, 30)
    late = conference.a_visit(webcast, ann, 60 * 40, 60 * 40 + 10, played="vod")
    conference.visits([{**late, "entryId": entry}])

    pull_sessions([webcast])

    figures = figures_of([webcast])[webcast.pk]
    ((_, numbers),) = BroadcastReport.objects.get(session=webcast, report="highlights").rows
    assert numbers["sum_view_period"] == figures.live_minutes + figures.recording_minutes == 40
