"""A made-up conference of any size, with texts as long as those of real ones."""

from __future__ import annotations

import random
from typing import Any

WORDS = "networks systems people archives gardens cities protocols radio data privacy music".split()
ROOMS, A_DAY = 10, 10


def big_schedule(talks: int) -> dict[str, Any]:
    """A schedule.json of so many talks, each with one or two of almost as many people."""
    chance = random.Random(talks)
    per_day = ROOMS * A_DAY
    days = [
        _day(chance, number, range(first, min(first + per_day, talks)), talks)
        for number, first in enumerate(range(0, talks, per_day))
    ]
    about = {"acronym": "big", "title": "The Big Conf", "time_zone_name": "Europe/Berlin"}
    return {"schedule": {"version": "1.0", "conference": {**about, "days": days}}}


def _day(chance: random.Random, number: int, talks: range, people: int) -> dict[str, Any]:
    date = f"2026-{1 + number // 28:02}-{1 + number % 28:02}"
    rooms: dict[str, list[Any]] = {}
    for talk in talks:
        room, hour = talk % ROOMS, 9 + talk // ROOMS % A_DAY
        rooms.setdefault(f"Room {room}", []).append(_talk(chance, talk, date, hour, people))
    return {"index": number + 1, "date": date, "rooms": rooms}


def _talk(chance: random.Random, number: int, date: str, hour: int, people: int) -> dict[str, Any]:
    return {
        "id": number + 1,
        "guid": f"10000000-0000-4000-8000-{number:012}",
        "date": f"{date}T{hour:02}:00:00+{'02' if '-04' < date[4:7] < '-10' else '01'}:00",
        "duration": "00:45",
        "title": f"{_text(chance, 4)} {number}",
        "subtitle": "",
        "track": f"Track {number % 12}",
        "type": "Talk",
        "language": "en",
        "abstract": _text(chance, 60),
        "description": _text(chance, 250),
        "persons": [_person(chance, chance.randrange(people)) for _ in range(1 + number % 2)],
        "links": [],
        "attachments": [],
        "answers": [],
    }


def _person(chance: random.Random, number: int) -> dict[str, Any]:
    return {
        "id": number + 1,
        "guid": f"00000000-0000-4000-8000-{number:012}",
        "public_name": f"Person {number}",
        "biography": _text(chance, 40),
    }


def _text(chance: random.Random, words: int) -> str:
    return " ".join(chance.choices(WORDS, k=words)).capitalize()
