"""Feedback after a session: who gives it, once, and who reads what of it."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from analytics.privacy.erasing import erase_person
from events.feedback.giving import OFTEN, OPEN_FOR
from events.feedback.results import GROUP
from events.models import Session, SessionFeedback, SessionStatus, TeamRole, User
from tests.factories import (
    EventFactory,
    RegistrationFactory,
    SessionFactory,
    SessionSpeakerFactory,
    SpeakerFactory,
    TeamMemberFactory,
    UserFactory,
)

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]


@pytest.fixture
def session() -> Session:
    return SessionFactory()


@pytest.fixture(autouse=True)
def after_the_end(session: Session) -> Iterator[None]:
    with time_machine.travel(session.ends_at, tick=False):
        yield


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def guest_of(session: Session) -> User:
    user: User = RegistrationFactory(event=session.event).user
    return user


def speaker_of(session: Session) -> User:
    speaker = SpeakerFactory(event=session.event, user=UserFactory())
    SessionSpeakerFactory(session=session, speaker=speaker)
    return speaker.user


def page_of(session: Session) -> str:
    return reverse("events:feedback", args=[session.event.slug, session.slug])


def send(session: Session, user: User, stars: object = 4, text: str = "", **more: str) -> Any:
    return client_of(user).post(page_of(session), {"stars": stars, "text": text, **more})


def given(session: Session) -> list[tuple[int, str]]:
    return list(session.feedback.order_by("pk").values_list("stars", "text"))


def say(session: Session, *stars: int, text: str = "") -> None:
    for number in stars:
        SessionFeedback.objects.create(
            session=session, user=guest_of(session), stars=number, text=text
        )


# --- Giving ------------------------------------------------------------------


def test_a_guest_gives_feedback_changes_it_and_takes_it_back(session):
    guest = guest_of(session)
    client = client_of(guest)
    invited = client.get(session.get_absolute_url()).content.decode()

    send(session, guest, 4, "  Good.\r\n\u0000")
    assert given(session) == [(4, "Good.")]
    page = client.get(page_of(session)).content.decode()
    assert ("Good.</textarea>" in page, 'value="4"' in page, "checked" in page) == (True,) * 3
    send(session, guest, 5, "Very good.")
    assert given(session) == [(5, "Very good.")]
    again = client.get(session.get_absolute_url()).content.decode()
    send(session, guest, do="take_back")
    assert given(session) == []

    assert ("Give feedback" in invited, "You gave 5 stars." in again) == (True, True)


def test_the_database_keeps_one_from_each_person(session):
    guest = guest_of(session)
    SessionFeedback.objects.create(session=session, user=guest, stars=1)
    with pytest.raises(IntegrityError), transaction.atomic():
        SessionFeedback.objects.create(session=session, user=guest, stars=2)
    with pytest.raises(IntegrityError), transaction.atomic():
        SessionFeedback.objects.create(session=session, user=guest_of(session), stars=6)


@pytest.mark.parametrize("stars", ["", "0", "6", "4.5", "many", "-1"])
def test_other_numbers_of_stars_are_refused(session, stars):
    response = send(session, guest_of(session), stars, "Text stays.")

    assert (response.status_code, given(session)) == (200, [])
    assert "Text stays." in response.content.decode()
    assert response.context["form"].errors["stars"]


def test_a_long_text_is_refused_in_words(session):
    response = send(session, guest_of(session), 4, "x" * 4001)

    assert response.context["form"].errors["text"] == [
        "Ensure this value has at most 4000 characters (it has 4001)."
    ]


def test_nobody_else_gives_feedback(session):
    event = session.event
    people = {
        "member": UserFactory(),
        "withdrawn": RegistrationFactory(event=event, withdrawn_at=session.starts_at).user,
        "speaker": speaker_of(session),
        "moderator": TeamMemberFactory(event=event, role="moderator").user,
    }
    for user in (people["speaker"], people["moderator"]):
        RegistrationFactory(event=event, user=user)

    pages = {name: send(session, user).content.decode() for name, user in people.items()}

    assert given(session) == []
    assert "Feedback comes from people who are registered" in pages["member"]
    assert "Feedback comes from people who are registered" in pages["withdrawn"]
    assert "People on stage and in the team do not rate" in pages["moderator"]
    answer = Client().post(page_of(session), {"stars": 4})
    assert answer["Location"].startswith("/accounts/login/")


def test_feedback_opens_with_the_end_and_closes_later(session):
    guest, answers = guest_of(session), []
    for moment in (
        session.ends_at - timedelta(seconds=1),
        session.ends_at,
        session.ends_at + OPEN_FOR - timedelta(seconds=1),
        session.ends_at + OPEN_FOR,
    ):
        with time_machine.travel(moment, tick=False):
            page = client_of(guest).get(session.get_absolute_url()).content.decode()
            send(session, guest)
            answers.append((len(given(session)), "Give feedback" in page))
            session.feedback.all().delete()

    assert answers == [(0, False), (1, True), (1, True), (0, False)]


@pytest.mark.parametrize("why", ["off", "cancelled", "draft"])
def test_some_sessions_are_not_asked_about(why):
    session = SessionFactory(
        event=EventFactory(takes_feedback=why != "off"),
        status={"cancelled": SessionStatus.CANCELLED}.get(why, SessionStatus.PUBLISHED),
    )
    guest = guest_of(session)
    if why == "draft":
        session.status = SessionStatus.DRAFT
        session.save()

    response = send(session, guest)

    assert (response.status_code, given(session)) == (404 if why == "draft" else 200, [])


def test_whoever_sends_all_the_time_is_stopped(session):
    guest = guest_of(session)
    while OFTEN.allows(guest.pk):
        pass

    send(session, guest)

    assert given(session) == []


# --- Reading -----------------------------------------------------------------


def read_by(session: Session, user: User) -> Any:
    return client_of(user).get(page_of(session)).context["results"]


def test_people_on_stage_read_an_average_and_texts_without_names(session):
    speaker = speaker_of(session)
    say(session, 5, 5, 4, 4, 3, text="Well said.")

    response = client_of(speaker).get(page_of(session))

    results = response.context["results"]
    assert (results.people, results.average, results.texts) == (5, 4.2, ("Well said.",) * 5)
    html = response.content.decode()
    for person in User.objects.filter(session_feedback__session=session):
        assert (person.name in html, person.email in html) == (False, False)


def test_nothing_is_shown_of_few_and_nothing_of_the_last_few(session):
    """Who reads after each answer must not learn what it was."""
    speaker, seen = speaker_of(session), []
    for stars in (1, 5, 5, 5, 5, 1, 1, 1, 1):
        say(session, stars, text=f"{stars} of 5")
        results = read_by(session, speaker)
        seen.append((results.people, results.average, len(results.texts)))

    assert seen == [(0, None, 0)] * (GROUP - 1) + [(5, 4.2, 5)] * 5


def test_speakers_of_other_sessions_and_guests_read_nothing(session):
    say(session, 5, 5, 5, 5, 5)
    other = SessionFactory(event=session.event)
    people = [speaker_of(other), guest_of(session), UserFactory()]

    assert [read_by(session, user) for user in people] == [None] * 3
    assert read_by(session, TeamMemberFactory(event=session.event).user).people == 5


# --- Managers ----------------------------------------------------------------


def export(client: Client, kind: str) -> Any:
    rows = [str(pk) for pk in SessionFeedback.objects.values_list("pk", flat=True)]
    form = {"action": f"export_{kind}", "_selected_action": rows}
    return client.post(reverse("admin:events_sessionfeedback_changelist"), form)


def test_managers_export_what_was_said_and_not_who(session):
    guest = guest_of(session)
    send(session, guest, 2, "=1+1")
    say(SessionFactory(title="Theirs"), 1)
    client = client_of(TeamMemberFactory(event=session.event).user)

    response = export(client, "csv")

    text = b"".join(response.streaming_content).decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert rows == [
        {
            "event": session.event.title,
            "session_id": str(session.uuid),
            "session_title": session.title,
            "scheduled_start_utc": "2030-05-06T09:00:00Z",
            "stars": "2",
            "text": "'=1+1",
            "given_on": "2030-05-06",
        }
    ]
    assert export(client, "xlsx").content.startswith(b"PK")
    page = client.get(reverse("admin:events_sessionfeedback_changelist")).content.decode()
    assert (guest.name in page, guest.email in page, "Theirs" in page) == (False,) * 3


def test_the_sessions_page_in_the_admin_counts(session):
    say(session, 4, 5, 5)
    client = client_of(TeamMemberFactory(event=session.event).user)

    html = client.get(reverse("admin:events_session_change", args=[session.pk])).content.decode()

    assert "4.7 of 5, from 3 people" in html


# --- Erasing -----------------------------------------------------------------


def test_whoever_is_erased_leaves_stars_and_no_text(session):
    guest = guest_of(session)
    send(session, guest, 3, "I am the one with the red hat.")

    erase_person(guest, None)

    assert given(session) == [(3, "")]
    assert session.feedback.get().user.name != guest.name


def test_a_session_with_opinions_can_be_deleted_by_its_planners(session):
    say(session, 5, text="Well said.")
    planner = TeamMemberFactory(event=session.event, role=TeamRole.MANAGER).user
    address = reverse("admin:events_session_delete", args=[session.pk])

    shown = client_of(planner).get(address)
    client_of(planner).post(address, {"post": "yes"})

    assert shown.status_code == 200
    assert (Session.objects.count(), SessionFeedback.objects.count()) == (0, 0)
