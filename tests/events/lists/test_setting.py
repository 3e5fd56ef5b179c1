"""Room, track, type and status of several sessions at once."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client

from events.models import PlannerRules, Session
from tests.factories import EventFactory, SessionFactory, TeamMemberFactory, TrackFactory

pytestmark = pytest.mark.django_db


class Setting:
    """The page that sets sessions, as an owner of their event uses it."""

    def __init__(self, *sessions: Session) -> None:
        self.event, self.sessions = sessions[0].event, sessions
        self.client = Client()
        self.client.force_login(TeamMemberFactory(event=self.event).user)

    def post(self, **fields: str) -> Any:
        chosen = {"action": "set_selected", "_selected_action": [s.pk for s in self.sessions]}
        address = "/admin/events/session/?status=all"
        return self.client.post(address, {**chosen, **fields}, follow=True)

    def preview(self, **fields: str) -> str:
        return self.post(preview="1", **fields).content.decode()

    def confirm(self, shown: str, **fields: str) -> str:
        fingerprint = re.search(r'name="shown" value="(\w+)"', shown)[1]
        return self.post(confirmed="1", shown=fingerprint, **fields).content.decode()


def two_talks() -> tuple[Session, Session]:
    event = EventFactory()
    return SessionFactory(event=event, title="One"), SessionFactory(event=event, title="Two")


def states(*sessions: Session) -> list[tuple[Any, ...]]:
    for each in sessions:
        each.refresh_from_db()
    return [(s.location, s.track_id, s.session_type, s.status) for s in sessions]


@pytest.mark.postgres
def test_what_is_chosen_is_set_and_the_rest_stays():
    one, two = two_talks()
    Session.objects.filter(pk=two.pk).update(location="Attic")
    track = TrackFactory(event=one.event)
    setting = Setting(one, two)
    wanted = {"track": str(track.pk), "session_type": "webinar", "status": "draft"}

    shown = setting.preview(**wanted)
    unchanged = states(one, two)
    said = setting.confirm(shown, **wanted)

    assert "2 of 2 sessions would change." in shown
    assert [status for *_, status in unchanged] == ["published", "published"]
    assert "2 sessions are set." in said
    assert states(one, two) == [
        ("", track.pk, "webinar", "draft"),
        ("Attic", track.pk, "webinar", "draft"),
    ]


@pytest.mark.postgres
def test_a_change_meanwhile_is_shown_before_anything_is_set():
    one, two = two_talks()
    setting = Setting(one, two)
    shown = setting.preview(room="Hall")
    Session.objects.filter(pk=two.pk).update(location="Attic")

    again = setting.confirm(shown, room="Hall")

    assert "Please check again:" in again
    assert [room for room, *_ in states(one, two)] == ["", "Attic"]


def test_what_the_event_does_not_allow_is_refused_as_a_whole():
    one, two = two_talks()
    PlannerRules.objects.create(event=one.event, levels={"room_twice": "block"})
    setting = Setting(one, two)

    said = setting.confirm(setting.preview(room="Hall"), room="Hall")

    assert [room for room, *_ in states(one, two)] == ["", ""]
    assert "Hall" in said and "are set" not in said


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({}, "Nothing would change."),
        ({"room": "Hall", "no_room": "on"}, "Enter a room, or choose “No room”."),
        ({"track": "4711"}, "Select a valid choice."),
    ],
)
def test_what_makes_no_sense_is_said(fields, said):
    assert said in Setting(*two_talks()).preview(**fields)


def test_sessions_of_two_events_and_cancelled_ones_are_left_alone():
    one, other = SessionFactory(), SessionFactory()
    setting = Setting(one, other)
    TeamMemberFactory(event=other.event, user_id=setting.client.session["_auth_user_id"])
    both = setting.post()
    Session.objects.filter(pk=one.pk).update(status="cancelled")
    setting.sessions = (one,)

    assert "Choose sessions of one event" in both.content.decode()
    assert "Nothing to set" in setting.post().content.decode()


def test_the_list_costs_as_much_for_2000_sessions_as_for_10(django_assert_max_num_queries):
    event = EventFactory()
    user = TeamMemberFactory(event=event).user
    first = SessionFactory(event=event)
    client = Client()
    client.force_login(user)
    address = f"/admin/events/session/?event={event.pk}"

    def add(count: int) -> None:
        known = event.sessions.count()
        Session.objects.bulk_create(
            Session(
                event=event,
                title=f"Talk {n}",
                slug=f"talk-{n}",
                starts_at=first.starts_at,
                ends_at=first.ends_at,
            )
            for n in range(known, known + count)
        )

    add(9)
    client.get(address)
    with django_assert_max_num_queries(25) as few:
        client.get(address)
    add(1990)
    with django_assert_max_num_queries(25) as many:
        client.get(address)
    assert len(many) == len(few)


def test_rooms_that_others_named_are_text():
    one, two = two_talks()
    Session.objects.filter(pk=two.pk).update(location="<form action=/>Hall")

    page = Setting(one, two).post().content.decode()

    assert "&lt;form action=/&gt;Hall" in page
    assert "<form action=/>" not in page
