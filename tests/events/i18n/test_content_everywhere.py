"""Wherever an event is named, it is named in the reader's language: pages, feeds, mails."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from html.parser import HTMLParser
from typing import Any, Final

import pytest
from django.core import mail as outbox
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation

from analytics.models import EventPrivacy
from events.actions import cancel_event, move_session, renew_feed
from events.agenda.mine import feed_token
from events.agenda.sharing import share, shared_address
from events.models import Event, MailState, OutgoingMail, Session, SessionPlace, User
from events.news import changed, day_ahead, soon, whole_event
from events.outbox.enqueue import enqueue_mail
from events.outbox.sending import send_due
from events.pages.preview import preview_of, text_of_event
from events.pages.social import preview_url
from events.push.sending import message_of
from events.registration.invitations import INVITATION, invitation_token
from events.registration.telling import EVENT_PLACE, SESSION_PLACE
from tests.factories import (
    BookmarkFactory,
    EventFactory,
    RegistrationFactory,
    SessionFactory,
    SessionSpeakerFactory,
    SpeakerFactory,
    TrackFactory,
    UserFactory,
)
from tests.kaltura_bridge.support.joining import linked

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]

# The event, a session and its track, another session and its track.
WORDS: Final = {
    "en": ("Days of code", "Locks", "Security", "Beside", "Harbour"),
    "de": ("Tage des Codes", "Schlösser", "Sicherheit", "Daneben", "Hafen"),
    "he": ("ימי הקוד", "מנעולים", "אבטחה", "לצד", "נמל"),
}
ENGLISH: Final = re.compile("|".join(WORDS["en"]))
SITE: Final = "http://localhost:8000"


@dataclass
class Told:
    """An English event with German and Hebrew texts, and somebody who takes part in it.

    One of its sessions is on, the other begins in nine minutes.
    """

    event: Event
    locks: Session
    beside: Session
    reader: User


@pytest.fixture
def told(settings: Any) -> Told:
    settings.KALTURA_KAF_URL = "https://101.kaf.example.org"
    now = timezone.now().replace(second=0, microsecond=0)
    event = EventFactory(
        title="Days of code",
        slug="code",
        language="en",
        timezone="UTC",
        starts_on=now.date() - timedelta(days=1),
        ends_on=now.date() + timedelta(days=3),
        main_stages=True,
    )
    locks, beside = (
        SessionFactory(
            event=event,
            title=title,
            slug=slug,
            track=TrackFactory(event=event, name=track, slug=f"track-{slug}"),
            location=f"Hall {slug}",
            starts_at=now + timedelta(minutes=minutes),
            ends_at=now + timedelta(minutes=50),
        )
        for title, slug, track, minutes in (
            ("Locks", "s1", "Security", -9),
            ("Beside", "s2", "Harbour", 9),
        )
    )
    ada = SpeakerFactory(event=event, name="Ada", slug="ada")
    reader = UserFactory(email="rea@example.org", name="Rea")
    for session in (locks, beside):
        SessionSpeakerFactory(session=session, speaker=ada)
        BookmarkFactory(user=reader, session=session)
    for language in ("de", "he"):
        translate(event, locks, beside, language)
    RegistrationFactory(event=event, user=reader)
    EventPrivacy.objects.create(event=event, asks_consent=True)
    linked(locks)
    return Told(event, locks, beside, reader)


def translate(event: Event, locks: Session, beside: Session, language: str) -> None:
    title, *texts = WORDS[language]
    event.translations.create(language=language, title=title)
    for session, (name, track) in zip((locks, beside), (texts[:2], texts[2:]), strict=True):
        session.translations.create(language=language, title=name)
        event.track_translations.create(track=session.track, language=language, name=track)


def pages_of(told: Told) -> Iterator[tuple[str, str, Client]]:
    """Each page that names the event or something in it, its query, and who opens it."""
    slug, locks = told.event.slug, told.locks
    nobody, mine, new = Client(), Client(), Client()
    mine.force_login(told.reader)
    new.force_login(UserFactory())
    invitation = told.event.invitations.create(
        email="new@example.org", expires_at=timezone.now() + timedelta(days=2)
    )
    renew_feed(told.reader, told.event)
    agenda = reverse("events:agenda", args=[slug])
    for client in (nobody, mine):
        yield "/", "", client
        yield told.event.get_absolute_url(), "", client
        yield locks.get_absolute_url(), "", client
        yield reverse("events:speaker", args=[slug, "ada"]), "", client
        yield reverse("events:changes", args=[slug]), "", client
        yield agenda, "day=all&", client
        yield agenda, "day=all&view=grid&by=track&", client
        yield agenda, "day=all&track=track-s1&", client
        yield agenda, "day=all&track=track-s1&q=nothing&", client
    yield reverse("events:invitation", args=[invitation_token(invitation)]), "", nobody
    yield shared_address(share(told.reader, told.event)).removeprefix(SITE), "", nobody
    yield reverse("events:register", args=[slug]), "", new
    yield reverse("kaltura:join", args=[slug, locks.slug]), "", new  # refused
    yield reverse("kaltura:join", args=[slug, locks.slug]), "", mine
    yield reverse("kaltura:check", args=[slug, locks.slug]), "", mine
    for track in ("track-s1", "track-s2"):
        yield reverse("kaltura:main_stage", args=[slug, track]), "", mine
    yield reverse("events:withdraw", args=[slug]), "", mine
    yield reverse("events:feedback", args=[slug, locks.slug]), "", mine
    yield reverse("events:my_agenda"), "", mine
    yield reverse("analytics:my_data"), "", mine


@pytest.mark.parametrize("language", ["de", "he"])
def test_no_page_says_in_english_what_is_translated(told: Told, language: str):
    move_session(told.beside, told.beside.starts_at + timedelta(minutes=1), told.beside.ends_at)

    for path, query, client in pages_of(told):
        text = client.get(f"{path}?{query}lang={language}").content.decode()
        assert ENGLISH.findall(text) == [], path
        assert any(word in text for word in WORDS[language]), path


def test_what_is_not_translated_says_which_language_it_is_in(told: Told):
    move_session(told.beside, told.beside.starts_at + timedelta(minutes=1), told.beside.ends_at)

    for path, query, client in pages_of(told):
        found = ShownWords()
        found.feed(client.get(f"{path}?{query}lang=fr").content.decode())
        assert found.languages == {"en"}, path


class ShownWords(HTMLParser):
    """The languages that English words of the event stand in on a page, beside its title."""

    VOID: Final = frozenset({"meta", "link", "input", "br", "img", "hr", "source"})

    def __init__(self) -> None:
        super().__init__()
        self.languages: set[str] = set()
        self._open: list[tuple[str, str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in self.VOID:
            around = self._open[-1][1] if self._open else ""
            self._open.append((tag, dict(attrs).get("lang") or around))

    def handle_endtag(self, tag: str) -> None:
        while self._open and self._open.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        tag, language = self._open[-1] if self._open else ("", "")
        if tag not in ("title", "script") and ENGLISH.search(data):
            self.languages.add(language)


def test_what_was_done_is_said_in_the_readers_language(told: Told):
    client = Client()
    client.force_login(UserFactory())
    register = reverse("events:register", args=[told.event.slug])

    german = client.post(f"{register}?lang=de", follow=True).content.decode()
    french = client.post(f"{register}?lang=fr", follow=True).content.decode()

    assert "Tage des Codes" in german and not ENGLISH.search(german)
    assert '<bdi lang="en">Days of code</bdi>' in french


def test_a_message_holds_no_markup_of_a_title(told: Told):
    told.event.title = "<b>Bold</b>"
    told.event.save()
    client = Client()
    client.force_login(UserFactory())

    register = reverse("events:register", args=[told.event.slug])
    shown = client.post(f"{register}?lang=fr", follow=True).content.decode()

    assert '<bdi lang="en">&lt;b&gt;Bold&lt;/b&gt;</bdi>' in shown


# --- Feeds and files ------------------------------------------------------------------------


def feed(name: str, *args: str, query: str = "", client: Client | None = None) -> str:
    response = (client or Client()).get(reverse(f"events:{name}", args=args) + query)
    assert response.status_code == 200
    return response.content.decode()


@pytest.mark.parametrize(
    ("name", "more"),
    [
        ("agenda_ics", ()),
        ("session_ics", ("s1",)),
        ("speaker_ics", ("ada",)),
        ("schedule_xml", ()),
        ("schedule_json", ()),
    ],
)
def test_feeds_speak_another_language_when_their_address_says_so(
    told: Told, name: str, more: tuple[str, ...]
):
    german = Client(headers={"Accept-Language": "de"})
    as_written = feed(name, "code", *more, client=german)
    translated = feed(name, "code", *more, query="?lang=de")

    assert "Locks" in as_written and "Schlösser" not in as_written
    assert "Schlösser" in translated and not ENGLISH.search(translated)
    assert feed(name, "code", *more, query="?lang=fr") == as_written


def test_pages_in_another_language_lead_to_feeds_in_it(told: Told):
    def feeds(path: str, language: str) -> list[str]:
        html = Client().get(path, {"lang": language, "day": "all"}).content.decode()
        return re.findall(r'href="[^"]*?((?:\w+\.ics|schedule\.\w+)[^"]*)"', html)

    agenda, session = reverse("events:agenda", args=["code"]), told.locks.get_absolute_url()

    names = ["agenda.ics", "schedule.xml", "schedule.json", "agenda.ics"]
    assert feeds(agenda, "fr") == names
    assert feeds(agenda, "de") == [f"{name}?lang=de" for name in names]
    assert set(feeds(session, "de")) == {"s1.ics?lang=de", "agenda.ics?lang=de"}


def test_a_personal_calendar_speaks_its_owners_language(told: Told):
    token = feed_token(renew_feed(told.reader, told.event))
    assert "SUMMARY:Locks" in feed("personal_ics", token)

    told.reader.language = "de"
    told.reader.save()

    german = feed("personal_ics", token)
    assert "SUMMARY:Schlösser" in german and "Tage des Codes" in german
    assert not ENGLISH.search(german)
    assert "SUMMARY:מנעולים" in feed("personal_ics", token, query="?lang=he")


def test_feed_of_changes_and_app_speak_the_asked_language(told: Told):
    move_session(told.beside, told.beside.starts_at + timedelta(minutes=1), told.beside.ends_at)

    changes = feed("changes_atom", "code", query="?lang=de")
    assert "<title>Daneben</title>" in changes and not ENGLISH.search(changes)
    assert json.loads(feed("app_manifest", "code", query="?lang=he"))["name"] == WORDS["he"][0]


def test_a_removed_session_is_called_what_it_was_called(told: Told):
    told.beside.delete()

    html = Client().get(reverse("events:changes", args=["code"]), {"lang": "de"}).content.decode()
    assert '<p class="change-title" dir="auto" lang="en">Beside</p>' in html


def test_the_preview_image_is_drawn_in_the_language_of_the_page(told: Told):
    pictures = {}
    for language in ("en", "de"):
        with translation.override(language):
            pictures[language] = (
                preview_of(told.event, text_of_event(told.event)),
                preview_url(told.event),
            )

    assert pictures["en"][0] != pictures["de"][0]
    assert "lang" not in pictures["en"][1]
    assert pictures["de"][1].endswith("&lang=de")


# --- Mails and notifications ----------------------------------------------------------------


def sent() -> list[str]:
    """Subject, text and HTML of each mail that leaves now, as if its time had come."""
    outbox.outbox.clear()
    OutgoingMail.objects.filter(state=MailState.WAITING).update(due_at=timezone.now())
    send_due(10)
    return ["\n".join((m.subject, m.body, m.alternatives[0][0])) for m in outbox.outbox]


@pytest.mark.parametrize("language", ["de", "he"])
def test_mails_speak_the_language_of_their_reader(told: Told, language: str):
    told.reader.language = language
    told.reader.save()
    event, now = told.event, timezone.now()
    soon.remind(now)
    move_session(told.beside, told.beside.starts_at + timedelta(minutes=1), told.beside.ends_at)
    changed.tell_changes(now)
    today = day_ahead.about(event, day_ahead.days_of(event)[told.beside.pk])
    enqueue_mail(day_ahead.DAY_AHEAD, told.reader, today, event=event)
    SessionPlace.objects.create(session=told.beside, user=told.reader, taken_at=now)
    enqueue_mail(SESSION_PLACE, told.reader, "place", event=event, session=told.beside)
    enqueue_mail(EVENT_PLACE, told.reader, "event", event=event)
    soon.remind(now)
    mails = sent()
    cancel_event(event)
    whole_event.tell_notices(now)
    mails += sent()

    assert len(mails) == 6
    for mail in mails:
        assert ENGLISH.findall(mail) == [], mail
        assert f'lang="{language}"' in mail
        assert any(word in mail for word in WORDS[language])


def test_what_changed_is_told_in_the_language_of_the_mail(told: Told):
    told.reader.language = "de"
    told.reader.save()
    move_session(told.beside, told.beside.starts_at + timedelta(minutes=1), told.beside.ends_at)
    changed.tell_changes(timezone.now())

    [mail] = sent()
    assert mail.startswith("Daneben: Verlegt von ")


def test_mails_mark_what_is_not_translated(told: Told):
    told.reader.language = "fr"
    told.reader.save()
    soon.remind(timezone.now())

    [mail] = sent()
    assert '<bdi lang="en">Beside</bdi>' in mail


def test_an_invitation_speaks_the_language_of_its_event(told: Told):
    Event.objects.filter(pk=told.event.pk).update(language="de", title="Tage des Codes")
    told.event.translations.all().delete()
    told.event.translations.create(language="he", title=WORDS["he"][0])
    invitation = told.event.invitations.create(
        email="new@example.org", expires_at=timezone.now() + timedelta(days=2)
    )
    enqueue_mail(
        INVITATION,
        invitation.email,
        f"{invitation.uuid}:{invitation.key}",
        event=told.event,
        context={"invitation": invitation.pk},
    )

    [mail] = sent()
    assert "Tage des Codes" in mail and '<html lang="de"' in mail


def test_notifications_speak_the_language_of_their_reader(told: Told):
    told.reader.language = "he"
    told.reader.save()
    move_session(told.beside, told.beside.starts_at + timedelta(minutes=1), told.beside.ends_at)
    changed.tell_changes(timezone.now())
    push = OutgoingMail.objects.select_related("user", "event").get()

    [item] = changed.CHANGED.items_for([push]).values()
    title, message = message_of(push, item)

    assert title == "לצד"
    assert "Moved" not in message.decode()
