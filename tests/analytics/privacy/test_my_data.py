"""People take their data along, and end it, themselves."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.apps import apps
from django.contrib.messages import get_messages
from django.test import Client

from analytics.models import ErasureReceipt, RecordingConsent
from analytics.privacy.my_data import NOT_TOLD, TABLES
from events.models import (
    NewsPreferences,
    PersonalFeed,
    SessionPlace,
    SharedAgenda,
    SignUpAnswer,
    User,
)
from tests.accessibility import violations
from tests.factories import (
    BookmarkFactory,
    EventFactory,
    RegistrationFactory,
    SessionFactory,
    UserFactory,
)


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def told(response: Any) -> list[str]:
    return [str(message) for message in get_messages(response.wsgi_request)]


@pytest.mark.django_db
def test_the_file_names_nothing_that_the_person_may_not_know_of():
    """A draft that one was registered for, and a session that was taken back."""
    draft = EventFactory(title="Secret plan", status="draft")
    session = SessionFactory(title="Taken back", status="draft", event__title="Congress")
    ada = RegistrationFactory(event=draft).user
    BookmarkFactory(session=session, user=ada)

    found = json.loads(signed_in(ada).get("/me/data/my-data.json").content)

    assert [row["event_title"] for row in found["registrations"]] == [""]
    assert [row["session_title"] for row in found["favourites"]] == [""]


@pytest.mark.django_db
def test_the_file_holds_ones_own_and_nobody_elses():
    event = EventFactory(title="Congress")
    session = SessionFactory(event=event, title="Maps", capacity=3)
    ada = UserFactory(email="ada@example.org", name="Ada", password="a-secret-of-hers")
    RegistrationFactory(event=event, user=ada)
    other = RegistrationFactory(event=event, user__name="Somebody else").user
    BookmarkFactory(session=session, user=ada)
    for person in (ada, other):
        SessionPlace.objects.create(session=session, user=person)
        question = event.questions.create(label=f"For {person.name}")
        SignUpAnswer.objects.create(question=question, user=person, value=f"by {person.name}")

    answer = signed_in(ada).get("/me/data/my-data.json")
    found = json.loads(answer.content)

    assert (answer["Content-Disposition"], answer["Cache-Control"]) == (
        'attachment; filename="my-data.json"',
        "private, no-store",
    )
    assert (found["account"][0]["email"], found["account"][0]["uuid"]) == (
        "ada@example.org",
        str(ada.uuid),
    )
    assert [row["event_title"] for row in found["registrations"]] == ["Congress"]
    assert [row["session_title"] for row in found["favourites"]] == ["Maps"]
    assert [row["session_title"] for row in found["places_in_sessions"]] == ["Maps"]
    assert [row["value"] for row in found["answers"]] == ["by Ada"]
    text = answer.content.decode()
    assert "Somebody else" not in text and ada.password not in text
    assert "session_key" not in text


@pytest.mark.django_db
def test_every_table_about_somebody_is_in_the_file_or_said_why_not():
    pointing = {
        model._meta.label
        for model in apps.get_models(include_auto_created=True)
        for field in model._meta.fields
        if not model._meta.proxy and field.name == "user" and field.related_model is User
    }
    told = {table.model._meta.label for table in TABLES if table.owner == "user"}

    assert pointing - told == set(NOT_TOLD)
    assert not told & set(NOT_TOLD)


@pytest.mark.django_db
def test_the_file_has_what_somebody_agreed_to_wants_to_be_told_and_shares():
    ada, other = UserFactory(), UserFactory()
    event = RegistrationFactory(user=ada, event__title="Congress").event
    for person in (ada, other):
        RecordingConsent.objects.create(event=event, user=person, is_given=person == ada)
        NewsPreferences.objects.create(user=person, soon=person == other)
        PersonalFeed.objects.create(user=person, event=event)
        SharedAgenda.objects.create(user=person, event=event)
    feed, shared = PersonalFeed.objects.get(user=ada), SharedAgenda.objects.get(user=ada)

    text = signed_in(ada).get("/me/data/my-data.json").content.decode()
    found = json.loads(text)

    assert [(row["event_title"], row["is_given"]) for row in found["attendance_by_name"]] == [
        ("Congress", True)
    ]
    assert found["news"] == [
        {"day_ahead": True, "soon": False, "changed": True, "recorded": True, "afterwards": True}
    ]
    assert [row["event_title"] for row in found["calendar_feeds"]] == ["Congress"]
    assert [row["event_title"] for row in found["shared_agendas"]] == ["Congress"]
    # Whoever finds the file opens neither address.
    keys = [str(key) for row in (feed, shared) for key in (row.key, row.key.hex)]
    assert not [key for key in keys if key in text]


@pytest.mark.django_db
def test_people_erase_themselves_by_typing_their_address():
    ada, client = UserFactory(email="ada@example.org"), None
    client = signed_in(ada)

    slip = client.post("/me/data/", {"address": "eve@example.org"})
    still = User.objects.filter(pk=ada.pk).exists()
    done = client.post("/me/data/", {"address": "ADA@example.org"})

    assert "This is not the address of your account." in slip.content.decode()
    assert (still, User.objects.filter(email="ada@example.org").exists()) == (True, False)
    assert (done["Location"], told(done)) == ("/", ["Your account and your data are erased."])
    assert ErasureReceipt.objects.get().by_themselves
    assert "_auth_user_id" not in client.session


@pytest.mark.django_db
def test_administrators_are_not_erased_by_a_click():
    boss = UserFactory(is_superuser=True, email="boss@example.org")

    answer = signed_in(boss).post("/me/data/", {"address": "boss@example.org"})

    assert told(answer) == [
        "Administrators cannot be erased. Take away their superuser status first."
    ]
    assert User.objects.filter(pk=boss.pk).exists()


@pytest.mark.django_db(transaction=True)
def test_the_page_is_clean_on_a_phone(page: Any, live_server: Any):
    client = signed_in(UserFactory())
    cookie = {"name": "sessionid", "value": client.cookies["sessionid"].value}
    page.context.add_cookies([{**cookie, "url": live_server.url}])
    page.set_viewport_size({"width": 360, "height": 800})
    page.goto(f"{live_server.url}/me/data/")

    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert violations(page) == []
