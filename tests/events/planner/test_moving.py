"""Moving many sessions of the plan: looked at first, done as one step, and undone as one."""

from __future__ import annotations

from typing import Any

import pytest

from events.models import PlannerRules, Session
from tests.events.planner.conftest import Desk, place
from tests.factories import SessionFactory, TrackFactory

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]


def look(desk: Desk, sessions: list[Session], **typed: Any) -> Any:
    query = "&".join(f"session={session.pk}" for session in sessions)
    url = f"{desk.url('_move')}?{query or 'day=2030-05-06'}"
    page = desk.client.post(url, {**typed, "preview": "1"})
    return url, page.context["preview"], page.context["form"]


def move(desk: Desk, sessions: list[Session], **typed: Any) -> Any:
    url, preview, _ = look(desk, sessions, **typed)
    return desk.client.post(url, {**typed, "shown": preview.fingerprint, "confirmed": "1"})


def test_day_moves_by_minutes_and_comes_back_with_one_undo(desk, talk):
    one, two = talk("One", "09:00", "Hall"), talk("Two", "10:00", "Attic")
    other = talk("Other day", "09:00", "Hall", day=7)

    answer = move(desk, [], minutes="15")

    moved = [place(session)[1] for session in (one, two, other)]
    assert answer.headers["Location"] == desk.url() + "?day=2030-05-06"
    assert moved == ["09:15–10:00", "10:15–11:00", "09:00–09:45"]
    assert desk.undo().json()["words"] == "Moved 2 sessions"
    assert [place(one)[1], place(two)[1]] == ["09:00–09:45", "10:00–10:45"]


def test_selection_goes_to_a_day_a_room_and_a_track_together(desk, talk, event):
    track = TrackFactory(event=event, name="Main")
    one, two = talk("One", "09:00", "Hall"), talk("Two", "10:00", "")

    _, preview, _ = look(desk, [one], to_day="2030-05-07", to_room="=Attic", to_track=str(track.pk))
    move(desk, [one, two], to_day="2030-05-07", to_room="=Attic", to_track=str(track.pk))

    assert [(row.before, row.after) for row in preview.rows] == [
        (
            "Mon 06 May 2030, 09:00–09:45 Europe/Berlin, Hall, no track",
            "Tue 07 May 2030, 09:00–09:45 Europe/Berlin, Attic, Main",
        )
    ]
    assert [place(one), place(two)] == [
        ("07", "09:00–09:45", "Attic"),
        ("07", "10:00–10:45", "Attic"),
    ]
    assert set(Session.objects.values_list("track__name", flat=True)) == {"Main"}


def test_compact_closes_the_gaps_of_each_room(desk, talk):
    sessions = [
        talk("One", "09:00", "Hall"),
        talk("Two", "11:00", "Hall"),
        talk("Three", "11:15", "Hall"),
        talk("Beside", "14:00", "Attic"),
    ]

    move(desk, [], gap="10")

    assert [place(session)[1] for session in sessions] == [
        "09:00–09:45",
        "09:55–10:40",
        "10:50–11:35",
        "14:00–14:45",
    ]


def test_what_was_not_shown_is_not_done(desk, talk):
    one = talk("One", "09:00", "Hall")
    url, preview, _ = look(desk, [one], minutes="15")
    Session.objects.filter(pk=one.pk).update(location="Attic")
    Session.objects.filter(pk=one.pk).update(ends_at=one.ends_at.replace(minute=50))

    page = desk.client.post(url, {"minutes": "15", "shown": preview.fingerprint, "confirmed": "1"})

    assert "Please check again:" in page.content.decode()
    assert place(one)[1].startswith("09:00")


@pytest.mark.parametrize(
    ("typed", "error"),
    [
        ({}, "Say at least one thing that shall change."),
        ({"to_room": "=Hall"}, "Nothing would move: all of them are already there."),
        (
            {"to_room": "=Attic"},
            "Not allowed: “One” and “Beside” are both in Attic at 09:00.",
        ),
    ],
)
def test_what_cannot_be_is_said(desk, talk, event, typed, error):
    PlannerRules.objects.create(event=event, levels={"room_twice": "block"})
    one = talk("One", "09:00", "Hall")
    talk("Beside", "09:00", "Attic")

    _, preview, form = look(desk, [one], **typed)

    assert (preview, dict(form.errors)) == (None, {"__all__": [error]})


def test_sessions_of_another_event_are_not_found(desk):
    answer = desk.client.get(f"{desk.url('_move')}?session={SessionFactory().pk}")

    assert answer.headers["Location"] == desk.url()
