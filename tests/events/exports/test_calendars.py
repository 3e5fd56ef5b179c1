"""Calendars take every feed: by their own rules, and as two other libraries read it."""

from __future__ import annotations

import io
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

import pytest
import vobject
from dateutil.tz import tzical
from django.test import Client
from ical.calendar_stream import IcsCalendarStream

from events.actions import cancel_session
from events.exports.calendar_zones import timezones
from events.models import Event, Session
from tests.events.support.calendar_rules import broken_rules
from tests.factories import (
    EventFactory,
    SessionFactory,
    SessionSpeakerFactory,
    SpeakerFactory,
    TrackFactory,
)

pytestmark = pytest.mark.django_db

TITLES = (
    "Plain",
    "Maps; lines, and \\more\\",
    "שלום, עולם: \N{RIGHT-TO-LEFT MARK}2030",
    "Ünïcode " + "é" * 200,
    "\N{SMILING FACE WITH SUNGLASSES}" * 40,
    "BEGIN:VEVENT",
    "Said \"so\"; 'thus'",
)


@pytest.fixture
def congress() -> Event:
    """Sessions with every kind of text, over midnight, at both edges of summer time, cancelled."""
    event = EventFactory(slug="congress", title="Congress, the 1st", timezone="Europe/Berlin")
    days = (datetime(2030, 3, 30, 22, 30), datetime(2030, 10, 26, 22, 30), datetime(2030, 6, 1, 9))
    for number, title in enumerate(TITLES):
        starts_at = days[number % 3].replace(tzinfo=UTC) + timedelta(hours=number // 3)
        session = SessionFactory(
            event=event,
            title=title,
            abstract="Line one; two,\n\nthree \\n " + title * 3,
            track=TrackFactory(event=event, name=f"Art, {number}"),
            starts_at=starts_at,
            ends_at=starts_at + timedelta(minutes=90),
        )
        speaker = SpeakerFactory(event=event, name=f"Ada; {title}"[:100])
        SessionSpeakerFactory(session=session, speaker=speaker)
    cancel_session(event.sessions.order_by("pk")[0])
    return event


def feeds_of(event: Event) -> dict[str, bytes]:
    """Every calendar of an event, by its address."""
    session = event.sessions.order_by("pk")[1]
    names = [
        "agenda.ics",
        f"agenda.ics?track={event.tracks.order_by('pk')[1].slug}",
        f"sessions/{session.slug}.ics",
        f"speakers/{session.speakers.get().slug}.ics",
    ]
    return {name: Client().get(f"/e/{event.slug}/{name}").content for name in names}


def told(session: Session) -> dict[str, Any]:
    """What a calendar should know of it."""
    is_cancelled = session.status == "cancelled"
    return {
        "title": ("Cancelled: " if is_cancelled else "") + session.title,
        "starts_at": session.starts_at,
        "ends_at": session.ends_at,
        "status": "CANCELLED" if is_cancelled else "CONFIRMED",
        "sequence": 1 if is_cancelled else 0,
        "location": session.location or session.event.location or None,
        "tracks": [session.track.name],
    }


def by_vobject(body: bytes) -> dict[str, dict[str, Any]]:
    calendar = vobject.readOne(body.decode())
    return {
        entry.uid.value: {
            "title": entry.summary.value,
            "starts_at": entry.dtstart.value.astimezone(UTC),
            "ends_at": entry.dtend.value.astimezone(UTC),
            "status": entry.status.value,
            "sequence": int(entry.sequence.value),
            "location": entry.location.value if "location" in entry.contents else None,
            "tracks": entry.categories.value,
        }
        for entry in calendar.vevent_list
    }


def by_ical(body: bytes) -> dict[str, dict[str, Any]]:
    calendar = IcsCalendarStream.calendar_from_ics(body.decode())
    return {
        str(entry.uid): {
            "title": entry.summary,
            "starts_at": entry.dtstart.astimezone(UTC),
            "ends_at": entry.dtend.astimezone(UTC),
            "status": entry.status.value,
            "sequence": entry.sequence,
            "location": entry.location,
            # It takes lists apart before it reads the backslashes in them.
            "tracks": [",".join(entry.categories).replace("\\,", ",")],
        }
        for entry in calendar.events
    }


def test_every_feed_keeps_the_rules_of_calendars(congress):
    feeds = feeds_of(congress)

    broken = {name: broken_rules(body) for name, body in feeds.items()}

    assert broken == {name: [] for name in feeds}


@pytest.mark.parametrize("read", [by_vobject, by_ical])
def test_other_libraries_read_every_feed_as_it_is_meant(congress, read):
    known = {
        f"{each.uuid}@session": told(each)
        for each in congress.sessions.select_related("event", "track")
    }
    feeds = {name: read(body) for name, body in feeds_of(congress).items()}

    assert feeds["agenda.ics"] == known
    assert [len(entries) for entries in feeds.values()] == [len(TITLES), 1, 1, 1]
    for entries in feeds.values():
        assert entries == {uid: known[uid] for uid in entries}


def test_the_rules_find_what_breaks_them(congress):
    body = feeds_of(congress)["agenda.ics"]
    breaks = {
        "a zone that is not explained": (b"TZID=Europe/Berlin", b"TZID=Europe/Paris"),
        "lines that end otherwise": (b"\r\n", b"\n"),
        "a floating time": (b"DTSTART;TZID=Europe/Berlin", b"DTSTART"),
        "a cancelled entry that does not say so": (b"Cancelled: ", b""),
        "an open comma": (b"Maps\\;", b"Maps;"),
        "no stamp": (b"DTSTAMP", b"X-STAMP"),
        "a status of its own": (b"STATUS:CONFIRMED", b"STATUS:DONE"),
        "an invitation": (b"METHOD:PUBLISH", b"METHOD:REQUEST"),
        "a sequence in words": (b"SEQUENCE:0", b"SEQUENCE:zero"),
        "a control character": (b"Plain", b"Pl\x07in"),
        "half a letter": ("é".encode(), "é".encode()[:1]),
        "no name": (b"X-WR-CALNAME", b"X-NAME"),
    }
    assert all(old in body for old, _ in breaks.values())
    assert {
        name for name, (old, new) in breaks.items() if not broken_rules(body.replace(old, new))
    } == set()
    assert broken_rules(body + body) != []
    assert broken_rules(body.replace(b"\r\n ", b"")) != []


ZONES = (
    "Europe/Berlin",
    "America/New_York",
    "America/Santiago",
    "Africa/Cairo",
    "Africa/Casablanca",
    "Asia/Kolkata",
    "Australia/Lord_Howe",
    "Europe/Dublin",
    "Pacific/Auckland",
)


@pytest.mark.parametrize(
    "names",
    [
        pytest.param(ZONES, id="some zones"),
        pytest.param(sorted(available_timezones()), id="all zones", marks=pytest.mark.proof),
    ],
)
def test_written_zones_keep_the_time_all_year(names):
    """As dateutil reads them, morning and evening of two years."""
    wrong = []
    for name in names:
        (written,) = timezones([(name, 2031), (name, 2030)])
        zone, read = ZoneInfo(name), tzical(io.StringIO(written.to_ical().decode())).get()
        hours = [datetime(2030, 1, 1, 6, 30) + n * timedelta(hours=12) for n in range(2 * 729)]
        wrong += [
            (name, hour)
            for hour in hours
            if hour.replace(tzinfo=read).utcoffset() != hour.replace(tzinfo=zone).utcoffset()
        ][:1]
    assert wrong == []


def test_zones_with_a_yearly_rule_are_written_by_it():
    """Outlook reads nothing else."""
    written = {name: timezones([(name, 2030)])[0].to_ical().decode() for name in ZONES}
    ruled = {name for name, text in written.items() if text.count("RRULE") == 2}
    assert ruled == {*ZONES} - {
        "Asia/Kolkata",  # never changes
        *("America/Santiago", "Africa/Cairo", "Africa/Casablanca"),  # no rule of this kind
    }
    assert all("RDATE" not in text for text in written.values())
