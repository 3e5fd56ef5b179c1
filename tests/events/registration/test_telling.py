"""Whoever waited is told of their place, once, and only while they have it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.utils import timezone

from events.models import Event, MailState, OutgoingMail, Session, SessionPlace, User
from events.outbox.sending import send_due
from events.registration.places import give_back, register, reserve, withdraw
from events.tasks import settle_places
from tests.events.support import mail_server
from tests.events.support.mail_server import MailServer
from tests.factories import EventFactory, RegistrationFactory, SessionFactory, UserFactory

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]


@pytest.fixture
def server(settings: Any) -> Iterator[MailServer]:
    with mail_server.running() as running:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", running.port
        yield running


@pytest.fixture
def event() -> Event:
    return EventFactory(title="Tea & Cake", slug="tea", capacity=1)


def text_of(mail: Any) -> str:
    return str(mail.get_body(("plain",)).get_content())


def test_who_moves_up_at_an_event_gets_one_mail(event: Event, server: MailServer):
    ada, ben = UserFactory(), UserFactory(email="ben@example.org")
    register(ada, event)
    register(ben, event)
    withdraw(ada, event)
    settle_places()
    for _ in range(2):
        send_due(10)

    [mail] = server.accepted
    assert (mail["To"], mail["Subject"]) == ("ben@example.org", "You have a place at Tea & Cake")
    assert text_of(mail) == (
        "A place at Tea & Cake has become free, and it is yours: you are registered.\n\n"
        "6–8 May 2030\nhttp://localhost:8000/e/tea/\n\n"
        "If you cannot come after all, please give it back there: others are waiting.\n\n--\n"
        "You get this mail because you were on the waiting list of Tea & Cake.\n"
        "http://localhost:8000\n"
    )


def test_who_waits_a_second_time_is_told_a_second_time(event: Event, server: MailServer):
    ada, ben = UserFactory(), UserFactory()
    for _ in range(2):
        register(ada, event)
        register(ben, event)
        withdraw(ada, event)
        send_due(10)
        withdraw(ben, event)

    assert server.recipients == [ben.email] * 2


def test_a_place_that_was_given_back_meanwhile_is_no_news(event: Event, server: MailServer):
    ada, ben = UserFactory(), UserFactory()
    register(ada, event)
    register(ben, event)
    withdraw(ada, event)
    withdraw(ben, event)
    send_due(10)

    assert server.accepted == []
    assert OutgoingMail.objects.get().state == MailState.DROPPED


def test_places_in_several_sessions_are_one_mail(server: MailServer):
    event = EventFactory(title="Congress")
    sessions = [
        SessionFactory(event=event, capacity=1, title=title, slug=title.lower())
        for title in ("Maps", "Clocks")
    ]
    ada, ben = (RegistrationFactory(event=event).user for _ in range(2))
    for session in sessions:
        take_and_leave(session, ada, ben)
    OutgoingMail.objects.update(due_at=timezone.now())
    send_due(10)

    [mail] = server.accepted
    assert (mail["To"], mail["Subject"]) == (ben.email, "You have a place in 2 sessions")
    lines = text_of(mail).splitlines()
    for title in ("Maps", "Clocks"):
        at = lines.index(f"* {title}")
        assert lines[at + 1 : at + 3] == [
            "  Monday 6 May 2030, 11:00 CEST",
            f"  http://localhost:8000/e/{event.slug}/sessions/{title.lower()}/",
        ]
    assert SessionPlace.objects.filter(user=ben, taken_at=None).count() == 0


def take_and_leave(session: Session, first: User, second: User) -> None:
    reserve(first, session)
    reserve(second, session)
    give_back(first, session)
