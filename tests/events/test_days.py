from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from events.agenda.days import day_at, event_days, is_running

BERLIN = ZoneInfo("Europe/Berlin")
DAYS = [date(2030, 5, 6), date(2030, 5, 8)]


@dataclass
class Slot:
    starts_at: datetime
    ends_at: datetime


def slot(text: str, minutes: int = 60) -> Slot:
    """A slot that starts at this Berlin time."""
    starts_at = datetime.fromisoformat(text).replace(tzinfo=BERLIN)
    return Slot(starts_at, starts_at + timedelta(minutes=minutes))


def days_of(*slots: Slot) -> list[int]:
    return [day.day for day in event_days(slots, BERLIN)]


def test_event_days_are_those_of_the_event_zone():
    late = Slot(datetime(2030, 5, 6, 22, 30, tzinfo=UTC), datetime(2030, 5, 6, 23, 30, tzinfo=UTC))

    assert event_days([late], BERLIN) == [date(2030, 5, 7)]
    assert event_days([late], ZoneInfo("UTC")) == [date(2030, 5, 6)]


def test_event_days_keep_a_night_talk_with_its_evening():
    evening = slot("2030-05-06T23:00")
    night = slot("2030-05-07T00:15")
    later = slot("2030-05-07T01:30")
    morning = slot("2030-05-07T10:00")

    assert days_of(evening, night, later, morning) == [6, 6, 6, 7]


def test_event_days_start_a_day_after_a_long_pause():
    assert days_of(slot("2030-05-06T19:00"), slot("2030-05-07T04:00")) == [6, 7]


def test_event_days_count_a_talk_at_five_to_the_new_day():
    assert days_of(slot("2030-05-07T03:30", 90), slot("2030-05-07T05:00")) == [7, 7]
    assert days_of(slot("2030-05-06T23:00", 360), slot("2030-05-07T05:00")) == [6, 7]


def test_event_days_do_not_invent_a_day_before_the_first():
    assert days_of(slot("2030-05-06T01:00")) == [6]


@given(st.lists(st.integers(0, 3 * 24 * 4), min_size=1, max_size=30).map(sorted))
def test_event_days_never_go_back(quarters: list[int]):
    begin = datetime(2030, 5, 6, tzinfo=BERLIN)
    slots = [
        Slot(begin + timedelta(minutes=15 * q), begin + timedelta(minutes=15 * q + 45))
        for q in quarters
    ]
    days = event_days(slots, BERLIN)

    assert days == sorted(days)
    assert all(
        timedelta() <= s.starts_at.date() - day <= timedelta(days=1)
        for s, day in zip(slots, days, strict=True)
    )


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        ("2030-05-05T23:59", None),
        ("2030-05-06T00:30", date(2030, 5, 6)),
        ("2030-05-06T18:00", date(2030, 5, 6)),
        ("2030-05-07T02:00", date(2030, 5, 6)),
        ("2030-05-07T12:00", date(2030, 5, 8)),
        ("2030-05-09T04:59", date(2030, 5, 8)),
        ("2030-05-09T05:00", None),
    ],
)
def test_day_at_opens_today_or_the_next_day_with_sessions(now: str, expected: date | None):
    instant = datetime.fromisoformat(now).replace(tzinfo=BERLIN).astimezone(UTC)

    assert day_at(instant, DAYS, BERLIN) == expected


def test_day_at_without_days_is_none():
    assert day_at(datetime(2030, 5, 6, tzinfo=UTC), [], BERLIN) is None


def test_is_running_from_the_first_midnight_to_the_end_of_the_last_night():
    def running(text: str) -> bool:
        now = datetime.fromisoformat(text).replace(tzinfo=BERLIN)
        return is_running(date(2030, 5, 6), date(2030, 5, 8), BERLIN, now)

    assert [
        running("2030-05-05T23:59"),
        running("2030-05-06T00:00"),
        running("2030-05-09T04:59"),
        running("2030-05-09T05:00"),
    ] == [False, True, True, False]
