"""Registrations that wait for approval; cancelled and moved by the team, each with a mail."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.core import mail
from django.db import connection
from django.test import Client
from django.urls import reverse

from events.actions import NotAllowed
from events.desk.needs import needs_of
from events.models import (
    Event,
    Registration,
    RegistrationRequest,
    RequestState,
    User,
    Visibility,
    WaitingListEntry,
)
from events.outbox.sending import send_due
from events.registration.approval import (
    cancel_registrations,
    decide_requests,
    move_registrations,
)
from events.registration.places import register, withdraw
from tests.factories import (
    EventFactory,
    RegistrationFactory,
    TeamMemberFactory,
    UserFactory,
)

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]


@pytest.fixture
def event() -> Event:
    return EventFactory(title="Board day", slug="board", registration_needs_approval=True)


@pytest.fixture
def manager(event: Event) -> User:
    user: User = TeamMemberFactory(event=event).user
    return user


@pytest.fixture
def ada() -> User:
    return UserFactory(email="ada@example.org", name="Ada")


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def told(response: Any) -> list[str]:
    return [str(message) for message in get_messages(response.wsgi_request)]


def here(event: Event) -> set[User]:
    return {r.user for r in event.registrations.filter(withdrawn_at=None)}


def letters() -> list[tuple[str, str]]:
    """To whom, and the subject, of all that is due."""
    mail.outbox.clear()
    send_due(10)
    return sorted((letter.to[0], letter.subject) for letter in mail.outbox)


def asked(event: Event, *people: User) -> list[int]:
    return [register(user, event).pk for user in people]


def page(event: Event) -> str:
    return reverse("admin:events_event_coming", args=[event.pk])


# --- Asking ---------------------------------------------------------------------------------------


def test_whoever_registers_asks_and_has_no_place_until_somebody_approves(event, manager, ada):
    client = signed_in(ada)
    before = client.get("/e/board/").content.decode()
    done = client.post("/e/board/register/")
    after = client.get("/e/board/").content.decode()
    taken = here(event)
    needs = [(need.text, need.url) for need in needs_of(manager)]
    approved = signed_in(manager).post(
        page(event), {"person": RegistrationRequest.objects.get().pk, "approve": "1", "word": "Hi!"}
    )
    sent = letters()

    assert ("Ask for a place" in before, "You asked for a place" in after) == (True, True)
    assert told(done) == [
        "The organisers of Board day look at your registration; you get a mail then."
    ]
    assert (taken, needs) == (set(), [("1 person waits for approval", page(event))])
    assert told(approved) == ["1 person is registered."]
    assert (here(event), list(needs_of(manager))) == ({ada}, [])
    assert sent == [("ada@example.org", "You are registered for Board day")]
    assert "Hi!" in mail.outbox[0].body


def test_what_was_declined_stays_declined_and_is_said_with_a_word(event, manager, ada):
    [pk] = asked(event, ada)
    decided = decide_requests(event, [pk], False, manager, "Too few seats.")
    sent = letters()
    again = signed_in(ada).post("/e/board/register/")

    assert (decided.declined, here(event)) == (1, set())
    assert sent == [("ada@example.org", "You cannot take part in Board day")]
    assert "Too few seats." in mail.outbox[0].body
    assert told(again) == [
        "The organisers have declined your registration. Ask them if that surprises you."
    ]
    assert decide_requests(event, [pk], True, manager).left == 1


def test_places_and_the_line_count_as_before(event, manager):
    event.capacity = 1
    event.save()
    people = [UserFactory() for _ in range(3)]
    pks = asked(event, *people)
    decided = decide_requests(event, pks[:2], True, manager)
    withdraw(people[0], event)

    assert (decided.registered, decided.in_line) == (1, 1)
    # Who is in line moves up; who only asked does not.
    assert here(event) == {people[1]}
    assert RegistrationRequest.objects.get(user=people[2]).state == RequestState.WAITING


def test_who_gives_up_is_not_let_in_and_may_ask_again(event, manager, ada):
    [pk] = asked(event, ada)
    left = signed_in(ada).post("/e/board/withdraw/")
    decided = decide_requests(event, [pk], True, manager)
    [again] = asked(event, ada)
    decide_requests(event, [again], True, manager)
    withdraw(ada, event)
    third = register(ada, event)

    assert (told(left), decided.registered) == (
        ["You are no longer on the waiting list of Board day."],
        0,
    )
    assert isinstance(third, RegistrationRequest)
    assert (third.state, here(event)) == (RequestState.WAITING, set())


def test_who_is_invited_comes_in_without_and_the_request_is_settled(event, ada):
    asked(event, ada)
    register(ada, event, is_invited=True)

    assert here(event) == {ada}
    assert RegistrationRequest.objects.get().state == RequestState.APPROVED


def test_asking_opens_nothing(ada):
    event = EventFactory(
        slug="members", visibility=Visibility.REGISTERED, registration_needs_approval=True
    )
    asked(event, ada)

    assert "sees the programme" not in signed_in(ada).get("/e/members/").content.decode()
    assert signed_in(ada).get("/e/members/schedule.json").status_code == 404


def test_a_place_given_back_meanwhile_is_not_written_about(event, manager, ada):
    decide_requests(event, asked(event, ada), True, manager)
    withdraw(ada, event)

    assert letters() == []


@pytest.mark.django_db(transaction=True)
def test_two_who_decide_at_once_let_nobody_in_twice_or_over_the_limit(event, manager):
    event.capacity = 2
    event.save()
    pks = asked(event, *(UserFactory() for _ in range(4)))
    start = threading.Barrier(2)

    def approve(_: int) -> tuple[int, int, int]:
        start.wait(timeout=20)
        try:
            decided = decide_requests(event, pks, True, manager)
        finally:
            connection.close()
        return decided.registered, decided.in_line, decided.left

    with ThreadPoolExecutor(2) as pool:
        answers = sorted(pool.map(approve, range(2)))

    assert answers == [(0, 0, 4), (2, 2, 0)]
    assert (len(here(event)), event.waiting_list.count()) == (2, 2)


# --- Cancelled and moved --------------------------------------------------------------------------


def test_registrations_are_cancelled_with_a_mail_and_who_waits_moves_up(event, manager):
    event.capacity = 1
    event.save()
    out, waits = UserFactory(email="out@example.org"), UserFactory(email="waits@example.org")
    registration = RegistrationFactory(event=event, user=out)
    WaitingListEntry.objects.create(event=event, user=waits)
    url = f"{page(event)}?registration={registration.pk}"

    shown = signed_in(manager).get(url).content.decode()
    done = signed_in(manager).post(url, {"person": registration.pk, "cancel": "1", "word": "Sorry"})
    twice = cancel_registrations(event, [registration.pk])

    assert "out@example.org" in shown
    assert told(done) == ["1 registration cancelled."]
    assert (here(event), twice.left) == ({waits}, 1)
    assert letters() == [
        ("out@example.org", "Your registration for Board day is cancelled"),
        ("waits@example.org", "You have a place at Board day"),
    ]


def test_registrations_are_moved_to_another_event_of_the_team(event, manager):
    other = EventFactory(title="Next day", capacity=1, registration_open=False)
    TeamMemberFactory(event=other, user=manager)
    people = [UserFactory(email=f"p{number}@example.org") for number in range(2)]
    pks = [RegistrationFactory(event=event, user=user).pk for user in people]
    url = f"{page(event)}?registration={pks[0]},{pks[1]}"

    done = signed_in(manager).post(url, {"person": pks, "move": "1", "to": other.pk, "word": ""})

    assert told(done) == [
        "Next day: 1 person is registered.",
        "Next day: All places are taken: 1 person is on the waiting list.",
    ]
    assert (here(event), here(other)) == (set(), {people[0]})
    assert [entry.user for entry in other.waiting_list.all()] == [people[1]]
    assert letters() == [
        ("p0@example.org", "Next day instead of Board day"),
        ("p1@example.org", "Next day instead of Board day"),
    ]


def test_nobody_is_moved_to_an_event_of_others_or_one_that_is_not_open(event, manager):
    registration = RegistrationFactory(event=event)
    theirs, draft = EventFactory(title="Theirs"), EventFactory(status="draft")
    TeamMemberFactory(event=draft, user=manager)
    url = f"{page(event)}?registration={registration.pk}"
    client = signed_in(manager)

    answers = [
        client.post(url, {"person": registration.pk, "move": "1", "to": to.pk})
        for to in (theirs, draft)
    ]
    with pytest.raises(NotAllowed, match="publish it first"):
        move_registrations(event, [registration.pk], draft)

    assert ["Select a valid choice" in a.content.decode() for a in answers] == [True, True]
    assert "Theirs" not in client.get(url).content.decode()
    assert Registration.objects.get().is_active


def test_people_of_other_events_are_left_alone(event, manager):
    elsewhere = RegistrationFactory()
    request = RegistrationRequest.objects.create(
        event=EventFactory(registration_needs_approval=True), user=UserFactory()
    )
    client = signed_in(manager)

    client.post(page(event), {"person": elsewhere.pk, "cancel": "1"})
    client.post(page(event), {"person": request.pk, "approve": "1"})
    shown = client.get(f"{page(event)}?registration={elsewhere.pk}").content.decode()

    assert elsewhere.user.email not in shown
    assert Registration.objects.get().is_active
    assert RegistrationRequest.objects.get().state == RequestState.WAITING
