"""Who else has a form open: said while it is open, forgotten soon after."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from events.admin.editing import presence
from events.models import Event, Session, TeamRole
from tests.events.pages import form_values
from tests.factories import EventFactory, SessionFactory, TeamMemberFactory, UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def event() -> Event:
    return EventFactory()


@pytest.fixture
def session(event: Event) -> Session:
    return SessionFactory(event=event, title="Keynote")


def editor(event: Event, name: str, role: str = TeamRole.MANAGER) -> Client:
    client = Client()
    user = UserFactory(name=name, is_staff=True)
    TeamMemberFactory(event=event, user=user, role=role)
    client.force_login(user)
    return client


def beat(client: Client, session: Session, window: str, **more: Any) -> Any:
    url = reverse("admin:events_session_here", args=[session.pk])
    return client.post(url, {"window": window, "drawn_at": "0", **more})


def names(answer: Any) -> list[tuple[str, bool]]:
    return [(each["name"], each["is_me"]) for each in answer.json()["others"]]


def test_two_who_have_a_form_open_are_told_of_each_other_until_one_leaves(event, session):
    ada, ben = editor(event, "Ada"), editor(event, "Ben")

    first = names(beat(ada, session, "a"))
    second = names(beat(ben, session, "b"))
    third = names(beat(ada, session, "a"))
    page = ben.get(reverse("admin:events_session_change", args=[session.pk])).content.decode()
    beat(ada, session, "a", left="1")

    assert (first, second, third) == ([], [("Ada", False)], [("Ben", False)])
    assert "Ada is editing this too." in page
    assert names(beat(ben, session, "b")) == []


def test_second_window_of_the_same_person_is_told_as_that(event, session):
    ada = editor(event, "Ada")
    beat(ada, session, "a")

    assert names(beat(ada, session, "b")) == [("Ada", True)]


def test_whoever_does_not_say_goodbye_is_forgotten_within_a_minute(event, session, monkeypatch):
    assert presence.LIFE_S < 60
    monkeypatch.setattr(presence, "LIFE_S", 0)
    ada, ben = editor(event, "Ada"), editor(event, "Ben")
    beat(ada, session, "a")

    assert names(beat(ben, session, "b")) == []


def test_others_hear_that_somebody_has_saved_and_the_one_who_did_does_not(event, session):
    ada, ben = editor(event, "Ada"), editor(event, "Ben")
    url = reverse("admin:events_session_change", args=[session.pk])
    form = form_values(ada.get(url).content.decode())

    before = beat(ben, session, "b").json()["saved"]
    ada.post(url, {**form, "location": "Saal 1"})

    assert before is None
    assert beat(ben, session, "b").json()["saved"]["name"] == "Ada"
    assert beat(ada, session, "a").json()["saved"] is None
    # Who has opened it since then has seen it.
    assert beat(ben, session, "b", drawn_at="99999999999").json()["saved"] is None


def test_beat_writes_no_row_and_costs_few_queries(event, session):
    ada, ben = editor(event, "Ada"), editor(event, "Ben")
    beat(ada, session, "a")
    beat(ben, session, "b")
    with CaptureQueriesContext(connection) as queries:
        beat(ben, session, "b")

    assert not [q["sql"] for q in queries if not q["sql"].startswith("SELECT")]
    assert len(queries) <= 8


def test_more_windows_than_places_are_simply_not_shown(event, session):
    people = [editor(event, f"Person {n}") for n in range(14)]
    for n, client in enumerate(people):
        beat(client, session, str(n))

    assert len(names(beat(people[0], session, "0"))) == 11


def test_those_who_may_not_change_it_learn_nothing(event, session):
    cache.clear()
    beat(editor(event, "Ada"), session, "a")
    analyst = editor(event, "Ann", TeamRole.ANALYST)
    stranger = editor(EventFactory(), "Sam")

    assert beat(analyst, session, "x").status_code == 403
    assert beat(stranger, session, "x").status_code == 404
    assert beat(Client(), session, "x").status_code == 302
    page = analyst.get(reverse("admin:events_session_change", args=[session.pk])).content.decode()
    assert "Ada is editing" not in page
    assert 'name="_seen"' not in page
