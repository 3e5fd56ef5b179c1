from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.sources.parsing import BadRow, StayRow, run_row, stay_row, viewer_row

START = 1_700_000_000
START_UTC = datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC)

ATTENDEE = {
    "session_id": "4200001",
    "user_id": "70001",
    "user_type": "user",
    "user_name": "Ann Lee",
    "user_email": "70001@lti-newrow.com",
    "time_joined": str(START),
    "time_left": str(START + 1498),
    "duration": "24.9667",
    "attention": "34%",
    "lti_user_id": "portal-abc",
    "lti_user_email": "ann@example.org",
}
VIEWER = {
    "user_id": "portal-abc",
    "user_name": "Ann Lee",
    "count_plays": "3",
    "sum_view_period": "12.5",
    "sum_live_view_period": "10.25",
    "live_engaged_users_play_time_ratio": "0.815",
}


def refusal(parse: Any, raw: object) -> tuple[str, str]:
    """The field and the reason with which a row is refused."""
    with pytest.raises(BadRow) as refused:
        parse(raw)
    return refused.value.field, refused.value.reason


def test_stay_row_reads_every_value_of_newrows_text():
    assert stay_row(ATTENDEE) == StayRow.model_construct(
        source_user_id="70001",
        user_type="user",
        account_id="portal-abc",
        name="Ann Lee",
        internal_email="70001@lti-newrow.com",
        account_email="ann@example.org",
        joined_at=START_UTC,
        left_at=START_UTC + timedelta(seconds=1498),
        minutes=Decimal("24.9667"),
        attention=Decimal("34.00"),
    )


@pytest.mark.parametrize("name", ["date_start", "start_date"])
def test_run_row_reads_both_spellings(name):
    end = "date_end" if name == "date_start" else "end_date"
    row = run_row({"id": 7, name: str(START), end: str(START + 60), "duration": "1.0000"})

    assert (row.remote_id, row.started_at, row.ended_at, row.minutes) == (
        "7",
        START_UTC,
        START_UTC + timedelta(seconds=60),
        Decimal("1.0000"),
    )


@pytest.mark.parametrize("nothing", ["", "0", None])
def test_stay_row_without_a_leaving_is_open(nothing):
    assert stay_row({**ATTENDEE, "time_left": nothing}).left_at is None


@given(st.integers(946_684_800, 4_102_444_799))
def test_times_in_milliseconds_and_seconds_are_the_same_moment(seconds):
    row = {**ATTENDEE, "time_left": ""}
    in_seconds = stay_row({**row, "time_joined": str(seconds)})
    # Before March 1973, milliseconds are too few to be told from seconds.
    in_milliseconds = stay_row({**row, "time_joined": str(seconds * 1000)})

    assert in_seconds.joined_at == in_milliseconds.joined_at
    assert in_seconds.joined_at.timestamp() == seconds


@pytest.mark.parametrize(
    ("fields", "email"),
    [
        ({}, "ann@example.org"),
        ({"lti_user_email": ""}, ""),
        ({"lti_user_email": "", "user_email": "guest@example.org"}, "guest@example.org"),
    ],
)
def test_newrows_internal_alias_is_nobodys_address(fields, email):
    assert stay_row({**ATTENDEE, **fields}).email == email


@pytest.mark.parametrize(
    ("fields", "field", "reason"),
    [
        ({"time_joined": ""}, "time_joined", "is '', not a Unix time"),
        ({"time_joined": "soon"}, "time_joined", "is 'soon', not a number"),
        ({"time_joined": "12"}, "time_joined", "is '12', a Unix time of the year 1970"),
        ({"time_joined": "9e9"}, "time_joined", "is '9e9', a Unix time of the year 2255"),
        ({"time_joined": "1e99"}, "time_joined", "is '1e99', not a Unix time"),
        ({"time_left": "1699999999"}, "time_left", "is before time_joined"),
        ({"duration": "long"}, "duration", "is 'long', not a number"),
        ({"duration": "-1"}, "duration", "is '-1', not a number of minutes"),
        ({"attention": "34"}, "attention", "is '34', not a percentage such as 34%"),
        ({"attention": "340%"}, "attention", "is '340%', not between 0% and 100%"),
        ({"attention": 0.5}, "attention", "is 0.5, not text"),
        ({"user_id": ["1"]}, "user_id", "is ['1'], not text"),
        (
            {"user_id": "", "lti_user_id": "", "user_name": ""},
            "user_id",
            "is empty, and so is every other name",
        ),
    ],
)
def test_stay_row_names_the_field_it_cannot_read(fields, field, reason):
    assert refusal(stay_row, {**ATTENDEE, **fields}) == (field, reason)


def test_rows_name_a_missing_field():
    without = {name: value for name, value in ATTENDEE.items() if name != "time_joined"}

    assert refusal(stay_row, without) == ("time_joined", "is missing")
    assert refusal(run_row, {"id": "1"}) == ("date_start", "is missing")
    assert refusal(viewer_row, {"user_id": "x"}) == ("sum_view_period", "is missing")
    assert refusal(stay_row, ["no", "object"]) == ("row", "is ['no', 'object'], not an object")


def test_viewer_row_keeps_minutes_and_turns_the_ratio_into_percent():
    row = viewer_row(VIEWER)

    assert (row.plays, row.live_minutes, row.recording_minutes, row.engaged) == (
        3,
        Decimal("10.2500"),
        Decimal("2.2500"),
        Decimal("81.50"),
    )


def test_viewer_row_takes_small_numbers_as_php_writes_them():
    assert viewer_row({**VIEWER, "sum_live_view_period": "6.0E-5"}).live_minutes == Decimal(
        "0.0001"
    )


def test_viewer_row_knows_those_without_a_user_id():
    assert viewer_row({**VIEWER, "user_id": "Unknown"}).is_anonymous
    assert not viewer_row(VIEWER).is_anonymous


_anything = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(),
    st.sampled_from(
        ["1700000000", "1e99", "NaN", "Infinity", "-0", "٣", "{reason}", "\ud800", "%"]
    ),
    st.lists(st.text()),
    st.dictionaries(st.text(), st.text()),
)


@given(st.fixed_dictionaries({}, optional=dict.fromkeys(ATTENDEE, _anything)))
def test_stay_row_reads_or_refuses_whatever_comes(raw):
    try:
        row = stay_row(raw)
    except BadRow as refused:
        assert refused.field in {*ATTENDEE, "row"}
        assert refused.reason
    else:
        assert row.left_at is None or row.left_at >= row.joined_at
        assert row.attention is None or 0 <= row.attention <= 100
        row.name.encode()


@given(st.one_of(_anything, st.fixed_dictionaries({}, optional=dict.fromkeys(VIEWER, _anything))))
def test_viewer_row_reads_or_refuses_whatever_comes(raw):
    try:
        row = viewer_row(raw)
    except BadRow as refused:
        assert refused.field in {*VIEWER, "row"}
    else:
        assert row.recording_minutes >= 0
