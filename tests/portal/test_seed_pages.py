"""What the demo's pages show beside the programme."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from events.imports import load
from events.models import Audience, SessionFeedback, SessionMaterial, Speaker
from portal.seed.conferences import DATA, MAIN
from portal.seed.pages import BLOCKS, PARTNERS, show_pages
from portal.seed.people import make_attendees
from portal.seed.translations import CONGRESS, translate
from tests.factories import EventFactory, SessionFactory, SessionSpeakerFactory, TrackFactory

pytestmark = pytest.mark.django_db

NOW = datetime(2030, 5, 6, 12, tzinfo=UTC)


def test_the_demo_shows_everything_that_pages_have(settings: Any, tmp_path: Path):
    settings.FILES_DIR = tmp_path
    event = EventFactory()
    for hours in (-4, -2, 0, 2):
        session = SessionFactory(event=event, starts_at=NOW + timedelta(hours=hours))
        SessionSpeakerFactory(session=session)

    show_pages(event, make_attendees(20), NOW)

    html = Client().get(event.get_absolute_url()).content.decode()
    shown = [title for title, _ in BLOCKS if title in html]
    shown += [name for name, *_ in PARTNERS if name in html]
    assert len(shown) == len(BLOCKS) + len(PARTNERS)
    assert f'src="{event.picture.url}"' in html
    assert set(SessionMaterial.objects.values_list("audience", flat=True)) == {
        Audience.PUBLIC,
        Audience.AFTERWARDS,
    }
    assert not Speaker.objects.filter(event=event, picture="").exists()
    rated = SessionFeedback.objects.values_list("session__starts_at", flat=True)
    assert set(rated) == {NOW - timedelta(hours=4), NOW - timedelta(hours=2)}


def test_the_demo_speaks_german_and_hebrew_about_talks_that_it_has():
    rows = load(DATA / MAIN.file).rows
    event = EventFactory(title="31. Chaos Communication Congress", language="en")
    tracks = {row.values["track"] for row in rows if row.values["track"] != "CCC"}
    for name in tracks:
        TrackFactory(event=event, name=name)
    for key in {row.external_id for row in rows}:
        SessionFactory(event=event, external_id=key, title=f"Talk {key}", slug=f"talk-{key}"[:80])

    translate(event, CONGRESS)

    assert {row.language for row in event.translations.all()} == {"de", "he"}
    assert event.track_translations.count() == 2 * len(tracks)
    opening = event.sessions.get(external_id="29aecfd7-2e44-4f49-ab86-29b5e0877325")
    titles = {
        language: Client().get(opening.get_absolute_url(), {"lang": language}).content.decode()
        for language in ("de", "he", "fr")
    }
    assert '<h1 dir="auto">Eröffnung des 31C3</h1>' in titles["de"]
    assert '<h1 dir="auto">פתיחת הקונגרס</h1>' in titles["he"]
    assert '<h1 dir="auto" lang="en">Talk ' in titles["fr"]
