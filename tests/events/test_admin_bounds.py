"""What forms say to absurd times and to characters that no file carries."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from events.models import Event, Session
from tests.events.test_admin import errors, event_data, session_data, url
from tests.factories import EventFactory, UserFactory

pytestmark = [pytest.mark.django_db, pytest.mark.postgres_first]

YEARS = "Choose a day in the years 1970 to 2199."
TIMES = "Choose a time in the years 1970 to 2199."


@pytest.fixture
def boss(client: Client) -> Client:
    client.force_login(UserFactory(is_staff=True, is_superuser=True))
    return client


@pytest.fixture
def event() -> Event:
    return EventFactory(title="Ours", slug="ours")


def on(day: str, **more: Any) -> dict[str, Any]:
    return {"starts_at_0": day, "ends_at_0": day, **more}


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"ends_on": "9999-12-31"}, {"ends_on": [YEARS]}),
        ({"starts_on": "0001-01-01"}, {"starts_on": [YEARS]}),
        ({"ends_on": "2200-01-01"}, {"ends_on": [YEARS]}),
        (
            {"ends_on": "2031-06-10"},
            {
                "ends_on": [
                    "An event lasts at most 400 days. Check the year, or plan several events."
                ]
            },
        ),
    ],
)
def test_absurd_days_of_an_event_are_refused_at_their_field(boss, event, typed, said):
    response = boss.post(url("event", "change", event.pk), event_data(event, **typed))

    assert errors(response) == said
    assert boss.get("/").status_code == 200


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        (on("9999-12-31"), {"starts_at": [TIMES], "ends_at": [TIMES]}),
        (on("0001-01-01"), {"starts_at": [TIMES], "ends_at": [TIMES]}),
        (
            {"starts_at_0": "2030-05-06", "ends_at_0": "2030-05-21"},
            {
                "ends_at": [
                    "A session lasts at most 14 days. Check the dates, or plan several sessions."
                ]
            },
        ),
        ({"ends_at_0": "2030-05-20", "ends_at_1": "09:00"}, {}),
    ],
)
def test_absurd_times_of_a_session_are_refused_at_their_field(boss, event, typed, said):
    response = boss.post(url("session", "add"), session_data(event, **typed))

    assert (errors(response) if said else {}) == said
    assert Session.objects.count() == (not said)


def test_names_and_texts_are_folded_at_the_form(boss, event):
    typed = {
        "title": "Key\x00note\uffff \u202eeman\x1b",
        "abstract": "One\x07\r\ntwo\ufffe",
        "location": " Hall\n 1 ",
    }

    response = boss.post(url("session", "add"), session_data(event, **typed))

    assert response.status_code == 302
    [session] = Session.objects.all()
    assert (session.title, session.abstract, session.location) == (
        "Keynote eman",
        "One\ntwo",
        "Hall 1",
    )


def test_title_of_nothing_visible_is_no_title(boss, event):
    response = boss.post(url("session", "add"), session_data(event, title="\x07\u200b\u202e"))

    assert errors(response) == {"title": ["This field is required."]}


def test_account_whose_address_no_file_carries_is_refused(boss):
    typed = {"email": '"a\x01b"@example.org', "name": "Ann", "usable_password": "false"}

    response = boss.post("/admin/events/user/add/", typed)

    assert errors(response) == {"email": ["Enter a valid email address."]}


def test_moment_of_withdrawal_keeps_to_the_years(boss, event):
    typed = {
        "event": event.pk,
        "user": UserFactory().email,
        "withdrawn_at_0": "9999-12-31",
        "withdrawn_at_1": "23:59",
    }

    response = boss.post("/admin/events/registration/add/", typed)

    assert errors(response) == {"withdrawn_at": [TIMES]}
