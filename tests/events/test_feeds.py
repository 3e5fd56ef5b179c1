from __future__ import annotations

from datetime import UTC, datetime, timedelta
from html import escape
from urllib.parse import parse_qs, urlsplit

import icalendar
import pytest
from django.test import Client

from events import theme
from events.actions import cancel_session, move_session
from events.exports.calendar_links import calendar_links
from events.models import SessionStatus
from tests.factories import (
    EventFactory,
    SessionFactory,
    SessionSpeakerFactory,
    SpeakerFactory,
    TrackFactory,
)

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

    assert (entry["status"], entry["summary"]) == ("CANCELLED", f"Cancelled: {session.title}")


def test_calendars_learn_that_a_session_changed_by_its_sequence():
    session = SessionFactory()
    path = f"/e/{session.event.slug}/agenda.ics"

    def sequence() -> int:
        (entry,) = entries(Client().get(path).content)
        return int(entry["sequence"])

    seen = [sequence()]
    move_session(
        session, session.starts_at + timedelta(hours=1), session.ends_at + timedelta(hours=1)
    )
    seen.append(sequence())
    session.abstract = "Another."
    session.save()
    seen.append(sequence())
    cancel_session(session)
    seen.append(sequence())

    assert seen == [0, 1, 1, 2]


def test_calendar_says_how_often_to_look_again():
    lines = Client().get(f"/e/{SessionFactory().event.slug}/agenda.ics").content.splitlines()

    assert {
        b"METHOD:PUBLISH",
        b"REFRESH-INTERVAL;VALUE=DURATION:PT1H",
        b"X-PUBLISHED-TTL:PT1H",
    } <= set(lines)


def test_calendar_takes_the_filters_of_the_agenda():
    event = EventFactory(slug="congress")
    art = TrackFactory(event=event, name="Art", slug="art")
    SessionFactory(event=event, title="A", track=art, location="Saal 1")
    SessionFactory(event=event, title="B", track=art, location="Saal 2")
    SessionFactory(event=event, title="C", location="Saal 1", abstract="maps")

    def titles(**query: str) -> list[str]:
        body = Client().get("/e/congress/agenda.ics", query).content
        return sorted(str(entry["summary"]) for entry in entries(body))

    assert titles() == ["A", "B", "C"]
    assert titles(track="art") == ["A", "B"]
    assert titles(track="art", room="Saal 1") == ["A"]
    assert titles(q="Maps") == ["C"]
    page = Client().get("/e/congress/agenda/", {"track": "art", "day": "all"}).content.decode()
    assert 'href="/e/congress/agenda.ics?track=art"' in page


def test_speaker_has_a_calendar_of_their_sessions():
    appearance = SessionSpeakerFactory(speaker__name="Ada", speaker__slug="ada")
    event = appearance.session.event
    SessionFactory(event=event)
    SpeakerFactory(event=event, slug="nobody")

    (entry,) = entries(Client().get(f"/e/{event.slug}/speakers/ada.ics").content)
    missing = Client().get(f"/e/{event.slug}/speakers/nobody.ics").status_code

    assert (entry["summary"], missing) == (appearance.session.title, 404)


def test_session_page_opens_web_calendars_with_the_session_filled_in(settings):
    settings.SITE_URL = "https://events.example.org"
    session = SessionFactory(
        title="Maps & more",
        abstract="Bold.",
        location="Saal 1",
        starts_at=datetime(2030, 5, 6, 9, 0, tzinfo=UTC),
        ends_at=datetime(2030, 5, 6, 9, 45, tzinfo=UTC),
    )
    url = f"https://events.example.org{session.get_absolute_url()}"

    queries = {
        link.label: {
            name: values[0] for name, values in parse_qs(urlsplit(link.href).query).items()
        }
        for link in calendar_links(session)
    }
    page = Client().get(session.get_absolute_url()).content.decode()

    outlook = {
        "path": "/calendar/action/compose",
        "rru": "addevent",
        "subject": "Maps & more",
        "startdt": "2030-05-06T09:00:00Z",
        "enddt": "2030-05-06T09:45:00Z",
        "body": f"Bold.\n\n{url}",
        "location": "Saal 1",
    }
    assert queries == {
        "Google Calendar": {
            "action": "TEMPLATE",
            "text": "Maps & more",
            "dates": "20300506T090000Z/20300506T094500Z",
            "ctz": "Europe/Berlin",
            "details": f"Bold.\n\n{url}",
            "location": "Saal 1",
        },
        "Outlook.com": outlook,
        "Microsoft 365": outlook,
        "Yahoo": {
            "v": "60",
            "title": "Maps & more",
            "st": "20300506T090000Z",
            "et": "20300506T094500Z",
            "desc": f"Bold.\n\n{url}",
            "in_loc": "Saal 1",
        },
    }
    assert all(escape(link.href) in page for link in calendar_links(session))


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
        with django_assert_num_queries(6):
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
