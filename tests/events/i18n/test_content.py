"""An event's texts in other languages: on its pages, in search, when they change."""

from __future__ import annotations

import pickle
import re
from datetime import date
from typing import Any

import pytest
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from events.caching.fragments import forget_all
from events.copying import clone_event
from events.i18n.content import ShownText
from events.models import (
    Event,
    EventTranslation,
    Session,
    SessionStatus,
    SessionTranslation,
    TrackTranslation,
)
from events.programme.reading import programme_version
from tests.events.pages import form_values
from tests.factories import (
    EventFactory,
    SessionFactory,
    SessionSpeakerFactory,
    SpeakerFactory,
    TeamMemberFactory,
    TrackFactory,
)

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]


@pytest.fixture
def event() -> Event:
    return EventFactory(
        title="Days of code", tagline="Come in", description="All of it.", language="en"
    )


@pytest.fixture
def session(event: Event) -> Session:
    """A talk in a track, with a German title and abstract; subtitle and description have none."""
    track = TrackFactory(event=event, name="Security")
    session = SessionFactory(
        event=event,
        track=track,
        title="Locks",
        subtitle="And keys",
        abstract="How locks work.",
        description="Bring one.",
    )
    SessionSpeakerFactory(session=session, speaker=SpeakerFactory(event=event, name="Ada"))
    session.translations.create(language="de", title="Schlösser", abstract="Wie sie gehen.")
    event.track_translations.create(track=track, language="de", name="Sicherheit")
    event.translations.create(language="de", title="Tage des Codes")
    return session


def page(address: str, language: str, client: Client | None = None) -> str:
    response = (client or Client()).get(address, {"lang": language, "day": "all"})
    assert response.status_code == 200
    return response.content.decode()


def element(html: str, tag: str) -> tuple[str, str]:
    """Attributes and text of the first such element."""
    found = re.search(rf"<{tag}([^>]*)>(.*?)</{tag}>", html, re.S)
    assert found
    return found[1].strip(), found[2]


def agenda_of(event: Event) -> str:
    return f"{event.get_absolute_url()}agenda/"


def team_client(event: Event) -> Client:
    client = Client()
    client.force_login(TeamMemberFactory(event=event, role="manager").user)
    return client


# --- Pages -------------------------------------------------------------------


def test_a_session_reads_in_the_readers_language_field_by_field(session):
    html = page(session.get_absolute_url(), "de")

    assert element(html, "h1") == ('dir="auto"', "Schlösser")
    assert "<title>Schlösser · Tage des Codes · " in html
    assert '<p class="lead" dir="auto" lang="en">And keys</p>' in html
    assert "<p>Wie sie gehen.</p>" in html
    assert '<section class="prose shelf" dir="auto" lang="en"><p>Bring one.</p>' in html
    assert '<span class="track">Sicherheit</span>' in html
    assert '<meta property="og:title" content="Schlösser">' in html
    assert '"name": "Schlösser"' in html


def test_other_languages_read_the_original_and_say_which_it_is(session):
    english, french = (page(session.get_absolute_url(), code) for code in ("en", "fr"))

    assert element(english, "h1") == ('dir="auto"', "Locks")
    assert element(french, "h1") == ('dir="auto" lang="en"', "Locks")
    assert "Schlösser" not in english + french


def test_event_and_home_page_read_in_the_readers_language(event, session):
    html, home = page(event.get_absolute_url(), "de"), page("/", "de")

    assert element(html, "h1") == ('dir="auto"', "Tage des Codes")
    assert '<p class="lead" dir="auto" lang="en">Come in</p>' in html
    assert '">Sicherheit</a>' in html
    assert 'dir="auto">Tage des Codes</a></h3>' in home
    assert 'dir="auto" lang="en">Come in</p>' in home


@pytest.mark.parametrize("view", ["list", "grid"])
@pytest.mark.parametrize("is_team", [False, True])
def test_the_agenda_reads_in_the_readers_language(event, session, view, is_team):
    SessionFactory(event=event, title="Untold")
    client = team_client(event) if is_team else Client()
    address = f"{agenda_of(event)}?view={view}"

    german = client.get(f"{address}&day=all&lang=de").content.decode()
    english = client.get(f"{address}&day=all&lang=en").content.decode()

    assert ("<b>Schlösser</b>" in german, '<b lang="en">Untold</b>' in german) == (True, True)
    assert ("<b>Locks</b>" in english, "<b>Untold</b>" in english) == (True, True)
    assert ("Sicherheit" in german, "Sicherheit" in english) == (True, False)


def test_speaker_and_neighbours_read_in_the_readers_language(event, session):
    beside = SessionFactory(event=event, title="Beside", location="Hall 2")
    speaker = session.speakers.get()

    html = page(speaker.get_absolute_url(), "de")
    assert '<span class="card-title">Schlösser</span>' in html
    assert '<span class="track">Sicherheit</span>' in html
    assert '<span dir="auto">Schlösser</span>' in page(beside.get_absolute_url(), "de")
    assert '<span dir="auto" lang="en">Beside</span>' in page(session.get_absolute_url(), "de")


def test_the_widget_reads_in_its_own_language(event, session):
    html = Client().get(reverse("events:widget", args=[event.slug]), {"language": "de"})

    found = html.content.decode()
    assert element(found, "h1") == ('dir="auto"', "Tage des Codes")
    assert ("Schlösser" in found, "Sicherheit" in found) == (True, True)


def test_calendars_stay_in_the_events_own_language(event, session):
    german = Client(headers={"Accept-Language": "de"})
    feed = german.get(f"{event.get_absolute_url()}agenda.ics").content.decode()

    assert ("SUMMARY:Locks" in feed, "Schlösser" in feed) == (True, False)


def test_search_finds_words_in_every_language(event, session):
    for language, word in (("en", "schlosser"), ("de", "locks"), ("fr", "sicherheit")):
        html = Client().get(agenda_of(event), {"day": "all", "lang": language, "q": word})
        assert f'id="{session.slug}"' in html.content.decode(), word


def test_a_talk_in_another_language_than_its_event_says_so(event):
    talk = SessionFactory(event=event, title="Vortrag", language="de")
    talk.translations.create(language="en", title="Talk")

    assert element(page(talk.get_absolute_url(), "en"), "h1") == ('dir="auto"', "Talk")
    assert element(page(talk.get_absolute_url(), "de"), "h1") == ('dir="auto"', "Vortrag")
    assert element(page(talk.get_absolute_url(), "fr"), "h1") == ('dir="auto" lang="de"', "Vortrag")


def test_an_event_that_says_no_language_claims_none():
    event = EventFactory(title="Days")

    assert element(page(event.get_absolute_url(), "fr"), "h1") == ('dir="auto"', "Days")


def test_translations_of_a_draft_are_for_the_team(event, session):
    session.status = SessionStatus.DRAFT
    session.save()

    stranger, team = page(agenda_of(event), "de"), page(agenda_of(event), "de", team_client(event))

    assert ("Schlösser" in stranger, "Schlösser" in team) == (False, True)
    found = Client().get(agenda_of(event), {"day": "all", "q": "schlösser"}).content.decode()
    assert f'id="{session.slug}"' not in found
    assert Client().get(session.get_absolute_url(), {"lang": "de"}).status_code == 404


# --- Changes -----------------------------------------------------------------


def test_every_change_of_a_translation_shows_at_once(event, session):
    addresses = {"session": session.get_absolute_url(), "agenda": agenda_of(event)}
    for address in addresses.values():
        page(address, "de"), page(address, "he")
    row = session.translations.get()

    row.title = "Türschlösser"
    row.save()
    shown = {name: "Türschlösser" in page(at, "de") for name, at in addresses.items()}
    assert shown == {"session": True, "agenda": True}

    SessionTranslation.objects.create(session=session, language="he", title="מנעולים")
    assert element(page(addresses["session"], "he"), "h1") == ('dir="auto"', "מנעולים")

    row.delete()
    html = page(addresses["session"], "de")
    assert element(html, "h1") == ('dir="auto" lang="en"', "Locks")


def test_the_version_says_which_languages_there_are(event, session):
    session.translations.create(language="fr", title="Serrures")
    assert programme_version(Event.objects.get(pk=event.pk)).languages == "de,fr"

    session.translations.all().delete()
    assert programme_version(Event.objects.get(pk=event.pk)).languages == "de"
    session.track.delete()
    event.translations.all().delete()
    assert programme_version(Event.objects.get(pk=event.pk)).languages == ""
    assert TrackTranslation.objects.count() == 0


def test_a_translated_event_is_deleted_whole(event, session):
    event.delete()

    rows = (EventTranslation, TrackTranslation, SessionTranslation)
    assert [model.objects.count() for model in rows] == [0, 0, 0]


def test_a_copy_has_the_same_translations(event, session):
    same = clone_event(event, title=event.title, starts_on=date(2027, 3, 1))
    other = clone_event(event, title="Another", starts_on=date(2027, 3, 1))

    for copy, title in ((same, "Tage des Codes"), (other, "")):
        talk = copy.sessions.get()
        assert copy.translations.get().title == title
        assert talk.translations.get().title == "Schlösser"
        name = copy.track_translations.get()
        assert (name.name, name.track) == ("Sicherheit", talk.track)
        assert (copy.language, programme_version(copy).languages) == ("en", "de")


# --- What it costs -----------------------------------------------------------


def queries_of(address: str, language: str) -> int:
    with CaptureQueriesContext(
        connection,
    ) as found:
        page(address, language)
    return len(found)


def cold_queries_of(address: str, language: str) -> int:
    """Without anything kept, in this process or for all of them."""
    forget_all()
    cache.clear()
    return queries_of(address, language)


def test_an_event_without_translations_costs_no_query_more(event):
    talk = SessionFactory(event=event)
    for address in (event.get_absolute_url(), agenda_of(event), talk.get_absolute_url()):
        assert cold_queries_of(address, "de") == cold_queries_of(address, "en")


def test_translations_are_one_query_for_each_version(event, session):
    address = session.get_absolute_url()
    page(address, "en")  # What a process reads once.
    assert cold_queries_of(address, "de") == cold_queries_of(address, "en") + 1
    page(address, "de")
    assert queries_of(address, "de") == 1


def test_a_shown_text_keeps_its_language_in_the_cache():
    again = pickle.loads(pickle.dumps(ShownText("Locks", "en")))

    assert (again, again.language, again.lang) == ("Locks", "en", "")


# --- What is refused ---------------------------------------------------------


def test_each_language_is_there_once(session):
    row = SessionTranslation(session=session, language="de")
    with pytest.raises(ValidationError) as refused:
        row.full_clean()
    assert refused.value.messages == ["There is a translation into this language already."]
    with pytest.raises(IntegrityError), transaction.atomic():
        row.save()


def test_an_event_is_not_translated_into_its_own_language(event):
    with pytest.raises(ValidationError) as refused:
        EventTranslation(event=event, language="en").full_clean()
    assert refused.value.message_dict == {"language": ["The event is written in this language."]}


def test_a_track_of_another_event_is_refused(event):
    row = TrackTranslation(event=event, track=TrackFactory(), language="de", name="Woanders")
    with pytest.raises(ValidationError):
        row.full_clean()
    with pytest.raises(IntegrityError), transaction.atomic():
        row.save()
        connection.check_constraints()


def test_texts_are_folded_as_the_originals_are(session):
    row = session.translations.get()
    row.title, row.abstract = "Zwei\nZeilen\x00", "Ein\x07 Absatz"
    row.save()

    row.refresh_from_db()
    assert (row.title, row.abstract) == ("Zwei Zeilen", "Ein Absatz")


# --- Admin -------------------------------------------------------------------


def form_of(client: Client, url: str) -> dict[str, Any]:
    """What a browser would send of the page's form as it is."""
    return dict(form_values(client.get(url).content.decode()))


def test_a_manager_translates_event_and_tracks(event):
    track = TrackFactory(event=event, name="Security")
    elsewhere = TrackFactory(name="Elsewhere")
    client, url = team_client(event), reverse("admin:events_event_change", args=[event.pk])
    rows = {
        "translations-TOTAL_FORMS": 1,
        "translations-0-language": "de",
        "translations-0-title": "Tage",
        "track_translations-TOTAL_FORMS": 1,
        "track_translations-0-track": track.pk,
        "track_translations-0-language": "de",
        "track_translations-0-name": "Sicherheit",
    }
    assert client.post(url, {**form_of(client, url), **rows}).status_code == 302
    assert event.translations.values_list("language", "title").get() == ("de", "Tage")
    assert event.track_translations.values_list("track", "name").get() == (track.pk, "Sicherheit")

    rows = {"track_translations-0-track": elsewhere.pk}
    assert client.post(url, {**form_of(client, url), **rows}).status_code == 200


def test_a_manager_translates_a_session_and_takes_it_back(session):
    client = team_client(session.event)
    url = reverse("admin:events_session_change", args=[session.pk])
    rows = {
        "translations-TOTAL_FORMS": 2,
        "translations-0-DELETE": "on",
        "translations-1-language": "fr",
        "translations-1-title": "Serrures",
    }

    assert client.post(url, {**form_of(client, url), **rows}).status_code == 302

    assert session.translations.values_list("language", "title").get() == ("fr", "Serrures")


def test_an_analyst_reads_translations_and_changes_none(session):
    client = Client()
    client.force_login(TeamMemberFactory(event=session.event, role="analyst").user)

    html = client.get(reverse("admin:events_session_change", args=[session.pk])).content.decode()

    assert ("Schlösser" in html, 'name="translations-0-title"' in html) == (True, False)
