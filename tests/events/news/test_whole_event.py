"""Who is told that a whole event is cancelled, taken back, or takes place after all."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core import mail as outbox
from django.utils import timezone

from events.actions import cancel_event, publish_event, save_planned
from events.models import (
    Event,
    EventNotice,
    EventStatus,
    MailState,
    NewsPreferences,
    OutgoingMail,
    User,
    WaitingListEntry,
)
from events.news import whole_event
from events.outbox.sending import send_due
from tests.factories import (
    BookmarkFactory,
    EventFactory,
    RegistrationFactory,
    SessionFactory,
    UserFactory,
)

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]


@pytest.fixture
def event() -> Event:
    today = timezone.now().date()
    return EventFactory(title="Summit", starts_on=today, ends_on=today + timedelta(days=9))


def take_back(event: Event) -> None:
    event.status = EventStatus.DRAFT
    save_planned(event, ["status", "updated_at"])


def send() -> dict[str, str]:
    """Whom the clock writes to now, as if its time had come: subject by address."""
    outbox.outbox.clear()
    whole_event.tell_notices(timezone.now())
    OutgoingMail.objects.filter(state=MailState.WAITING).update(due_at=timezone.now())
    send_due(10)
    return {mail.to[0]: str(mail.subject) for mail in outbox.outbox}


def somebody(name: str, **fields: Any) -> User:
    return UserFactory(email=f"{name}@example.org", **fields)


def test_everybody_who_planned_to_come_is_told_once(event):
    session = SessionFactory(event=event)
    ada = RegistrationFactory(event=event, user=somebody("ada")).user
    WaitingListEntry.objects.create(event=event, user=somebody("waits"))
    for who in (ada, somebody("stars")):
        BookmarkFactory(session=session, user=who)
    RegistrationFactory(event=event, user=somebody("left"), withdrawn_at=timezone.now())
    RegistrationFactory(event=event, user=somebody("closed", is_active=False))
    off = somebody("off")
    BookmarkFactory(session=session, user=off)
    NewsPreferences.objects.create(user=off, changed=False)
    RegistrationFactory(user=somebody("elsewhere"))

    cancel_event(event)
    first, second = send(), send()

    assert first == {
        "ada@example.org": "Cancelled: Summit",
        "waits@example.org": "Cancelled: Summit",
        "stars@example.org": "Cancelled: Summit",
    }
    assert second == {}


def test_the_mail_says_what_happened_and_how_to_stop_such_mails(event):
    RegistrationFactory(event=event, user=somebody("ada"))
    BookmarkFactory(session=SessionFactory(event=event), user=somebody("stars"))
    cancel_event(event)
    send()

    by_address = {mail.to[0]: mail for mail in outbox.outbox}
    body = by_address["ada@example.org"].body
    assert body.startswith("Summit is cancelled. None of its sessions takes place.\n\n")
    assert f"http://localhost:8000/e/{event.slug}/\n\n--\n" in body
    assert "Stop these mails" not in body
    starred = by_address["stars@example.org"]
    assert "Stop these mails: http://localhost:8000/me/news/off/changed/" in starred.body
    assert starred.extra_headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


def test_a_slip_that_is_taken_back_tells_nobody_anything(event):
    RegistrationFactory(event=event)
    cancel_event(event)
    publish_event(event)

    assert send() == {}
    assert {mail.state for mail in OutgoingMail.objects.all()} == {MailState.DROPPED}


def test_who_heard_that_it_is_off_hears_that_it_is_on(event):
    RegistrationFactory(event=event, user=somebody("ada"))
    cancel_event(event)
    off = send()
    newcomer = somebody("new")
    publish_event(event)
    RegistrationFactory(event=event, user=newcomer)
    on = send()
    take_back(event)
    again = send()

    assert off == {"ada@example.org": "Cancelled: Summit"}
    assert on == {"ada@example.org": "Summit takes place after all"}
    assert again == {
        "ada@example.org": "Summit is not open any more",
        "new@example.org": "Summit is not open any more",
    }


def test_what_a_draft_is_called_by_now_is_told_to_nobody(event):
    RegistrationFactory(event=event, user=somebody("ada"))
    take_back(event)
    whole_event.tell_notices(timezone.now())
    event.title = "Secret relaunch"
    save_planned(event, ["title", "updated_at"])

    assert send() == {"ada@example.org": "Summit is not open any more"}
    [mail] = outbox.outbox
    assert "Secret" not in mail.body and event.slug not in mail.body


def test_a_new_or_copied_draft_that_opens_is_no_news(event):
    draft = EventFactory(status=EventStatus.DRAFT, starts_on=event.starts_on)
    RegistrationFactory(event=draft)
    publish_event(draft)

    assert send() == {}
    assert not EventNotice.objects.exists()


def test_an_event_that_is_over_is_no_news():
    past = EventFactory(starts_on=timezone.now().date() - timedelta(days=20))
    RegistrationFactory(event=past)
    cancel_event(past)

    assert send() == {}
    assert not OutgoingMail.objects.exists()
    assert EventNotice.objects.get().told_at


def test_other_edits_are_no_notice(event):
    event.title = "Summit 2"
    save_planned(event, ["title", "updated_at"])

    assert not EventNotice.objects.exists()
