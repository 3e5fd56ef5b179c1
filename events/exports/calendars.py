"""The agenda as calendars read it (RFC 5545)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import icalendar

from events.access import status_of
from events.characters import clean_text
from events.exports.calendar_zones import timezones
from events.i18n.content import EventContent, content_in
from events.models import Session, SessionStatus
from events.text import plain_text

REFRESH = timedelta(hours=1)
PRODUCT = "-//Event portal//Agenda//EN"
CANCELLED = "Cancelled: {}"
_END = b"END:VCALENDAR\r\n"


@dataclass(frozen=True)
class Calendar:
    """What becomes a calendar: sessions, with what their entries need.

    ``speakers`` are the names on stage and ``sequences`` the number of announced changes,
    both by session. ``zone`` is the IANA name of the zone in which the calendar is at home.
    ``language``: in which to say what is translated; "" for all as it was written.
    """

    title: str
    zone: str
    sessions: Iterable[Session]
    site_url: str
    speakers: dict[int, list[str]] = field(default_factory=dict)
    sequences: dict[int, int] = field(default_factory=dict)
    language: str = ""

    def to_ical(self) -> bytes:
        """The file; the events and tracks of its sessions are loaded.

        Times carry each event's zone with its rules, so a calendar far away shows them
        right even when the rules change.
        """
        calendar = icalendar.Calendar()
        calendar.add("prodid", PRODUCT)
        calendar.add("version", "2.0")
        calendar.add("method", "PUBLISH")
        calendar.add("x-wr-calname", clean_text(self.title))
        calendar.add("x-wr-timezone", self.zone)
        # Apple and Google read the standard's hint (RFC 7986), Outlook only its own.
        calendar.add("refresh-interval", REFRESH, parameters={"VALUE": "DURATION"})
        calendar.add("x-published-ttl", "PT1H")
        sessions = list(self.sessions)
        for part in timezones(_zones_in(sessions)):
            calendar.add_component(part)
        # An entry takes sixteen times the memory of its text: one at a time.
        entries = [bytes(self._entry(session).to_ical()) for session in sessions]
        return b"".join([bytes(calendar.to_ical()).removesuffix(_END), *entries, _END])

    def _entry(self, session: Session) -> icalendar.Event:
        event, url = session.event, self.site_url + session.get_absolute_url()
        is_cancelled = status_of(session) == SessionStatus.CANCELLED
        content = content_in(event, self.language)
        shown = content.text(session, "title")
        title = CANCELLED.format(shown) if is_cancelled else shown
        entry = icalendar.Event()
        # The identity stays when a session is renamed or moved: calendars then update it.
        entry.add("uid", f"{session.uuid}@session")
        entry.add("sequence", self.sequences.get(session.pk, 0))
        entry.add("dtstamp", session.updated_at)
        entry.add("last-modified", session.updated_at)
        entry.add("dtstart", _written_in(event.zone, session.starts_at))
        entry.add("dtend", _written_in(event.zone, session.ends_at))
        # Calendars that keep a cancelled entry show only its title.
        entry.add("summary", clean_text(title))
        entry.add("url", url)
        entry.add("description", self._description(session, content, url))
        if place := session.location or event.location:
            entry.add("location", clean_text(place))
        if session.track:
            entry.add("categories", [clean_text(content.text(session.track, "name"))])
        entry.add("status", "CANCELLED" if is_cancelled else "CONFIRMED")
        return entry

    def _description(self, session: Session, content: EventContent, url: str) -> str:
        names = ", ".join(self.speakers.get(session.pk, []))
        parts = [names, plain_text(content.text(session, "abstract")), url]
        return clean_text("\n\n".join(part for part in parts if part))


def _zones_in(sessions: Iterable[Session]) -> Iterator[tuple[str, int]]:
    """Each zone that a time is written in, with the year."""
    for session in sessions:
        for instant in (session.starts_at, session.ends_at):
            written = _written_in(session.event.zone, instant)
            if isinstance(written.tzinfo, ZoneInfo) and written.tzinfo.key != "UTC":
                yield written.tzinfo.key, written.year


def _written_in(zone: ZoneInfo, instant: datetime) -> datetime:
    """``instant`` in that zone, unless it could be taken for another there: then in UTC.

    When clocks go back an hour comes twice, and a time in it means the first
    (https://www.rfc-editor.org/rfc/rfc5545#section-3.3.5).
    """
    local = instant.astimezone(zone)
    return instant.astimezone(UTC) if local.fold else local
