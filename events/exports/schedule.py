"""An event's published programme, laid out as frab's schedule formats want it: by day and room.

Both formats are made of one :class:`FrabSchedule`. What the importer reads back from either is
what was exported: each talk under its own id, each person under theirs.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from events.agenda.days import NIGHT_ENDS, event_days
from events.i18n.content import EventContent, ShownText, content_in
from events.models import (
    Audience,
    Event,
    ProgrammeVersion,
    Session,
    SessionMaterial,
    SessionSpeaker,
    SessionStatus,
    Track,
)

GENERATOR = "Event portal"


@dataclass(frozen=True)
class ScheduledTalk:
    """A published session with its people, in the event's own zone."""

    session: Session
    content: EventContent
    people: tuple[SessionSpeaker, ...]
    zone: ZoneInfo
    url: str
    slug: str
    materials: tuple[SessionMaterial, ...] = ()

    @property
    def texts(self) -> dict[str, ShownText]:
        """What it says, by field, in the language of the schedule."""
        return self.content.texts(self.session)

    @property
    def track(self) -> str:
        """The name of its track; "" without one."""
        track = self.session.track
        return self.content.text(track, "name") if track else ""

    @property
    def links(self) -> list[tuple[str, str]]:
        """The addresses that stand beside it, each with what it is called."""
        return [(m.url, m.title) for m in self.materials if not m.file]

    def attachments(self, site_url: str) -> list[tuple[str, str]]:
        """The same of documents."""
        return [(site_url + m.file.url, m.title) for m in self.materials if m.file]

    @property
    def starts_at(self) -> datetime:
        return self.session.starts_at.astimezone(self.zone)

    @property
    def ends_at(self) -> datetime:
        return self.session.ends_at.astimezone(self.zone)

    @property
    def duration(self) -> str:
        """Hours and minutes, "01:30"; hours go on beyond a day."""
        minutes = whole_minutes(self.session.duration)
        return f"{minutes // 60:02}:{minutes % 60:02}"


@dataclass(frozen=True)
class ScheduledDay:
    """One day of the event, from the end of one night to the end of the next."""

    index: int
    date: date
    zone: ZoneInfo
    rooms: dict[str, list[ScheduledTalk]]

    @property
    def starts_at(self) -> datetime:
        return datetime.combine(self.date, NIGHT_ENDS, self.zone)

    @property
    def ends_at(self) -> datetime:
        last_minute = (datetime.combine(self.date, NIGHT_ENDS) - timedelta(minutes=1)).time()
        return datetime.combine(self.date + timedelta(days=1), last_minute, self.zone)


@dataclass(frozen=True)
class FrabSchedule:
    """The programme of one event."""

    event: Event
    content: EventContent
    version: str
    tracks: list[Track]
    days: list[ScheduledDay]
    base_url: str

    @property
    def acronym(self) -> str:
        return acronym_of(self.event)


def whole_minutes(duration: timedelta) -> int:
    """As schedules say how long something takes; nothing takes no time."""
    return max(1, round(duration.total_seconds() / 60))


def acronym_of(event: Event) -> str:
    """The acronym under which it was imported, or else its slug; formats allow no hyphen in it."""
    return event.external_id or event.slug.replace("-", "_").lower()


def schedule_of(event: Event, site_url: str, language: str = "") -> FrabSchedule:
    """What everybody may see of the event. Cancelled sessions take no place in a schedule.

    ``language``: in which to say what is translated; "" for all as it was written.
    """
    content = content_in(event, language)
    published = event.sessions.filter(status=SessionStatus.PUBLISHED).select_related("track")
    sessions = list(published.order_by("starts_at", "title", "pk"))
    people, materials = _people(event), _materials(event, sessions)
    zone = event.zone
    talks = [
        ScheduledTalk(
            session,
            content,
            tuple(people.get(session.pk, ())),
            zone,
            f"{site_url}/e/{event.slug}/sessions/{session.slug}/",
            f"{event.slug}-{session.slug}".lower(),
            tuple(materials.get(session.pk, ())),
        )
        for session in sessions
    ]
    version = ProgrammeVersion.objects.filter(event=event).first()
    return FrabSchedule(
        event=event,
        content=content,
        version=str(version.number if version else 1),
        tracks=list(event.tracks.all()),
        days=_days(event, talks),
        base_url=site_url,
    )


def _people(event: Event) -> dict[int, list[SessionSpeaker]]:
    rows = SessionSpeaker.objects.filter(session__event=event).select_related("speaker")
    people: dict[int, list[SessionSpeaker]] = {}
    for row in rows.order_by("position", "pk"):
        people.setdefault(row.session_id, []).append(row)
    return people


def _materials(event: Event, sessions: list[Session]) -> dict[int, list[SessionMaterial]]:
    """What is for everybody; the rest is on the page of the session, for those it is for."""
    known = {session.pk: session for session in sessions}
    rows = SessionMaterial.objects.filter(session__event=event, audience=Audience.PUBLIC)
    found: dict[int, list[SessionMaterial]] = {}
    for row in rows:
        if session := known.get(row.session_id):
            session.event, row.session = event, session
            found.setdefault(session.pk, []).append(row)
    return found


def _days(event: Event, talks: list[ScheduledTalk]) -> list[ScheduledDay]:
    """The event's days and those of its talks, each with its rooms by name."""
    by_day: dict[date, list[ScheduledTalk]] = {day: [] for day in event.days}
    dates = event_days([talk.session for talk in talks], event.zone)
    for day, talk in zip(dates, talks, strict=True):
        by_day.setdefault(day, []).append(talk)
    return [
        ScheduledDay(number, day, event.zone, _rooms(by_day[day]))
        for number, day in enumerate(sorted(by_day), start=1)
    ]


def _rooms(talks: Iterable[ScheduledTalk]) -> dict[str, list[ScheduledTalk]]:
    rooms: dict[str, list[ScheduledTalk]] = {}
    for talk in talks:
        rooms.setdefault(talk.session.location, []).append(talk)
    return dict(sorted(rooms.items()))
