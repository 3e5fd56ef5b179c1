from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.test import Client

from events.models import EventStatus
from events.views.home import PAST_SHOWN
from tests.factories import EventFactory, RegistrationFactory, UserFactory

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]
TODAY = date(2030, 5, 6)


@pytest.fixture(autouse=True)
def today():
    with time_machine.travel(datetime(2030, 5, 6, 12, 0, tzinfo=UTC), tick=False):
        yield


def an_event(title: str, begins: int, days: int = 1, **fields: object) -> None:
    """An event that begins so many days from today."""
    starts_on = TODAY + timedelta(days=begins)
    ends_on = starts_on + timedelta(days=days - 1)
    EventFactory(title=title, starts_on=starts_on, ends_on=ends_on, **fields)


def test_home_sorts_events_into_now_coming_and_past():
    an_event("Now", -1, 3)
    an_event("Cancelled today", 0, status=EventStatus.CANCELLED)
    an_event("Soon", 3)
    an_event("Later", 30)
    an_event("Long ago", -300)
    an_event("Recently", -5)

    shelves = Client().get("/").context["shelves"]

    assert [
        [e.title for e in shelf] for shelf in (shelves.now, shelves.upcoming, shelves.past)
    ] == [
        ["Now"],
        ["Cancelled today", "Soon", "Later"],
        ["Recently", "Long ago"],
    ]


def test_home_counts_days_in_the_event_zone():
    """At noon UTC it is already tomorrow in Kiritimati, and still yesterday nowhere."""
    an_event("There", 1, timezone="Pacific/Kiritimati")
    an_event("Here", 1, timezone="UTC")

    shelves = Client().get("/").context["shelves"]

    assert [[e.title for e in shelf] for shelf in (shelves.now, shelves.upcoming)] == [
        ["There"],
        ["Here"],
    ]


def test_home_shows_the_latest_past_and_the_way_to_all_of_it():
    for number in range(PAST_SHOWN + 2):
        an_event(f"Past {number}", -10 - number)

    page, everything = Client().get("/"), Client().get("/?past=all")

    assert (len(page.context["past"]), len(everything.context["past"])) == (12, 14)
    assert "2 earlier events" in page.content.decode()
    assert "earlier event" not in everything.content.decode()


def test_home_says_who_is_registered():
    registration = RegistrationFactory(event__title="Mine")
    an_event("Other", 3)
    client = Client()
    client.force_login(registration.user, backend="django.contrib.auth.backends.ModelBackend")

    assert client.get("/").content.decode().count('<span class="mark">Registered</span>') == 1


def test_home_without_events_offers_the_next_step():
    client = Client()
    assert "Were you invited to an event? Sign in to see it." in client.get("/").content.decode()
    client.force_login(UserFactory(), backend="django.contrib.auth.backends.ModelBackend")
    assert "Events appear here as soon as they are published." in client.get("/").content.decode()


def test_home_asks_as_often_for_many_as_for_one(django_assert_num_queries):
    for count in (1, 3):
        for _ in range(count):
            EventFactory()
        with django_assert_num_queries(1):
            Client().get("/")
