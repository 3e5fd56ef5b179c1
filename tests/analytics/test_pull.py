from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from analytics.models import (
    Coverage,
    PullRun,
    RejectedRow,
    RoomRun,
    SessionAttendance,
    Stay,
    ViewerTotal,
)
from analytics.pull import due_sessions, pull_attendance, pull_due, pull_sessions
from analytics.sources.newrow import NewrowClient
from kaltura_bridge.join.identity import kaltura_user_id
from kaltura_bridge.models import RemoteLink
from kaltura_simulator.constants import NEWROW_TOKEN
from tests.factories import UserFactory

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgres]


def said(run: PullRun) -> dict[str, object]:
    """What a pull counted."""
    names = (
        "runs stays totals new changed rejected unmatched_people unmatched_runs incomplete errors"
    ).split()
    return {name: getattr(run, name) for name in names}


def counts(**numbers: object) -> dict[str, object]:
    nothing = dict.fromkeys(
        "runs stays totals new changed rejected unmatched_people unmatched_runs".split(), 0
    )
    return {**nothing, "incomplete": [], "errors": [], **numbers}


def figures() -> dict[str, tuple[str, str, str]]:
    """Name -> minutes present, percent of the plan, whom it was matched by."""
    return {
        row.user.name if row.user else f"guest {row.name}": (
            str(row.minutes_present),
            str(row.scheduled_percent),
            row.matched_by,
        )
        for row in SessionAttendance.objects.select_related("user")
    }


def test_pull_counts_who_was_in_a_room(hold):
    conference = hold()
    (room,) = conference.rooms
    ann, ben = conference.person("Ann Lee"), conference.person("Ben Day")
    conference.visit(room, ann, 0, 20, attention=34)
    conference.visit(room, ann, 15, 45)
    conference.visit(room, ben, -10, 9)
    # A guest who calls herself Ann Lee is a guest.
    conference.visit(room, "Ann Lee", 5, 10)

    run = pull_attendance(conference.event)

    assert said(run) == counts(runs=1, stays=4, new=4, unmatched_people=1)
    assert figures() == {
        "Ann Lee": ("45.00", "100.0", "user_id"),
        "Ben Day": ("19.00", "20.0", "user_id"),
        "guest Ann Lee": ("5.00", "11.1", ""),
    }
    assert set(Stay.objects.filter(user=ann).values_list("remote_user_id", "attention")) == {
        (kaltura_user_id(ann), Decimal("34.00")),
        (kaltura_user_id(ann), None),
    }


def test_pulling_again_changes_no_row_and_updates_what_changed(hold):
    conference = hold()
    (room,) = conference.rooms
    ann, ben = conference.person("Ann"), conference.person("Ben")
    conference.visit(room, ann, 0, 20)
    conference.visit(room, ben, 5, None)
    first = pull_attendance(conference.event)
    keys = list(Stay.objects.order_by("pk").values_list("pk", "remote_key"))

    again = pull_attendance(conference.event)
    conference.visit(room, ann, 30, 40)
    third = pull_attendance(conference.event)

    assert said(first) == counts(runs=1, stays=2, new=2)
    assert said(again) == counts(runs=1, stays=2)
    assert said(third) == counts(runs=1, stays=3, new=1)
    assert list(Stay.objects.order_by("pk").values_list("pk", "remote_key"))[:2] == keys
    assert RoomRun.objects.count() == 1


@pytest.mark.parametrize("end", ["empty", "zero", "moving"])
def test_a_stay_that_goes_on_is_pulled_again_until_it_ends(hold, end):
    conference = hold()
    (room,) = conference.rooms
    conference.simulator.set_newrow(running_end=end)
    conference.visit(room, conference.person("Ann"), 0, None)
    pull_attendance(conference.event)
    (open_stay,) = Stay.objects.all()
    before = SessionAttendance.objects.get()

    conference.simulator.advance(600)
    pull_attendance(conference.event)

    stay = Stay.objects.get()
    # Doors were 15 minutes before, the overrun 30 after: 75 minutes at most, and they are over.
    assert (open_stay.pk, open_stay.remote_key) == (stay.pk, stay.remote_key)
    assert before.minutes_present == SessionAttendance.objects.get().minutes_present == 75
    assert stay.open_interval == (end != "moving") == (stay.left_at is None)


@pytest.mark.parametrize("door", ["kaf", "direct"])
@pytest.mark.parametrize(
    "switches",
    [{}, {"spelling": "date_start"}, {"spelling": "start_date"}, {"milliseconds": True}],
    ids=str,
)
def test_both_doors_and_all_spellings_say_the_same(hold, settings, door, switches):
    conference = hold()
    (room,) = conference.rooms
    conference.simulator.set_newrow(**switches)
    if door == "direct":
        settings.NEWROW_API_URL = f"{conference.simulator.url}/backend/api"
        settings.NEWROW_API_TOKEN = NEWROW_TOKEN
    conference.visit(room, conference.person("Ann"), 0, 20)

    run = pull_attendance(conference.event)

    assert said(run) == counts(runs=1, stays=1, new=1)
    assert figures() == {"Ann": ("20.00", "44.4", "user_id")}


@pytest.mark.parametrize("door", ["kaf", "direct"])
def test_pull_reads_every_page(hold, settings, door):
    conference = hold()
    (room,) = conference.rooms
    if door == "direct":
        settings.NEWROW_API_URL = f"{conference.simulator.url}/backend/api"
        settings.NEWROW_API_TOKEN = NEWROW_TOKEN
    ann = conference.person("Ann")
    # 30 rows a page: two full pages and one row, then exactly two more full ones.
    conference.visits([conference.a_visit(room, ann, n / 2, n / 2 + 0.25) for n in range(61)])
    first = pull_attendance(conference.event)
    conference.visits([conference.a_visit(room, ann, n / 2, n / 2 + 0.1) for n in range(59)])
    second = pull_attendance(conference.event)

    assert (first.stays, first.incomplete) == (61, [])
    assert (second.stays, second.incomplete, Stay.objects.count()) == (120, [], 120)
    assert Coverage.objects.get().is_complete


def test_pull_says_when_rows_are_missing(hold):
    conference = hold()
    (room,) = conference.rooms
    ann = conference.person("Ann")
    conference.visits([conference.a_visit(room, ann, n / 2, n / 2 + 0.25) for n in range(61)])
    conference.simulator.set_newrow(lost_page=1)

    run = pull_attendance(conference.event)

    run_id = RoomRun.objects.get().remote_id
    place = conference.place(room)
    assert run.incomplete == [
        {"source": "newrow", "place": place, "run": run_id, "expected": 61, "got": 31}
    ]
    coverage = Coverage.objects.get()
    assert (coverage.expected_rows, coverage.pulled_rows, coverage.is_complete) == (61, 31, False)


def test_one_failing_room_stops_no_other(hold):
    conference = hold(rooms=3)
    ann = conference.person("Ann")
    for room in conference.rooms:
        conference.visit(room, ann, 0, 10)
    broken = conference.rooms[1]
    RemoteLink.objects.filter(target__object_uuid=broken.uuid, kind="room").update(
        remote_id="not an entry id"
    )

    run = pull_attendance(conference.event)

    assert (run.runs, run.stays) == (2, 2)
    assert [(error["source"], error["session"]) for error in run.errors] == [
        ("newrow", broken.slug)
    ]
    assert Coverage.objects.get(session=broken).error == run.errors[0]["error"]
    assert Coverage.objects.filter(error="").count() == 2


def test_a_source_that_answers_nobody_is_left_alone(hold, settings):
    conference = hold(rooms=5)
    settings.KALTURA_KAF_URL = "http://127.0.0.1:9"

    run = pull_attendance(conference.event)

    sentence = "Newrow cannot be reached for analytics/sessions (ConnectionError)."
    assert [error["error"] for error in run.errors] == [sentence] * 3
    assert Coverage.objects.filter(pulled_at=None, error=sentence).count() == 3


def test_no_error_and_no_log_line_holds_a_ks(hold, settings, caplog):
    conference = hold(rooms=2)
    settings.KALTURA_KAF_URL = "http://127.0.0.1:9"
    with caplog.at_level("INFO"):
        run = pull_attendance(conference.event)

    assert len(run.errors) == 2
    assert "djJ8" not in caplog.text + str(run.errors)


def test_wrong_credentials_are_one_error_not_a_storm(hold, settings):
    conference = hold(rooms=4)
    settings.KALTURA_ADMIN_SECRET = ""

    run = pull_attendance(conference.event)

    assert [error["error"].split(" is missing")[0] for error in run.errors] == [
        "KALTURA_ADMIN_SECRET"
    ]


def test_report_that_the_account_lacks_is_asked_for_once(hold):
    conference = hold(rooms=0, webcasts=4)
    conference.simulator.fault(
        "report.getTable",
        "api_error",
        times=None,
        code="REPORT_NOT_FOUND",
        message="Report id [40009] not found",
    )

    pulled = pull_attendance(conference.event)

    assert [(e["source"], e["error"]) for e in pulled.errors] == [
        ("report", "Report id [40009] not found (REPORT_NOT_FOUND)")
    ]


def test_rows_that_cannot_be_read_wait_for_a_person(hold, monkeypatch):
    conference = hold()
    (room,) = conference.rooms
    conference.visit(room, conference.person("Ann"), 0, 10)
    conference.visit(room, conference.person("Ben"), 0, 10)
    read = NewrowClient.stays

    def with_a_bad_row(self, room, run):
        """The real answer, one value of it broken on the way."""
        listing = read(self, room, run)
        listing.rows[0] = {**listing.rows[0], "time_joined": "yesterday"}
        return listing

    monkeypatch.setattr(NewrowClient, "stays", with_a_bad_row)
    first = pull_attendance(conference.event)
    second = pull_attendance(conference.event)

    assert said(first) == counts(runs=1, stays=1, new=1, rejected=1)
    assert said(second) == counts(runs=1, stays=1, rejected=1)
    rejected = RejectedRow.objects.get()
    assert (rejected.field, rejected.reason, rejected.raw["time_joined"]) == (
        "time_joined",
        "is 'yesterday', not a number",
        "yesterday",
    )
    assert rejected.last_seen_at > rejected.first_seen_at
    assert not Coverage.objects.get().is_complete


def test_runs_outside_the_window_belong_to_no_session(hold):
    conference = hold()
    (room,) = conference.rooms
    ann = conference.person("Ann")
    conference.visit(room, ann, -120, -60)
    conference.visit(room, ann, 0, 30)

    run = pull_attendance(conference.event)

    assert said(run) == counts(runs=2, stays=2, new=2, unmatched_runs=1)
    assert figures() == {"Ann": ("30.00", "66.7", "user_id")}


def test_people_who_got_their_account_later_are_matched_then(hold):
    conference = hold()
    (room,) = conference.rooms
    known_later = UserFactory.build(name="Late")
    conference.visit(room, known_later, 0, 10)
    first = pull_attendance(conference.event)
    known_later.save()
    second = pull_attendance(conference.event)

    assert (first.unmatched_people, second.unmatched_people) == (1, 0)
    assert figures() == {"Late": ("10.00", "22.2", "user_id")}


def test_pull_counts_who_watched_a_webcast(hold):
    conference = hold(rooms=0, webcasts=1)
    (webcast,) = conference.webcasts
    ann, ben = conference.person("Ann"), conference.person("Ben")
    conference.visit(webcast, ann, 0, 30, attention=50)
    conference.visit(webcast, ben, 0, 10, played="vod")
    conference.visit(webcast, "Nobody", 0, 12)

    run = pull_attendance(conference.event)
    again = pull_attendance(conference.event)

    assert said(run) == counts(totals=3, new=3)
    assert said(again) == counts(totals=3)
    rows = {row.user.name: row for row in SessionAttendance.objects.select_related("user")}
    assert {
        name: (str(row.minutes_present), str(row.live_minutes), str(row.recording_minutes))
        for name, row in rows.items()
    } == {"Ann": ("30.00", "30.00", "0.00"), "Ben": ("0.00", "0.00", "10.00")}
    assert (rows["Ann"].attended, rows["Ben"].attended) == (True, False)
    assert (rows["Ann"].attention_percent, rows["Ann"].join_count) == (50, None)
    assert ViewerTotal.objects.get(is_anonymous=True).live_minutes == 12


def test_a_pull_that_fetched_earlier_overwrites_nothing(hold):
    conference = hold()
    (room,) = conference.rooms
    conference.visit(room, conference.person("Ann"), 0, 10)
    pull_attendance(conference.event)
    later = timezone.now() + timedelta(hours=1)
    RoomRun.objects.update(pulled_at=later, room_name="from a later pull")

    run = pull_attendance(conference.event)

    assert (run.new, run.changed) == (0, 0)
    assert RoomRun.objects.get().room_name == "from a later pull"


def test_scheduled_pull_asks_for_what_is_due(hold):
    conference = hold(rooms=2)
    settled, running = conference.rooms
    settled.starts_at -= timedelta(hours=5)
    settled.ends_at -= timedelta(hours=5)
    settled.save()
    conference.visit(running, conference.person("Ann"), 0, 10)

    first = pull_due()
    due = due_sessions(timezone.now())
    Coverage.objects.update(attempted_at=timezone.now() - timedelta(hours=1))
    due_later = due_sessions(timezone.now())

    assert (first.sessions, first.trigger) == (2, "beat")
    assert due == [running]
    assert set(due_later) == {settled, running}


def test_scheduled_pull_without_sessions_leaves_no_history(db):
    assert pull_due() is None
    assert PullRun.objects.count() == 0


@pytest.mark.postgres
def test_a_pull_takes_the_same_queries_for_any_number_of_people(hold):
    """What is asked of the database for a room and a webcast, once their people are known."""
    conference = hold(rooms=1, webcasts=1)
    sessions = [*conference.rooms, *conference.webcasts]

    def queries(people: range) -> int:
        visits = [
            {
                **conference.a_visit(session, "Guest", 0, 30),
                "userId": f"somebody-{number}",
                "name": f"Somebody {number}",
            }
            for session in sessions
            for number in people
        ]
        conference.visits(visits)
        pull_sessions(sessions)  # New rows are matched and counted, once.
        with CaptureQueriesContext(connection) as asked:
            pull_sessions(sessions)
        around = ("SAVEPOINT", "RELEASE", "BEGIN", "COMMIT")
        return sum(not query["sql"].startswith(around) for query in asked)

    few = queries(range(10))
    assert queries(range(10, 500)) == few <= 56
    assert Stay.objects.count() == 500
