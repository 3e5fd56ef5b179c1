"""Who starred a session hears once that there is a recording of it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core import mail as outbox
from django.test import Client
from django.utils import timezone

from events.models import (
    Event,
    MailState,
    NewsPreferences,
    OutgoingMail,
    Session,
    User,
    Visibility,
)
from events.news.recorded import NEWS_FOR, WAIT, tell_recorded
from events.news.wishes import Topic, off_token, wants
from events.outbox.sending import send_due
from events.registration.places import withdraw
from kaltura_bridge.models import Recording
from kaltura_bridge.recordings.showing import hide, publish
from tests.factories import BookmarkFactory, EventFactory, RegistrationFactory, UserFactory
from tests.kaltura_bridge.support.captioning import recorded
from tests.kaltura_bridge.support.recorded import broadcast, held_session, look, processed

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]


@pytest.fixture
def ada() -> User:
    return UserFactory(email="ada@example.org", name="Ada")


@pytest.fixture
def event() -> Event:
    return EventFactory(title="Summit", slug="summit")


def hidden(event: Event, title: str, *readers: User, **fields: Any) -> Recording:
    """A recording that nobody may watch yet, of a session that these people starred."""
    recording = recorded(published=False, event=event, title=title, **fields)
    for reader in readers:
        BookmarkFactory(user=reader, session=recording.session)
    return recording


def shown(recording: Recording) -> None:
    recording.refresh_from_db()
    assert publish(recording)


def send() -> list[Any]:
    """What leaves now, as if its time had come."""
    outbox.outbox.clear()
    OutgoingMail.objects.filter(state=MailState.WAITING).update(due_at=timezone.now())
    send_due(10)
    return list(outbox.outbox)


def test_recordings_that_are_there_together_are_told_in_one_mail(ada, event):
    maps, charts = hidden(event, "Maps", ada), hidden(event, "Charts", ada)
    hidden(event, "No star")
    for recording in (maps, charts):
        shown(recording)

    due = OutgoingMail.objects.values_list("due_at", "expires_at", "event")
    assert {each for _, each, _ in due} == {
        recording.session.ends_at + NEWS_FOR for recording in (maps, charts)
    }
    assert all(due_at > timezone.now() + WAIT / 2 for due_at, *_ in due)
    [mail] = send()
    assert (mail.to, mail.subject) == (
        ["ada@example.org"],
        "2 of your sessions at Summit can be watched again",
    )
    pages = "http://localhost:8000/e/summit/sessions"
    assert mail.body.startswith(
        f"Maps (2:00)\n{pages}/maps/\n\nCharts (2:00)\n{pages}/charts/\n\n"
    ) or mail.body.startswith(f"Charts (2:00)\n{pages}/charts/\n\nMaps (2:00)\n{pages}/maps/\n\n")
    off = f"http://localhost:8000/me/news/off/recorded/{off_token(ada, Topic.RECORDED)}/"
    assert f"Stop these mails: {off}\n" in mail.body
    assert mail.extra_headers["List-Unsubscribe"] == f"<{off}>"
    Client().post(off)
    assert not wants(ada, Topic.RECORDED)


def test_each_is_told_once_whatever_happens_to_the_recording(ada, event):
    recording = hidden(event, "Maps", ada)
    shown(recording)
    tell_recorded(recording.session)
    assert len(send()) == 1

    hide(recording)
    shown(recording)  # Again.
    late = UserFactory(email="late@example.org")
    BookmarkFactory(user=late, session=recording.session)
    Recording.objects.create(
        session=recording.session,
        entry_id="1_second",
        origin="child",
        state="ready",
        recorded_at=timezone.now(),
    )
    shown(Recording.objects.get(entry_id="1_second"))

    # Who stars what can be watched knows of it.
    assert send() == []


def test_what_is_hidden_again_is_not_told(ada, event):
    recording = hidden(event, "Maps", ada)
    shown(recording)
    hide(recording)

    assert send() == []
    assert [mail.state for mail in OutgoingMail.objects.all()] == [MailState.DROPPED]


def test_nobody_hears_who_does_not_want_to_or_may_not_know(ada, event):
    off, gone, away = UserFactory.create_batch(3)
    recording = hidden(event, "Maps", ada, off, gone, away)
    NewsPreferences.objects.create(user=off, recorded=False)
    RegistrationFactory(event=event, user=gone)
    withdraw(gone, event)
    away.is_active = False
    away.save()
    shown(recording)
    assert [mail.user for mail in OutgoingMail.objects.all()] == [ada]

    event.visibility = Visibility.INVITED  # Ada is not registered.
    event.save()
    assert send() == []


def test_old_sessions_are_no_news(ada, event):
    start = timezone.now() - NEWS_FOR - timedelta(hours=1)
    times = {"starts_at": start, "ends_at": start + timedelta(hours=1)}
    shown(hidden(event, "Maps", ada, **times))

    assert OutgoingMail.objects.count() == 0


def test_what_can_be_watched_before_the_end_is_told_after_it(ada, event):
    """A simulive's video is there all along."""
    start = timezone.now() + timedelta(hours=1)
    times = {"starts_at": start, "ends_at": start + timedelta(hours=1)}
    recording = hidden(event, "Maps", ada, **times)
    shown(recording)
    assert OutgoingMail.objects.get().due_at == recording.session.ends_at + WAIT


def test_mail_speaks_the_language_of_its_reader(ada, event):
    ada.language = "he"
    ada.save()
    shown(hidden(event, "Maps", ada))

    [mail] = send()
    html = mail.alternatives[0][0]
    assert ('lang="he"' in html, 'dir="rtl"' in html, "Maps" in html) == (True, True, True)


@pytest.mark.django_db(transaction=True)
def test_a_look_that_finds_it_ready_tells_and_the_next_does_not(simulator, ada, settings):
    settings.KALTURA_SERVER_KS_S = settings.KALTURA_KAF_KS_S = 10 * 86400
    session: Session = held_session()
    BookmarkFactory(user=ada, session=session)
    simulator.set_recording(1200)
    broadcast(simulator, session, 600)
    look(session)
    assert OutgoingMail.objects.count() == 0
    processed(simulator)
    for _ in range(2):
        look(session)

    assert [(mail.kind, mail.user) for mail in OutgoingMail.objects.all()] == [("recorded", ada)]
    [mail] = send()
    assert mail.subject == f"You can watch it again: {session.title}"
