"""The agenda as a grid: windows, columns, lanes, breaks, and the rules that place them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

import events
from events.agenda.cards import Card
from events.agenda.days import event_days
from events.agenda.grid import (
    MOST_ACROSS,
    MOST_LANES,
    MOST_STEPS,
    Across,
    GridDay,
    grid_days,
    places_stylesheet,
)
from events.models import Event, Session, Track

BERLIN = ZoneInfo("Europe/Berlin")
START = datetime(2030, 5, 6, 8, 0, tzinfo=UTC)  # 10:00 in Berlin.
MINUTE = timedelta(minutes=1)
EVENT = Event(slug="congress", timezone="Europe/Berlin", starts_on=date(2030, 5, 6))


def a_card(start: int, minutes: int, room: str = "Saal 1", title: str = "Talk") -> Card:
    """A session ``start`` minutes after ten."""
    begins = START + start * MINUTE
    session = Session(
        event=EVENT,
        title=title,
        slug=f"s{start}-{minutes}",
        status="published",
        location=room,
        starts_at=begins,
        ends_at=begins + minutes * MINUTE,
    )
    return Card(session, begins.astimezone(BERLIN).date(), "/", "", False, None)


def grid_of(cards: list[Card], zone: ZoneInfo = BERLIN, now: datetime = START) -> list[GridDay]:
    cards.sort(key=lambda card: card.session.starts_at)
    for card, day in zip(cards, event_days([c.session for c in cards], BERLIN), strict=True):
        card.day = day
        card.dress(now, zone)
    return grid_days(cards, None, Across.ROOMS, now, zone)


def columns(day: GridDay) -> list[tuple[str, int, list[str]]]:
    return [
        (column.label, column.lanes, [cell.css for cell in column.cells])
        for block in day.blocks
        for column in block.columns
    ]


def test_rooms_stand_across_as_people_count_and_time_is_to_scale():
    rooms = ("Saal 10", "Saal 2", "")
    (day,) = grid_of([a_card(30 * at, 30, room) for at, room in enumerate(rooms)])

    assert columns(day) == [
        ("Saal 2", 1, ["s6 e12 l0"]),
        ("Saal 10", 1, ["s0 e6 l0"]),
        ("", 1, ["s12 e18 l0"]),
    ]
    assert [(hour.label, hour.zone, hour.css) for hour in day.hours] == [
        ("10:00", "CEST", "s0"),
        ("11:00", "", "s12"),
    ]
    assert day.blocks[0].css == "hours-2 lanes-3 rooms-3"


def test_what_is_on_at_the_same_time_in_a_room_stands_side_by_side():
    cards = [a_card(0, 60, title="A"), a_card(30, 60, title="B"), a_card(120, 30, title="C")]

    (day,) = grid_of(cards)

    assert columns(day) == [("Saal 1", 2, ["s0 e12 l0", "s6 e18 l1", "s24 e30 l0 wide"])]


def test_tracks_stand_across_in_their_order():
    cards = [a_card(0, 30), a_card(0, 30), a_card(0, 30)]
    for card, name, position in zip(cards, ("Art", "Code"), (2, 1), strict=False):
        card.track = Track(name=name, slug=name.lower(), position=position)

    (day,) = grid_days_by_track(cards)

    assert [label for label, _, _ in columns(day)] == ["Code", "Art", ""]


def grid_days_by_track(cards: list[Card]) -> list[GridDay]:
    grid_of(cards)
    return grid_days(cards, None, Across.TRACKS, START, BERLIN)


def test_breaks_stand_once_across_all_columns():
    cards = [a_card(0, 60), a_card(0, 45, "Saal 2"), a_card(90, 30), a_card(125, 30)]
    cards.append(a_card(0, 13 * 60, "Lab"))

    (day,) = grid_of(cards)

    assert [(pause.starts, pause.ends, pause.minutes, pause.css) for pause in day.breaks] == [
        ("11:00", "11:30", 30, "s12 e18")
    ]


def test_a_short_session_is_drawn_long_enough_to_read():
    (day,) = grid_of([a_card(0, 5), a_card(5, 30)])

    assert columns(day) == [("Saal 1", 2, ["s0 e3 l0", "s1 e7 l1"])]


def test_a_session_over_midnight_stays_in_one_piece():
    (day,) = grid_of([a_card(600, 60), a_card(12 * 60 + 30, 90)])

    assert (day.date, day.hours[0].label, day.hours[-1].label) == (
        date(2030, 5, 6),
        "20:00",
        "23:00",
    )
    assert columns(day) == [("Saal 1", 1, ["s0 e12 l0", "s30 e48 l0"])]


def test_a_session_over_days_goes_on_in_the_next_day():
    cards = [a_card(0, 30 * 60, "Lab"), a_card(60, 60), a_card(24 * 60, 60)]

    first, second = grid_of(cards)

    parts = [
        (cell.css, cell.is_later_part, cell.goes_on)
        for day in (first, second)
        for block in day.blocks
        for column in block.columns
        if column.label == "Lab"
        for cell in column.cells
    ]
    assert parts == [("s0 e24 l0", False, True), ("s0 e12 l0", True, True)]
    assert ([hour.label for hour in first.hours], len(second.hours)) == (["10:00", "11:00"], 1)
    (alone,) = grid_of([a_card(0, 30 * 60)])
    assert (alone.hours[-1].label, columns(alone)) == ("23:00", [("Saal 1", 1, ["s0 e168 l0"])])


def test_now_is_a_line_on_its_day_only():
    cards = [a_card(0, 60), a_card(24 * 60, 60)]

    days = grid_of(cards, now=START + 31 * MINUTE)

    assert [day.now for day in days] == ["s6", ""]


@pytest.mark.parametrize(
    ("zone", "labels"),
    [
        ("Asia/Kolkata", ["13:00", "14:00"]),
        ("Australia/Lord_Howe", ["18:00", "19:00"]),
        ("America/St_Johns", ["05:00", "06:00"]),
    ],
)
def test_hours_are_those_of_the_readers_zone(zone, labels):
    """Zones off by half an hour: the lines are where the reader's clock strikes."""
    (day,) = grid_of([a_card(0, 60)], ZoneInfo(zone))

    assert [hour.label for hour in day.hours] == labels
    assert columns(day) == [("Saal 1", 1, ["s6 e18 l0"])]


def test_more_columns_than_fit_make_another_grid_below():
    (day,) = grid_of([a_card(0, 30, f"Room {number}") for number in range(MOST_ACROSS + 5)])

    assert [len(block.columns) for block in day.blocks] == [MOST_ACROSS, 5]


CARDS = st.lists(
    st.builds(
        a_card,
        st.integers(0, 3 * 24 * 60),
        st.one_of(st.integers(1, 300), st.integers(1, 14 * 24 * 60)),
        st.sampled_from(["Saal 1", "Saal 2", ""]),
    ),
    min_size=1,
    max_size=30,
)


@given(CARDS, st.sampled_from(["Europe/Berlin", "Asia/Kathmandu", "Pacific/Chatham"]))
def test_every_session_is_drawn_once_on_its_day_and_covers_no_other(cards, zone):
    days = grid_of(cards, ZoneInfo(zone))

    firsts = [
        cell.card
        for day in days
        for block in day.blocks
        for column in block.columns
        for cell in column.cells
        if not cell.is_later_part
    ]
    assert sorted(map(id, firsts)) == sorted(map(id, cards))
    for day in days:
        for block in day.blocks:
            for column in block.columns:
                taken = [places(cell.css) for cell in column.cells]
                assert len(taken) > MOST_LANES or not any(
                    overlaps(one, other)
                    for at, one in enumerate(taken)
                    for other in taken[at + 1 :]
                )
                assert all(0 <= s < e <= MOST_STEPS + 3 for s, e, _ in taken)


def places(css: str) -> tuple[int, int, int]:
    start, end, lane = css.split()[:3]
    return int(start[1:]), int(end[1:]), int(lane[1:])


def overlaps(one: tuple[int, int, int], other: tuple[int, int, int]) -> bool:
    return one[2] == other[2] and one[0] < other[1] and other[0] < one[1]


def test_the_stylesheet_is_what_the_grid_makes():
    path = Path(events.__file__).parent / "static/events/css/grid-places.css"

    assert path.read_text() == places_stylesheet(), (
        f"Write events.agenda.grid.places_stylesheet() to {path}."
    )
