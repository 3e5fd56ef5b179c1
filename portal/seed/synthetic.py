"""A made-up event of any size, always the same for the same size. Benchmarks use it."""

from __future__ import annotations

import random
from datetime import datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from events.actions import save_planned
from events.changes import changes
from events.models import (
    Event,
    EventStatus,
    Session,
    SessionSpeaker,
    SessionStatus,
    SessionType,
    Speaker,
    Track,
)
from portal.seed.people import make_accounts, make_attendees, register_all, stable_uuid

SLUG: Final = "synthetic"
ZONE: Final = ZoneInfo("Europe/Berlin")
SEED: Final = 20260329
TRACKS: Final = ("Research", "Practice", "Society", "Tools", "Design", "Policy", "Law", "Music")
ROOMS: Final = 10
A_DAY: Final = 10  # slots of an hour, from 09:00
SUBJECTS: Final = ("Archives", "Cities", "Compilers", "Elections", "Gardens", "Maps", "Privacy")
VERBS: Final = ("Building", "Breaking", "Explaining", "Funding", "Measuring", "Rethinking")


def seed_synthetic(sessions: int, attendees: int, now: datetime) -> Event:
    """Add what is missing to an event with so many sessions and attendees. Safe to repeat.

    About half of the sessions are over, so that they can have attendance.
    """
    with changes():
        event = Event.objects.filter(slug=SLUG).first() or Event(
            slug=SLUG, uuid=stable_uuid("event", SLUG), timezone=ZONE.key
        )
        _plan_event(event, sessions, now)
        make_accounts([event])
        tracks = [_track(event, number, name) for number, name in enumerate(TRACKS)]
        people = _speakers(event, max(1, sessions // 3))
        _sessions(event, sessions, tracks, people)
        register_all(event, make_attendees(attendees, "synthetic.example"))
    return event


def _plan_event(event: Event, sessions: int, now: datetime) -> None:
    days = -(-sessions // (ROOMS * A_DAY)) or 1
    if event.pk is None:
        event.title, event.tagline = "Synthetic conference", "Made up, of any size"
        event.status = EventStatus.PUBLISHED
        event.starts_on = now.astimezone(ZONE).date() - timedelta(days=max(1, days // 2))
        event.ends_on = event.starts_on
    event.ends_on = max(event.ends_on, event.starts_on + timedelta(days=days - 1))
    save_planned(event)


def _track(event: Event, number: int, name: str) -> Track:
    found = event.tracks.filter(external_id=name).first()
    if found is None:
        uuid = stable_uuid("track", SLUG, name)
        found = Track(event=event, name=name, external_id=name, position=number, uuid=uuid)
        save_planned(found)
    return found


def _speakers(event: Event, count: int) -> list[Speaker]:
    known = {speaker.external_id: speaker for speaker in event.speakers.all()}
    for number in range(count):
        key = f"speaker-{number:05}"
        if key not in known:
            name, uuid = f"Speaker {number + 1}", stable_uuid("speaker", SLUG, key)
            known[key] = Speaker(event=event, name=name, external_id=key, uuid=uuid)
            known[key].slug = key
            save_planned(known[key], checked=True)
    return [known[key] for key in sorted(known)]


def _sessions(event: Event, count: int, tracks: list[Track], people: list[Speaker]) -> None:
    known = set(event.sessions.values_list("external_id", flat=True))
    for number in range(count):
        key = f"session-{number:05}"
        if key not in known:
            _session(event, number, key, tracks, people)


def _session(
    event: Event, number: int, key: str, tracks: list[Track], people: list[Speaker]
) -> None:
    chance = random.Random(f"{SEED}/{key}")  # noqa: S311  Alike each time is the point.
    slot, room = divmod(number, ROOMS)
    day, hour = divmod(slot, A_DAY)
    start = datetime.combine(event.starts_on + timedelta(days=day), time(9 + hour), ZONE)
    session = Session(
        event=event,
        uuid=stable_uuid("session", SLUG, key),
        external_id=key,
        slug=key,
        title=f"{chance.choice(VERBS)} {chance.choice(SUBJECTS)} {number + 1}",
        abstract="What we tried, what broke, and what we would do again.",
        session_type=SessionType.INTERACTIVE if number % 3 == 2 else SessionType.WEBCAST,
        status=SessionStatus.PUBLISHED,
        track=tracks[number % len(tracks)],
        starts_at=start,
        ends_at=start + timedelta(minutes=45),
        location=f"Room {room + 1}",
        language=chance.choice(("en", "de")),
    )
    save_planned(session)
    for position, speaker in enumerate(chance.sample(people, min(len(people), 1 + number % 2))):
        appearance = SessionSpeaker(session=session, speaker=speaker, position=position)
        save_planned(appearance, checked=True)
