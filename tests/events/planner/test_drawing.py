"""What an opened page shows first."""

from __future__ import annotations

from datetime import timedelta

import pytest

from events.planner.drawing import Columns, PlannerDay
from events.planner.reading import read_board
from tests.events.planner.conftest import berlin

pytestmark = [pytest.mark.django_db]


@pytest.mark.parametrize(
    ("clocks", "first"),
    [
        ((), "08:00"),
        (("11:30", "18:00"), "11:00"),
        (("00:00", "01:15", "11:30", "16:00"), "11:00"),
        (("00:00", "01:15"), "00:00"),
        (("06:30", "10:00"), "06:00"),
    ],
    ids=["empty", "by day", "after a night", "the night alone", "an early one"],
)
def test_page_opens_at_the_first_session_after_the_night(desk, talk, clocks, first):
    for clock in clocks:
        talk(f"At {clock}", clock, "Hall")
    talk("Not placed", "03:00", "")

    page = desk.client.get(desk.url(), {"day": "2030-05-06"})

    assert page.context["opens"] == berlin(first)


def test_page_opens_at_this_hour_while_its_day_is_on(event, talk):
    talk("Keynote", "09:00", "Hall")
    board = read_board(event)
    days = [PlannerDay(board, event.starts_on + timedelta(n), Columns.ROOMS, []) for n in (0, 1)]

    opens = [day.opens(berlin("15:40")) for day in days]

    assert opens == [berlin("15:00"), berlin("08:00", 7)]
