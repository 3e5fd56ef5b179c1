from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from analytics.figures.renewal import renew
from analytics.models import RoomRun, SessionAttendance, Stay, StoredFigures, ViewerTotal
from analytics.sources.parsing import ViewerRow, parse, run_row, stay_row
from analytics.staging import WriteCounts
from analytics.store import store_run, store_viewers
from kaltura_bridge.join.identity import JOIN_TESTER_ID, kaltura_user_id
from tests.analytics.support.stays import NINE, at
from tests.factories import InteractiveFactory, UserFactory

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgres]

RAW_RUN = {"id": "77", "date_start": str(int(NINE.timestamp())), "room_name": "Hall"}
HOSTILE = 'a\tb\\N \\. "quoted"; =1+1 \U0001f600 ü'.replace("\t", " ")


def raw_stay(who: str, joined: float, left: float | None, **more: Any) -> dict[str, Any]:
    return {
        "user_id": f"9{who}",
        "user_name": f"Person {who}",
        "lti_user_id": who,
        "time_joined": str(int(at(joined).timestamp())),
        "time_left": "" if left is None else str(int(at(left).timestamp())),
        "attention": "34%",
        **more,
    }


def keep(rows: list[dict[str, Any]], asked: float) -> WriteCounts:
    """What a pull at that minute does with these rows."""
    stays = [(stay_row(raw), raw) for raw in rows]
    return store_run("1_room", run_row(RAW_RUN), RAW_RUN, stays, at(asked))[1]


def stored() -> list[dict[str, Any]]:
    return list(Stay.objects.order_by("remote_key").values())


@pytest.fixture
def session():
    """A session whose room ran, with nothing of the run known but that it is this session's."""
    session = InteractiveFactory(starts_at=NINE, ends_at=at(45))
    keep([], 1)
    RoomRun.objects.update(session=session)
    return session


def version_of(session) -> int:
    return StoredFigures.objects.get(pk=session.pk).version


def test_a_replay_writes_no_row_and_makes_no_figure_anew(session):
    ann = UserFactory()
    rows = [raw_stay(kaltura_user_id(ann), 0, 20), raw_stay("1_guest", 5, 40)]

    assert keep(rows, 50) == WriteCounts(new=2)
    assert renew([session.pk]).new == 2
    before, version = stored(), version_of(session)
    figures = list(SessionAttendance.objects.values())

    assert keep(rows, 60) == WriteCounts()
    assert renew([session.pk]) == type(renew([session.pk]))()
    assert (stored(), version_of(session)) == (before, version)
    assert list(SessionAttendance.objects.values()) == figures


def test_who_has_an_account_is_matched_as_the_row_is_written(session):
    ann = UserFactory()

    keep([raw_stay(kaltura_user_id(ann).upper(), 0, 20), raw_stay("x", 1, 2)], 50)

    assert sorted(Stay.objects.values_list("user", "matched_by"), key=str) == sorted(
        [(ann.pk, "user_id"), (None, "")], key=str
    )


def test_a_stay_that_the_source_gives_to_another_changes_hands(session):
    ann, ben = UserFactory.create_batch(2)
    keep([raw_stay(kaltura_user_id(ann), 0, 20, user_id="9")], 50)

    written = keep([raw_stay(kaltura_user_id(ben), 0, 20, user_id="9")], 60)
    gone = keep([raw_stay("nobody", 0, 20, user_id="9")], 70)

    assert (written, gone) == (WriteCounts(changed=1), WriteCounts(changed=1))
    assert list(Stay.objects.values_list("user", "matched_by")) == [(None, "")]


def test_a_stay_that_goes_on_is_prolonged_and_nothing_else(session):
    keep([raw_stay("a", 0, None), raw_stay("b", 0, 10)], 20)
    renew([session.pk])

    assert keep([raw_stay("a", 0, None), raw_stay("b", 0, 10)], 30) == WriteCounts(prolonged=1)
    renew([session.pk])

    assert sorted(SessionAttendance.objects.values_list("minutes_present", "open_interval")) == [
        (10, False),
        (30, True),
    ]


def test_every_text_comes_out_as_it_went_in(session):
    raw = raw_stay(
        "a", 0, 20, user_name=HOSTILE, lti_user_email="a\\b@example.org", note="\0\ud800\t\n"
    )

    keep([raw], 50)

    stay = Stay.objects.get()
    assert (stay.name, stay.email) == (HOSTILE, "a\\b@example.org")
    assert stay.raw == {**raw, "note": "?\t\n"}


def test_many_rows_at_once_are_all_written(session):
    rows = [raw_stay(f"p{n % 700}", n / 60, n / 60 + 5) for n in range(3000)]

    assert keep(rows, 200) == WriteCounts(new=3000)
    assert keep([*rows[:1500], raw_stay("late", 1, 2)], 210) == WriteCounts(new=1)
    assert Stay.objects.filter(pulled_at=at(200)).count() == 3000


def test_a_row_of_another_run_under_the_same_key_moves_here(session):
    """A run that nobody knew is written without a look at what is there; that is no reason to
    fail, and none to keep what the source no longer says."""
    keep([raw_stay("1_guest", 0, 20), raw_stay("1_other", 0, 20)], 50)
    (known,) = Stay.objects.filter(remote_user_id="1_guest")
    run = RoomRun.objects.create(
        source="newrow", remote_id="76", room_remote_id="1_room", started_at=NINE, pulled_at=NINE
    )
    Stay.objects.exclude(pk=known.pk).delete()
    Stay.objects.update(run=run)

    written = keep([raw_stay("1_guest", 0, 30), raw_stay("1_other", 0, 20)], 60)

    assert written == WriteCounts(new=1, changed=1)
    rows = Stay.objects.values_list("run__remote_id", "left_at").order_by("left_at")
    assert list(rows) == [("77", at(20)), ("77", at(30))]


def test_a_row_that_comes_twice_is_no_second_join(session):
    row = raw_stay("a", 0, 20)

    keep([row, dict(row)], 50)
    renew([session.pk])

    assert Stay.objects.count() == 2
    assert list(SessionAttendance.objects.values_list("join_count", "minutes_present")) == [(1, 20)]


def test_what_was_asked_earlier_and_comes_later_writes_nothing(session):
    keep([raw_stay("a", 0, 20)], 50)

    assert keep([raw_stay("a", 0, 10)], 50 - timedelta(minutes=5) / timedelta(minutes=1)) == (
        WriteCounts()
    )
    assert list(Stay.objects.values_list("left_at", flat=True)) == [at(20)]


def test_the_same_answer_is_not_compared_again_but_what_is_gone_comes_back(session):
    rows = [raw_stay("1_guest", n, n + 20) for n in range(3)]
    keep(rows, 50)
    before = stored()

    with CaptureQueriesContext(connection) as asked:
        assert keep(rows, 51) == WriteCounts()

    assert [each for each in asked if "reported_rows" in each["sql"]] == []
    Stay.objects.filter(remote_key=before[0]["remote_key"]).delete()
    assert keep(rows, 52) == WriteCounts(new=1)
    assert keep([raw_stay("1_guest", 0, 30), *rows[1:]], 53) == WriteCounts(changed=1)
    assert keep(rows, 54) == WriteCounts(changed=1)


def test_who_is_still_there_is_noted_each_time(session):
    rows = [raw_stay("1_guest", 0, None)]
    keep(rows, 10)

    assert keep(rows, 15) == WriteCounts(prolonged=1)

    assert [row["pulled_at"] for row in stored()] == [at(15)]


def test_other_times_are_written_where_nothing_received_is_kept(session):
    def keep_unnamed(left: float, asked: float) -> WriteCounts:
        rows = [(stay_row(raw_stay("unnamed:1", 0, left)), {})]
        return store_run("1_room", run_row(RAW_RUN), RAW_RUN, rows, at(asked))[1]

    assert keep_unnamed(20, 50) == WriteCounts(new=1)
    assert keep_unnamed(20, 51) == WriteCounts()
    assert keep_unnamed(25, 52) == WriteCounts(changed=1)
    assert [row["left_at"] for row in stored()] == [at(25)]


def test_the_made_up_viewer_of_join_tests_is_kept_nowhere(session):
    def watched(who: str) -> tuple[ViewerRow, dict[str, Any]]:
        raw = {"user_id": who, "sum_view_period": "10", "sum_live_view_period": "9"}
        return parse(ViewerRow, raw), raw

    keep([raw_stay(JOIN_TESTER_ID.upper(), 0, 1), raw_stay("1_guest", 5, 40)], 45)
    store_viewers(session, "0_entry", [watched(JOIN_TESTER_ID), watched("portal-1")], at(45))

    assert [row["remote_user_id"] for row in stored()] == ["1_guest"]
    assert list(ViewerTotal.objects.values_list("remote_user_id", flat=True)) == ["portal-1"]
