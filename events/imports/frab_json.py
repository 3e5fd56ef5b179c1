"""frab's schedule.json, as pretalx, frab and c3voc write it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from events.imports.schedule import BrokenFile, RawRow, ScheduleDay, ScheduleFile, ScheduleHeader

PLACE = "schedule.conference"


def read(data: bytes) -> ScheduleFile:
    """Read the file. Raises BrokenFile when it is not such a file at all."""
    conference = _conference(data)
    days = [
        (ScheduleDay(_text(day.get("date")), _text(day.get("day_start"))), day)
        for day in _list(conference, "days", f"{PLACE}.days")
        if isinstance(day, dict) or _not_an_object(f"{PLACE}.days")
    ]
    rows = [
        row
        for number, (day, element) in enumerate(days)
        for row in _rows(day, element, f"days[{number}]")
    ]
    return ScheduleFile(_header(conference), [day for day, _ in days], rows)


def _conference(data: bytes) -> dict[str, Any]:
    try:
        root = json.loads(data, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        why = "it is nested too deeply" if isinstance(error, RecursionError) else str(error)
        raise BrokenFile(f"The file is not valid JSON: {why}.") from error
    schedule = root.get("schedule") if isinstance(root, dict) else None
    if not isinstance(schedule, dict):
        raise BrokenFile("The file's root has no “schedule” object: it is not a schedule.")
    conference = schedule.get("conference")
    if not isinstance(conference, dict):
        raise BrokenFile("The file has no “conference” object: it is not a schedule.")
    return conference


def _refuse_constant(word: str) -> None:
    raise ValueError(f"{word} is no JSON")


def _header(conference: dict[str, Any]) -> ScheduleHeader:
    names = ("title", "acronym", "start", "end", "time_zone_name")
    title, acronym, start, end, timezone = (_text(conference.get(name)) for name in names)
    return ScheduleHeader(title=title, acronym=acronym, start=start, end=end, timezone=timezone)


def _rows(day: ScheduleDay, element: dict[str, Any], place: str) -> Iterator[RawRow]:
    rooms = element.get("rooms", {})
    if not isinstance(rooms, dict):
        raise BrokenFile(f"{PLACE}.{place}.rooms is not an object of rooms.")
    for room in rooms:
        where = f"{place}.rooms[“{room}”]"
        for number, event in enumerate(_list(rooms, room, f"{PLACE}.{where}")):
            yield _row(day, event, room, f"{where}[{number}]")


def _row(day: ScheduleDay, event: object, room: str, where: str) -> RawRow:
    """Null counts as absent: exporters write it for what they do not know."""
    if not isinstance(event, dict):
        return RawRow(values={"row": event}, people=None, day=day, where=where)
    values = {"room": room} | {name: v for name, v in event.items() if v is not None}
    people = values.pop("persons", None)
    return RawRow(values=values, people=_people(people), day=day, where=where)


def _people(people: object) -> object:
    return [_person(p) for p in people] if isinstance(people, list) else people


def _person(person: object) -> tuple[object, object]:
    if not isinstance(person, dict):
        return "", person
    names = [person.get(key) for key in ("public_name", "name", "full_public_name")]
    ids = [person.get(key) for key in ("id", "guid", "code")]
    return next((i for i in ids if i not in (None, "")), ""), next((n for n in names if n), "")


def _list(parent: dict[str, Any], name: str, place: str) -> list[Any]:
    found = parent.get(name, [])
    if not isinstance(found, list):
        raise BrokenFile(f"{place} is not a list.")
    return found


def _not_an_object(place: str) -> bool:
    raise BrokenFile(f"{place} holds something that is not an object.")


def _text(value: object) -> str:
    return value.strip() if isinstance(value, str) else ""
