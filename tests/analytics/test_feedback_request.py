"""After an event: who was there is asked once what it was like."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.core import mail as outbox
from django.test import Client

from analytics.feedback_request import ask
from analytics.tasks import ask_for_feedback
from events.feedback.giving import give_feedback
from events.models import (
    Event,
    MailState,
    NewsPreferences,
    OutgoingMail,
    Session,
    SessionSpeaker,
    User,
)
from events.news.wishes import Topic, off_token
from events.outbox.sending import send_due
from tests.analytics.privacy.conftest import attend
from tests.factories import (
    EventFactory,
    RegistrationFactory,
    SessionFactory,
    SpeakerFactory,
    UserFactory,
)

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]

# The event of the factory is from 6 to 8 May 2030 in Berlin: people are asked on the 9th at nine.
DUE = datetime(2030, 5, 9, 7, 0, tzinfo=UTC)


@pytest.fixture
def event() -> Event:
    return EventFactory(title="Days", slug="days", language="en")


@pytest.fixture
def talk(event: Event) -> Session:
    return SessionFactory(event=event, title="Maps", slug="maps")


def there(talk: Session, **about: Any) -> User:
    user = RegistrationFactory(event=talk.event, user=UserFactory(**about)).user
    attend(talk, user)
    return user


def sent(at: datetime = DUE) -> list[Any]:
    outbox.outbox.clear()
    with time_machine.travel(at, tick=False):
        ask(at)
        OutgoingMail.objects.filter(state=MailState.WAITING).update(due_at=at)
        send_due(10)
    return list(outbox.outbox)


def test_who_was_there_is_asked_once(event, talk):
    ada = there(talk, email="ada@example.org")
    RegistrationFactory(event=event)  # did not come
    attend(talk, "Guest")

    assert sent(DUE - timedelta(minutes=1)) == []
    [mail] = sent()
    assert sent(DUE + timedelta(hours=1)) == []
    assert (mail.to, mail.subject) == (["ada@example.org"], "How was Days?")
    assert "Maps\nhttp://localhost:8000/e/days/sessions/maps/feedback/\n" in mail.body
    assert off_token(ada, Topic.AFTERWARDS) in mail.extra_headers["List-Unsubscribe"]


def test_who_was_reported_later_is_asked_later_but_not_after_a_week(event, talk):
    sent()
    there(talk, email="late@example.org")
    [mail] = sent(DUE + timedelta(days=3))
    there(talk)

    assert mail.to == ["late@example.org"]
    assert sent(DUE + timedelta(days=7)) == []


@pytest.mark.parametrize(
    "change",
    [
        lambda user, talk: NewsPreferences.objects.create(user=user, afterwards=False),
        lambda user, talk: user.registrations.update(withdrawn_at=DUE),
        lambda user, talk: user.attendance.update(attended=False),
        lambda user, talk: User.objects.filter(pk=user.pk).update(is_active=False),
        lambda user, talk: Event.objects.update(takes_feedback=False),
        lambda user, talk: Event.objects.update(status="cancelled"),
        lambda user, talk: Session.objects.update(status="cancelled"),
        lambda user, talk: give_feedback(user, talk, 5, ""),
        lambda user, talk: SessionSpeaker.objects.create(
            session=talk, speaker=SpeakerFactory(event=talk.event, user=user)
        ),
    ],
    ids=[
        "does not want it",
        "gave the place back",
        "was not there",
        "closed the account",
        "no feedback wanted",
        "event cancelled",
        "session cancelled",
        "said it already",
        "was on stage",
    ],
)
def test_who_is_not_asked(event, talk, change):
    user = there(talk)
    change(user, talk)

    assert sent() == []


def test_who_says_no_after_it_was_written_gets_no_mail(event, talk):
    user = there(talk)
    ask(DUE)
    Client().post(f"/me/news/off/afterwards/{off_token(user, Topic.AFTERWARDS)}/")

    assert NewsPreferences.objects.get().afterwards is False
    assert sent() == []


def test_it_speaks_the_readers_language(event, talk):
    event.translations.create(language="de", title="Tage")
    talk.translations.create(language="de", title="Karten")
    there(talk, language="de")

    [mail] = sent()
    assert ("Tage" in mail.subject, "Karten\n" in mail.body) == (True, True)
    assert "Days" not in mail.subject + mail.body.replace("/days/", "")


def test_the_task_asks_by_the_clock(event, talk):
    there(talk)
    with time_machine.travel(DUE, tick=False):
        ask_for_feedback()

    assert OutgoingMail.objects.get().kind == "afterwards"


def test_asking_costs_the_same_for_many(event, talk, django_assert_max_num_queries):
    for _ in range(12):
        there(talk)

    with django_assert_max_num_queries(5):
        ask(DUE)

    assert OutgoingMail.objects.count() == 12
