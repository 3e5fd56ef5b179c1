from __future__ import annotations

from datetime import UTC, datetime

import icalendar
import pytest
from django.test import Client

from events import theme
from events.models import SessionStatus
from tests.factories import EventFactory, SessionFactory, SessionSpeakerFactory, TrackFactory

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]


def entries(body: bytes) -> list[icalendar.Event]:
    return list(icalendar.Calendar.from_ical(body).walk("VEVENT"))


def test_agenda_feed_holds_every_field_of_a_session(settings):
    settings.SITE_URL = "https://events.example.org"
    event = EventFactory(slug="congress", title="Congress", location="Hamburg")
    session = SessionFactory(
        event=event,
        title="Maps; lines, and more",
        abstract="A **bold** start.\n\nhttps://a.example",
        track=TrackFactory(event=event, name="Art, Code"),
        location="Saal 1",
        starts_at=datetime(2030, 5, 6, 9, 0, tzinfo=UTC),
        ends_at=datetime(2030, 5, 6, 9, 45, tzinfo=UTC),
    )
    SessionSpeakerFactory(session=session, speaker__name="Ada", position=1)
    SessionSpeakerFactory(session=session, speaker__name="Bob", position=0)

    response = Client().get("/e/congress/agenda.ics")

    url = f"https://events.example.org/e/congress/sessions/{session.slug}/"
    (entry,) = entries(response.content)
    assert response["Content-Type"] == "text/calendar; charset=utf-8"
    assert response["Content-Disposition"] == 'attachment; filename="congress.ics"'
    assert {
        "uid": entry["uid"],
        "summary": entry["summary"],
        "start": entry.start.isoformat(),
        "end": entry.end.isoformat(),
        "zone": entry["dtstart"].params["TZID"],
        "location": entry["location"],
        "categories": entry["categories"].cats,
        "status": entry["status"],
        "url": entry["url"],
        "description": entry["description"],
    } == {
        "uid": f"{session.uuid}@session",
        "summary": "Maps; lines, and more",
        "start": "2030-05-06T11:00:00+02:00",
        "end": "2030-05-06T11:45:00+02:00",
        "zone": "Europe/Berlin",
        "location": "Saal 1",
        "categories": ["Art, Code"],
        "status": "CONFIRMED",
        "url": url,
        "description": f"Bob, Ada\n\nA bold start.\n\nhttps://a.example\n\n{url}",
    }
    assert b"BEGIN:VTIMEZONE" in response.content


def test_cancelled_sessions_are_cancelled_in_calendars():
    session = SessionFactory(status=SessionStatus.CANCELLED)

    (entry,) = entries(Client().get(f"/e/{session.event.slug}/agenda.ics").content)

    assert entry["status"] == "CANCELLED"


def test_a_moved_session_keeps_its_identity():
    session = SessionFactory()
    path = f"/e/{session.event.slug}/sessions/{session.slug}.ics"
    (before,) = entries(Client().get(path).content)
    session.title = "Another title"
    session.save()

    (after,) = entries(Client().get(path).content)

    assert (before["uid"], str(after["summary"])) == (after["uid"], "Another title")


def test_agenda_feed_asks_as_often_for_many_as_for_one(django_assert_num_queries):
    for count in (1, 6):
        event = EventFactory()
        for _ in range(count):
            session = SessionFactory(event=event, track=TrackFactory(event=event))
            SessionSpeakerFactory(session=session)
        with django_assert_num_queries(4):
            Client().get(f"/e/{event.slug}/agenda.ics")


def test_theme_under_its_own_version_is_kept_for_good():
    track = TrackFactory(color="#aa0000")
    path = f"/e/{track.event.slug}/theme.css"
    css = theme.stylesheet(track.event)

    current = Client().get(path, {"v": theme.version(css)})
    outdated = Client().get(path, {"v": "123"})

    assert current.content.decode() == outdated.content.decode() == css
    assert current["Content-Type"] == "text/css; charset=utf-8"
    assert current["Cache-Control"] == "private, max-age=31536000, immutable"
    assert outdated["Cache-Control"] == "private, max-age=300"


def test_pages_link_the_theme_of_the_current_colours():
    track = TrackFactory(color="#aa0000")
    before = Client().get(f"/e/{track.event.slug}/").content.decode()
    track.color = "#00aa00"
    track.save()
    after = Client().get(f"/e/{track.event.slug}/").content.decode()

    link = f"/e/{track.event.slug}/theme.css?v={theme.version(theme.stylesheet(track.event))}"
    assert (link in before, link in after) == (False, True)
