from __future__ import annotations

import re
from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from events.models import Session, SessionStatus, SpeakerRole
from events.registration.places import reserve
from tests.factories import (
    FIRST_START,
    EventFactory,
    RegistrationFactory,
    SessionFactory,
    SessionSpeakerFactory,
    SpeakerFactory,
    UserFactory,
)
from tests.kaltura_bridge.support.joining import linked

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]


def at(minutes: int, **fields: object) -> Session:
    return SessionFactory(starts_at=FIRST_START + timedelta(minutes=minutes), **fields)


def context_of(session: Session) -> dict[str, object]:
    return Client().get(session.get_absolute_url()).context


def test_session_page_leads_to_the_sessions_around_it():
    event = EventFactory()
    here = {"event": event, "location": "Saal 1"}
    session = at(0, **here)
    at(-200, **here)
    before, after = at(-60, **here), at(60, **here)
    at(200, **here)
    beside = at(30, event=event, location="Saal 2")
    at(-50, event=event, location="Saal 2")
    at(10, event=event, status=SessionStatus.CANCELLED)
    at(10, location="Saal 1")

    context = context_of(session)

    around = (context["previous"].pk, context["next"].pk, [each.pk for each in context["parallel"]])
    assert around == (before.pk, after.pk, [beside.pk])


def test_session_page_names_how_many_more_run_in_parallel():
    session = SessionFactory()
    for _ in range(10):
        SessionFactory(event=session.event)

    html = Client().get(session.get_absolute_url()).content.decode()

    assert "2 more in the agenda" in html


def test_session_page_asks_as_often_for_many_neighbours_as_for_few(django_assert_num_queries):
    reader = Client()
    reader.force_login(UserFactory())
    for count in (1, 6):
        session = SessionFactory()
        for _ in range(count):
            SessionFactory(event=session.event)
            SessionSpeakerFactory(session=session)
        Client().get(session.get_absolute_url())
        with django_assert_num_queries(1):
            Client().get(session.get_absolute_url())
        with django_assert_num_queries(3):
            reader.get(session.get_absolute_url())


def test_session_page_costs_four_queries_at_most_with_few_places_and_afterwards():
    event = EventFactory()
    coming, over = at(0, event=event, capacity=2), at(-200, event=event)
    linked(coming, "1_comingup")
    linked(over, recordedEntryId="1_recorded")
    outsider, first, second = RegistrationFactory.create_batch(3, event=event)
    for each in (first, second):
        reserve(each.user, coming)

    told = []
    with time_machine.travel(FIRST_START - timedelta(minutes=5), tick=False):
        for session in (coming, over):
            for reader in (None, outsider, first):
                client = Client()
                if reader:
                    client.force_login(reader.user)
                client.get(session.get_absolute_url())
                with CaptureQueriesContext(connection) as asked:
                    page = client.get(session.get_absolute_url()).content.decode()
                button = re.search(r'data-access="(\w+)"', page)
                told.append((button[1], "All of them are taken" in page, len(asked) <= 4))

    assert told == [
        ("sign_in", False, True),
        ("reserve", True, True),
        ("join", False, True),
        ("sign_in", False, True),
        ("watch", False, True),
        ("watch", False, True),
    ]


def test_session_page_shows_its_new_neighbours_at_once():
    session = at(0, location="Saal 1")
    assert context_of(session)["next"] is None

    after = at(60, event=session.event, location="Saal 1")
    assert context_of(session)["next"].title == after.title
    after.title = "Another title"
    after.save()
    assert context_of(session)["next"].title == "Another title"
    after.delete()
    assert context_of(session)["next"] is None


def test_session_page_is_there_for_a_session_newer_than_the_outline():
    session = at(0)
    context_of(session)
    late = Session(event=session.event, slug="late", title="Late", status=SessionStatus.PUBLISHED)
    late.starts_at, late.ends_at = session.starts_at, session.ends_at
    Session.objects.bulk_create([late])

    assert str(context_of(late)["day"]) == "2030-05-06"


def test_session_page_dates_a_night_talk_and_leads_back_to_its_evening():
    event = EventFactory()
    at(12 * 60, event=event)
    night = at(13 * 60 + 30, event=event)

    html = Client().get(night.get_absolute_url()).content.decode()

    assert f'agenda/?day=2030-05-06#{night.slug}">Agenda, Mon 6 May</a>' in html
    text = re.sub(r"<[^>]+>", "", html)
    assert "Tuesday 7 May 2030, 00:30–01:15 CEST" in text


def test_session_page_writes_texts_safely():
    session = SessionFactory(
        title="<b>Title</b>", abstract="<script>alert(1)</script>See https://a.example"
    )

    html = Client().get(session.get_absolute_url()).content.decode()

    assert "&lt;b&gt;Title&lt;/b&gt;" in html
    assert "alert(1)" not in html
    assert '<a href="https://a.example" rel="nofollow noopener noreferrer">' in html


def test_session_page_declares_the_language_it_knows():
    known, unknown = SessionFactory(language="de"), SessionFactory(language="klingon")

    assert 'lang="de"' in Client().get(known.get_absolute_url()).content.decode()
    assert 'lang="klingon"' not in Client().get(unknown.get_absolute_url()).content.decode()


@time_machine.travel(FIRST_START + timedelta(minutes=5), tick=False)
def test_session_page_has_one_way_in():
    session = SessionFactory()
    linked(session)
    attendee = RegistrationFactory(event=session.event).user
    client = Client()
    client.force_login(attendee, backend="django.contrib.auth.backends.ModelBackend")

    html = client.get(session.get_absolute_url()).content.decode()

    assert html.count(f'href="{session.get_absolute_url()}join/"') == 1
    assert "Join now" in html


def test_a_speaker_enters_early_without_registering():
    speaker = SpeakerFactory(user=UserFactory())
    session = SessionFactory(event=speaker.event)
    SessionSpeakerFactory(session=session, speaker=speaker)
    linked(session)
    client = Client()

    with time_machine.travel(FIRST_START - timedelta(minutes=50), tick=False):
        client.force_login(speaker.user, backend="django.contrib.auth.backends.ModelBackend")
        assert "Enter early" in client.get(session.get_absolute_url()).content.decode()


def test_speaker_page_lists_sessions_and_roles_are_named():
    appearance = SessionSpeakerFactory(role=SpeakerRole.MODERATOR)
    session, speaker = appearance.session, appearance.speaker

    assert session.title in Client().get(speaker.get_absolute_url()).content.decode()
    assert ">Moderator</span>" in Client().get(session.get_absolute_url()).content.decode()


def test_a_speaker_without_a_session_to_show_is_not_shown():
    speaker = SpeakerFactory()

    assert Client().get(speaker.get_absolute_url()).status_code == 404
