"""What the demo's pages show beside the programme."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from events.models import Audience, SessionFeedback, SessionMaterial, Speaker
from portal.seed.pages import BLOCKS, PARTNERS, show_pages
from portal.seed.people import make_attendees
from tests.factories import EventFactory, SessionFactory, SessionSpeakerFactory

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
