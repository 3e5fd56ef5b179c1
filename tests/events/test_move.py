"""Moves on the wall clock: whole outcomes on both sides of every change of the clocks."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError

from events import signals
from events.models import Session
from events.moving import Times, move_event, move_sessions, plan_moves
from tests.factories import EventFactory, SessionFactory

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def planned(zone: str, starts: str, ends: str, **more: Any) -> Session:
    """A session with wall-clock times in its event's zone; the event begins on its day."""
    event = more.pop("event", None) or EventFactory(
        timezone=zone, starts_on=date.fromisoformat(starts[:10])
    )
    start, end = (
        datetime.fromisoformat(t).replace(tzinfo=event.zone).astimezone(UTC) for t in (starts, ends)
    )
    return SessionFactory(event=event, starts_at=start, ends_at=end, **more)


def wall(session: Session) -> tuple[str, str]:
    """Its times as the event's clock shows them, with their offset."""
    session.refresh_from_db()
    zone = session.event.zone
    return tuple(
        f"{t.astimezone(zone):%Y-%m-%d %H:%M %z}" for t in (session.starts_at, session.ends_at)
    )  # type: ignore[return-value]


# --- Days, across the changes of the clocks -----------------------------------


@pytest.mark.parametrize(
    ("zone", "before", "after", "starts", "ends"),
    [
        # Berlin goes forward on 31 March 2030 and back on 27 October.
        ("Europe/Berlin", "2030-03-30", "2030-04-01", "2030-04-01 10:00 +0200", "2030-04-01 11:30 +0200"),
        ("Europe/Berlin", "2030-04-01", "2030-03-30", "2030-03-30 10:00 +0100", "2030-03-30 11:30 +0100"),
        ("Europe/Berlin", "2030-10-26", "2030-10-28", "2030-10-28 10:00 +0100", "2030-10-28 11:30 +0100"),
        ("Europe/Berlin", "2030-10-28", "2030-10-26", "2030-10-26 10:00 +0200", "2030-10-26 11:30 +0200"),
        # New York two weeks earlier in spring, one week later in autumn.
        ("America/New_York", "2030-03-09", "2030-03-11", "2030-03-11 10:00 -0400", "2030-03-11 11:30 -0400"),
        ("America/New_York", "2030-11-02", "2030-11-04", "2030-11-04 10:00 -0500", "2030-11-04 11:30 -0500"),
        # India never.
        ("Asia/Kolkata", "2030-03-30", "2030-04-01", "2030-04-01 10:00 +0530", "2030-04-01 11:30 +0530"),
    ],
)  # fmt: skip
def test_talk_at_ten_stays_at_ten(zone, before, after, starts, ends):
    session = planned(zone, f"{before} 10:00", f"{before} 11:30")
    event = session.event

    moves = move_event(event, starts_on=date.fromisoformat(after))

    event.refresh_from_db()
    assert wall(session) == (starts, ends)
    assert [move.note for move in moves] == [""]
    assert (event.starts_on, event.ends_on) == (
        date.fromisoformat(after),
        date.fromisoformat(after) + timedelta(days=2),
    )


@pytest.mark.parametrize(
    ("zone", "times", "day", "after", "note"),
    [
        (
            "Europe/Berlin",
            ("2030-03-30 02:30", "2030-03-30 03:15"),
            "2030-03-31",
            ("2030-03-31 03:30 +0200", "2030-03-31 04:15 +0200"),
            "02:30 does not exist on Sun 31 Mar 2030 in Europe/Berlin, where the clocks go "
            "forward: it will begin at 03:30.",
        ),
        (
            "Europe/Berlin",
            ("2030-10-26 02:30", "2030-10-26 03:15"),
            "2030-10-27",
            ("2030-10-27 02:30 +0200", "2030-10-27 02:15 +0100"),
            "02:30 comes twice on Sun 27 Oct 2030 in Europe/Berlin, where the clocks go back: "
            "it will begin at the first, CEST.",
        ),
        (
            "America/New_York",
            ("2030-11-02 23:00", "2030-11-03 00:30"),
            "2030-11-03",
            ("2030-11-03 23:00 -0500", "2030-11-04 00:30 -0500"),
            "",
        ),
        (
            "America/New_York",
            ("2030-03-08 23:00", "2030-03-09 05:00"),
            "2030-03-09",
            ("2030-03-09 23:00 -0500", "2030-03-10 06:00 -0400"),
            "It will end at 06:00 instead of 05:00: the clocks change, its length stays the same.",
        ),
        (
            "America/New_York",
            ("2030-11-02 00:15", "2030-11-02 06:15"),
            "2030-11-03",
            ("2030-11-03 00:15 -0400", "2030-11-03 05:15 -0500"),
            "It will end at 05:15 instead of 06:15: the clocks change, its length stays the same.",
        ),
    ],
)
def test_wall_times_that_are_not_one_moment_are_told(zone, times, day, after, note):
    session = planned(zone, *times)
    length = session.duration

    [move] = move_sessions([session], to_day=date.fromisoformat(day))

    assert (wall(session), session.duration, move.note) == (after, length, note)


def test_second_of_two_equal_hours_stays_when_nothing_moves():
    second = utc("2030-10-27 01:30")
    session = SessionFactory(starts_at=second, ends_at=second + timedelta(hours=1))

    move_sessions([session], to_day=date(2030, 10, 27))

    session.refresh_from_db()
    assert session.starts_at == second


# --- Minutes -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("starts", "minutes", "after"),
    [
        ("2030-05-06 10:00", 15, "2030-05-06 10:15 +0200"),
        ("2030-05-06 00:10", -20, "2030-05-05 23:50 +0200"),
        # On the wall clock: two hours later the clock shows two hours more.
        ("2030-03-31 01:30", 120, "2030-03-31 03:30 +0200"),
        ("2030-03-31 01:30", 45, "2030-03-31 03:15 +0200"),
        ("2030-10-27 01:30", 120, "2030-10-27 03:30 +0100"),
    ],
)
def test_minutes_move_the_clock_on_the_wall(starts, minutes, after):
    session = planned("Europe/Berlin", starts, starts[:11] + "23:00")
    length = session.duration

    move_sessions([session], by=timedelta(minutes=minutes))

    assert (wall(session)[0], session.duration) == (after, length)


# --- Several at once ----------------------------------------------------------


def test_sessions_of_several_events_move_each_in_its_own_zone():
    tokyo = planned("Asia/Tokyo", "2030-05-06 01:00", "2030-05-06 02:00")
    berlin = planned("Europe/Berlin", "2030-05-06 23:00", "2030-05-07 00:30")

    move_sessions([tokyo, berlin], to_day=date(2030, 5, 8))

    assert (wall(tokyo), wall(berlin)) == (
        ("2030-05-08 01:00 +0900", "2030-05-08 02:00 +0900"),
        ("2030-05-08 23:00 +0200", "2030-05-09 00:30 +0200"),
    )


def test_impossible_year_is_told_by_name_and_nothing_moves():
    event = EventFactory()
    late = SessionFactory(event=event, title="Late", starts_at=utc("2199-12-30 09:00"))
    later = SessionFactory(event=event, title="Later", starts_at=utc("2199-12-30 10:00"))
    fine = SessionFactory(event=event, title="Fine")
    before = {s.pk: wall(s) for s in (fine, late, later)}

    with pytest.raises(ValidationError) as refused:
        move_sessions([fine, late, later], by=timedelta(days=3))

    assert refused.value.messages == [
        f"“{name}” would leave the years 2000 to 2199. Check the year that you typed."
        for name in ("Late", "Later")
    ]
    assert {s.pk: wall(s) for s in (fine, late, later)} == before


@pytest.mark.parametrize("by", [timedelta(days=10**7), -timedelta(days=10**6)])
def test_distance_beyond_the_calendar_is_refused_in_words(by):
    session = SessionFactory(title="Keynote")

    with pytest.raises(ValidationError) as refused:
        plan_moves([session], by=by)

    assert refused.value.messages == [
        "“Keynote” would leave the years 2000 to 2199. Check the year that you typed."
    ]


@pytest.mark.parametrize("day", [date(203, 5, 6), date(9999, 12, 31)])
def test_event_is_not_moved_to_a_year_that_nobody_means(day):
    event = EventFactory()
    session = SessionFactory(event=event)
    before = wall(session)

    with pytest.raises(ValidationError) as refused:
        move_event(event, starts_on=day)

    event.refresh_from_db()
    assert refused.value.message_dict == {"starts_on": ["Choose a day in the years 2000 to 2199."]}
    assert (event.starts_on, wall(session)) == (date(2030, 5, 6), before)


def test_event_of_impossible_sessions_stays_whole():
    event = EventFactory()
    SessionFactory(event=event, title="Typo", starts_at=utc("2199-12-31 09:00"))

    with pytest.raises(ValidationError):
        move_event(event, starts_on=date(2030, 6, 1))

    event.refresh_from_db()
    assert event.starts_on == date(2030, 5, 6)


def test_move_tells_of_the_event_and_of_every_session_that_moves():
    event = EventFactory(title="Spring")
    SessionFactory(event=event, title="A")
    SessionFactory(event=event, title="B", starts_at=utc("2030-05-07 09:00"))
    told: list[str] = []

    def note(sender: type, instance: Any, **kwargs: Any) -> None:
        told.append(f"{sender.__name__} {instance}")

    for signal in signals.CHANGED.values():
        signal.connect(note)
    move_event(event, starts_on=date(2030, 5, 7))
    whole = list(told)
    told.clear()
    # A is on 7 May now and B on the 8th.
    move_sessions(event.sessions.all(), to_day=date(2030, 5, 7))
    for signal in signals.CHANGED.values():
        signal.disconnect(note)

    assert (whole, told) == (["Event Spring", "Session A", "Session B"], ["Session B"])


def test_move_goes_by_what_is_stored_not_by_what_the_caller_read_earlier():
    session = SessionFactory()
    stale = Session.objects.get(pk=session.pk)
    move_sessions([session], by=timedelta(minutes=30))

    [move] = move_sessions([stale], by=timedelta(minutes=30))

    assert move.before == Times(utc("2030-05-06 09:30"), utc("2030-05-06 10:15"))
    assert move.after == Times(utc("2030-05-06 10:00"), utc("2030-05-06 10:45"))
