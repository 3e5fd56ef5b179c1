"""frab's schedule.json, version 1, as pretalx writes it and schedule apps read it.

Source: https://github.com/voc/schedule/blob/master/validator/json/schema.json
"""

from __future__ import annotations

import json
from typing import Any

from events.exports.schedule import GENERATOR, FrabSchedule, ScheduledDay, ScheduledTalk
from events.models import SessionSpeaker

SCHEMA = "https://c3voc.de/schedule/schema.json"


def to_json(schedule: FrabSchedule) -> bytes:
    """The whole document, UTF-8."""
    document = {
        "$schema": SCHEMA,
        "generator": {"name": GENERATOR, "url": schedule.base_url},
        "schedule": {
            "version": schedule.version,
            "base_url": schedule.base_url,
            "url": f"{schedule.base_url}/e/{schedule.event.slug}/agenda/",
            "conference": _conference(schedule),
        },
    }
    return json.dumps(document, ensure_ascii=False, indent=1).encode()


def _conference(schedule: FrabSchedule) -> dict[str, Any]:
    event = schedule.event
    return {
        "acronym": schedule.acronym,
        "title": schedule.content.text(event, "title"),
        "start": event.starts_on.isoformat(),
        "end": event.ends_on.isoformat(),
        "daysCount": len(schedule.days),
        "timeslot_duration": "00:05",
        "time_zone_name": event.timezone,
        "colors": {"primary": event.accent_color},
        "tracks": [
            {"name": schedule.content.text(track, "name"), "slug": track.slug, "color": track.color}
            for track in schedule.tracks
        ],
        "days": [_day(day, schedule.base_url) for day in schedule.days],
    }


def _day(day: ScheduledDay, site: str) -> dict[str, Any]:
    return {
        "index": day.index,
        "date": day.date.isoformat(),
        "day_start": day.starts_at.isoformat(),
        "day_end": day.ends_at.isoformat(),
        "rooms": {
            name: [_event(talk, site) for talk in talks] for name, talks in day.rooms.items()
        },
    }


def _event(talk: ScheduledTalk, site: str) -> dict[str, Any]:
    session, texts = talk.session, talk.texts
    return {
        "guid": session.guid,
        "id": session.pk,
        "date": talk.starts_at.isoformat(),
        "start": f"{talk.starts_at:%H:%M}",
        "duration": talk.duration,
        "room": session.location,
        "slug": talk.slug,
        "url": talk.url,
        "title": texts["title"],
        "subtitle": texts["subtitle"],
        "track": talk.track or None,
        "type": session.get_session_type_display(),
        "language": session.language,
        "abstract": texts["abstract"],
        "description": texts["description"],
        "recording_license": "",
        "do_not_record": None,
        "persons": [_person(appearance) for appearance in talk.people],
        "links": [{"url": url, "title": title} for url, title in talk.links],
        "attachments": [{"url": url, "title": title} for url, title in talk.attachments(site)],
    }


def _person(appearance: SessionSpeaker) -> dict[str, str]:
    """Both spellings of the name: apps read the older, the schema wants the newer."""
    speaker = appearance.speaker
    return {"guid": speaker.guid, "name": speaker.name, "public_name": speaker.name}
