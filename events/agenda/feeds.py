"""The agenda as calendars read it (RFC 5545)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

import icalendar

from events.access import status_of
from events.characters import clean_text
from events.models import Event, Session, SessionStatus
from events.text import plain_text

REFRESH = timedelta(hours=1)
PRODUCT = "-//Event portal//Agenda//EN"


def calendar_of(
    event: Event, sessions: Iterable[Session], names: dict[int, list[str]], site_url: str
) -> bytes:
    """A calendar of ``sessions``; their tracks are loaded.

    ``names`` are the speakers by session. Times carry the event's zone with its rules,
    so a calendar far away shows them right even when the rules change.
    """
    calendar = icalendar.Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("x-wr-calname", clean_text(event.title))
    calendar.add("x-wr-timezone", event.timezone)
    calendar.add("refresh-interval", REFRESH, parameters={"VALUE": "DURATION"})
    for session in sessions:
        session.event = event
        calendar.add_component(_entry(session, names.get(session.pk, []), site_url))
    calendar.add_missing_timezones()
    return bytes(calendar.to_ical())


def _entry(session: Session, names: list[str], site_url: str) -> icalendar.Event:
    event, url = session.event, site_url + session.get_absolute_url()
    entry = icalendar.Event()
    # The identity stays when a session is renamed or moved: calendars then update it.
    entry.add("uid", f"{session.uuid}@session")
    entry.add("dtstamp", session.updated_at)
    entry.add("last-modified", session.updated_at)
    entry.add("dtstart", session.starts_at.astimezone(event.zone))
    entry.add("dtend", session.ends_at.astimezone(event.zone))
    entry.add("summary", clean_text(session.title))
    entry.add("url", url)
    entry.add("description", _description(session, names, url))
    if place := session.location or event.location:
        entry.add("location", clean_text(place))
    if session.track:
        entry.add("categories", [clean_text(session.track.name)])
    cancelled = status_of(session) == SessionStatus.CANCELLED
    entry.add("status", "CANCELLED" if cancelled else "CONFIRMED")
    return entry


def _description(session: Session, names: list[str], url: str) -> str:
    parts = [", ".join(names), plain_text(session.abstract), url]
    return clean_text("\n\n".join(part for part in parts if part))
