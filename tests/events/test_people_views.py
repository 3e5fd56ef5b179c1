"""Registering, withdrawing, keeping favourites."""

from __future__ import annotations

import json
from datetime import date
from urllib.parse import quote

import pytest
from django.contrib.messages import get_messages
from django.test import Client

from events.models import Bookmark, EventStatus, SessionStatus, User
from tests.factories import (
    EventFactory,
    RegistrationFactory,
    SessionFactory,
    SpeakerFactory,
    TeamMemberFactory,
    UserFactory,
)

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def told(response) -> list[str]:
    return [str(message) for message in get_messages(response.wsgi_request)]


def test_registering_takes_one_click_and_leads_back():
    session, person = SessionFactory(), UserFactory()
    back = session.get_absolute_url()

    response = signed_in(person).post(f"/e/{session.event.slug}/register/", {"next": back})

    assert (response.status_code, response["Location"]) == (302, back)
    assert told(response) == [f"You are registered for {session.event}."]
    assert [r.user for r in session.event.registrations.all() if r.is_active] == [person]


@pytest.mark.parametrize("evil", ["https://evil.example/", "//evil.example", "javascript:alert(1)"])
def test_registering_never_leads_to_another_site(evil: str):
    event = EventFactory()

    response = signed_in(UserFactory()).post(f"/e/{event.slug}/register/", {"next": evil})

    assert response["Location"] == f"/e/{event.slug}/"


def test_registering_twice_is_one_registration():
    event, person = EventFactory(), UserFactory()
    for _ in range(2):
        signed_in(person).post(f"/e/{event.slug}/register/")

    assert event.registrations.count() == 1


def test_a_closed_registration_says_so():
    event = EventFactory(registration_open=False)
    client = signed_in(UserFactory())

    response = client.post(f"/e/{event.slug}/register/")

    assert told(response) == ["Registration for this event is closed."]
    assert event.registrations.count() == 0
    assert "Registration for this event is closed." in (
        client.get(f"/e/{event.slug}/register/").content.decode()
    )


def test_signing_in_to_register_leads_to_a_page_with_one_button():
    event, person = EventFactory(), UserFactory()
    path = f"/e/{event.slug}/register/"

    assert Client().get(path)["Location"] == f"/accounts/login/?next={path}"
    page = signed_in(person).get(path)
    assert (page.status_code, event.registrations.count()) == (200, 0)
    assert page.templates[0].name == "events/register.html"


def test_a_registered_person_passes_the_register_page():
    registration = RegistrationFactory()
    path = f"/e/{registration.event.slug}/register/?next=/e/{registration.event.slug}/agenda/"

    response = signed_in(registration.user).get(path)

    assert response["Location"] == f"/e/{registration.event.slug}/agenda/"


def test_withdrawing_asks_first_and_keeps_the_row():
    registration = RegistrationFactory()
    client, path = signed_in(registration.user), f"/e/{registration.event.slug}/withdraw/"

    assert "Withdraw your registration?" in client.get(path).content.decode()
    registration.refresh_from_db()
    assert registration.is_active
    response = client.post(path)

    registration.refresh_from_db()
    assert (response["Location"], registration.is_active) == (
        f"/e/{registration.event.slug}/",
        False,
    )


def test_withdrawing_from_an_event_that_is_not_public_leads_home():
    registration = RegistrationFactory(event__is_public=False)

    response = signed_in(registration.user).post(f"/e/{registration.event.slug}/withdraw/")

    assert response["Location"] == "/"


def test_whoever_still_sees_the_event_stays_there_after_withdrawing():
    """A speaker may know of an event that is not public without being registered."""
    registration = RegistrationFactory(event__is_public=False)
    SpeakerFactory(event=registration.event, user=registration.user)

    response = signed_in(registration.user).post(f"/e/{registration.event.slug}/withdraw/")

    assert response["Location"] == f"/e/{registration.event.slug}/"


def test_the_register_page_offers_nothing_that_is_refused_afterwards():
    event = EventFactory(status=EventStatus.CANCELLED)
    client, path = signed_in(UserFactory()), f"/e/{event.slug}/register/"

    page = client.get(path).content.decode()
    client.post(path)

    assert "Registration for this event is closed." in page
    assert ">Register</button>" not in page
    assert event.registrations.count() == 0


def test_the_team_sees_the_first_sessions_of_a_draft_event():
    event = EventFactory(status=EventStatus.DRAFT)
    SessionFactory(event=event, title="Opening")
    SessionFactory(event=event, title="Unfinished", status=SessionStatus.DRAFT)
    member = TeamMemberFactory(event=event).user

    page = signed_in(member).get(f"/e/{event.slug}/")

    assert [card.title for card in page.context["coming"]] == ["Opening"]


def test_a_star_is_kept_and_dropped_and_leads_back_to_its_session():
    session, person = SessionFactory(), UserFactory()
    client, path = signed_in(person), f"/e/{session.event.slug}/bookmark/"
    back = f"/e/{session.event.slug}/agenda/?day=all"

    kept = client.post(path, {"keep": session.slug, "next": back})
    assert (kept["Location"], Bookmark.objects.count()) == (f"{back}#{session.slug}", 1)
    client.post(path, {"keep": session.slug})
    assert Bookmark.objects.count() == 1
    client.post(path, {"drop": session.slug})
    assert Bookmark.objects.count() == 0


def test_a_star_answers_a_script_with_json():
    session = SessionFactory()
    client, path = signed_in(UserFactory()), f"/e/{session.event.slug}/bookmark/"

    def ask(data: dict[str, str]) -> tuple[int, object]:
        response = client.post(path, data, headers={"Accept": "application/json"})
        return response.status_code, json.loads(response.content)

    assert ask({"keep": session.slug}) == (200, {"kept": True})
    assert ask({"drop": session.slug}) == (200, {"kept": False})
    assert ask({"keep": "gone"}) == (
        400,
        {"error": "This session is no longer in the agenda."},
    )
    assert ask({}) == (400, {"error": "Name one session to keep or one to drop."})
    assert ask({"drop": "\0"})[0] == 400


def test_a_star_leads_strangers_to_the_login():
    session = SessionFactory()
    path, back = f"/e/{session.event.slug}/bookmark/", session.get_absolute_url()
    login = f"/accounts/login/?next={quote(back, safe='')}"

    plain = Client().post(path, {"keep": session.slug, "next": back})
    script = Client().post(
        path, {"keep": session.slug, "next": back}, headers={"Accept": "application/json"}
    )

    assert plain["Location"] == login
    assert (script.status_code, script.json()) == (401, {"sign_in": login})
    assert Bookmark.objects.count() == 0


def test_withdraw_and_register_need_a_token_of_ours():
    event = EventFactory()
    client = Client(enforce_csrf_checks=True)
    client.force_login(UserFactory(), backend="django.contrib.auth.backends.ModelBackend")

    assert client.post(f"/e/{event.slug}/register/").status_code == 403


def test_event_page_offers_the_right_first_step():
    event = EventFactory()
    closed = EventFactory(registration_open=False)
    over = EventFactory(starts_on=date(2020, 1, 1))
    member = TeamMemberFactory(event=event).user
    attendee = RegistrationFactory(event=event).user

    def buttons(client: Client, slug: str) -> str:
        return client.get(f"/e/{slug}/").content.decode()

    assert "Sign in to register" in buttons(Client(), event.slug)
    assert ">Register</button>" in buttons(signed_in(member), event.slug)
    assert "You are registered" in buttons(signed_in(attendee), event.slug)
    assert "Registration is closed." in buttons(Client(), closed.slug)
    assert "This event is over." in buttons(Client(), over.slug)
    assert "Sign in to register" not in buttons(Client(), over.slug)
