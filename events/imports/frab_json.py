"""frab's schedule.json, as pretalx, frab and c3voc write it, in its versions 1 and 2."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from events.characters import clean_line
from events.imports.schedule import (
    TRANSLATED,
    BrokenFile,
    FoundPerson,
    RawRow,
    ScheduleDay,
    ScheduleFile,
    ScheduleHeader,
)

PLACE = "schedule.conference"


def read(data: bytes) -> ScheduleFile:
    """Read the file. Raises BrokenFile when it is not such a file at all."""
    schedule = _schedule(data)
    conference = schedule["conference"]
    days = [
        (_day(day), day)
        for day in _list(conference, "days", f"{PLACE}.days")
        if isinstance(day, dict) or _not_an_object(f"{PLACE}.days")
    ]
    rows = (
        _flat_rows(schedule)
        if _is_version_2(schedule)
        else [
            row
            for number, (day, element) in enumerate(days)
            for row in _rows(day, element, f"days[{number}]")
        ]
    )
    return ScheduleFile(_header(schedule), [day for day, _ in days], rows)


def _day(day: dict[str, Any]) -> ScheduleDay:
    """Version 1 calls the ends of a day ``day_start`` and ``day_end``, version 2 as they are."""
    start, end = (
        _text(day.get(f"day_{name}")) or _text(day.get(name)) for name in ("start", "end")
    )
    return ScheduleDay(_text(day.get("date")), start, end)


def _is_version_2(schedule: dict[str, Any]) -> bool:
    """Version 2 lists the talks beside the conference instead of in days and rooms."""
    return isinstance(schedule.get("events"), list)


def _flat_rows(schedule: dict[str, Any]) -> list[RawRow]:
    """The talks of version 2, as version 1 has them."""
    tracks, rooms = (_names(schedule["conference"], kind) for kind in ("tracks", "rooms"))
    pictures = _pictures(schedule.get("persons"))
    rows = []
    for number, event in enumerate(schedule["events"]):
        if isinstance(event, dict):
            event = _as_version_1(event, tracks, rooms)
            event["persons"] = _with_pictures(event["persons"], pictures)
        rows.append(_row(ScheduleDay("", ""), event, None, f"events[{number}]"))
    return rows


def _as_version_1(
    event: dict[str, Any], tracks: dict[str, str], rooms: dict[str, str]
) -> dict[str, Any]:
    """``start`` is an instant, as ``date`` was; tracks and rooms are references.

    Source: https://github.com/voc/schedule/blob/master/validator/json/schema2.json
    """
    found = {name: event.get(name) for name in TRANSLATED}
    texts = {name: _translated(text, event.get("language")) for name, text in found.items()}
    people = event.get("persons")
    return {
        **event,
        **texts,
        "translations": _other_languages(found, texts),
        "date": event.get("start") or event.get("date"),
        "start": None,
        "track": _named(event.get("track"), tracks),
        "room": _named(event.get("room"), rooms),
        "persons": event.get("participants") if people is None else people,
    }


def _pictures(persons: object) -> dict[str, object]:
    """Pictures of the people that version 2 lists by themselves, by their ids."""
    found = persons if isinstance(persons, list) else []
    people = [person for person in found if isinstance(person, dict)]
    return {p["guid"]: _picture(p) for p in people if isinstance(p.get("guid"), str)}


def _with_pictures(people: object, pictures: dict[str, object]) -> object:
    if not isinstance(people, list):
        return people
    return [
        {"avatar": pictures.get(str(person.get("guid"))), **person}
        if isinstance(person, dict)
        else person
        for person in people
    ]


def _names(conference: dict[str, Any], kind: str) -> dict[str, str]:
    """The names of the conference's tracks or rooms by what events call them."""
    found = conference.get(kind)
    things = (
        [thing for thing in found if isinstance(thing, dict)] if isinstance(found, list) else []
    )
    return {
        thing[key]: thing["name"]
        for key in ("slug", "guid")
        for thing in things
        if isinstance(thing.get(key), str) and isinstance(thing.get("name"), str)
    }


def _named(reference: object, names: dict[str, str]) -> object:
    """A name for a reference; one that leads nowhere stays as it is, to be warned about."""
    if isinstance(reference, str):
        return names.get(reference, reference)
    if not isinstance(reference, dict):
        return reference
    keys = [reference.get(key) for key in ("guid", "slug")]
    known = (names[key] for key in keys if isinstance(key, str) and key in names)
    return reference.get("name") or next(known, reference)


def _translated(text: object, language: object) -> object:
    """Of a text in several languages, the one of the talk, or English, or the first."""
    if not isinstance(text, dict) or not all(isinstance(t, str | None) for t in text.values()):
        return text
    wanted = [language if isinstance(language, str) else "", "en", *text]
    return next((text[name] for name in wanted if text.get(name)), None)


def _other_languages(
    found: dict[str, object], taken: dict[str, object]
) -> dict[str, dict[str, object]]:
    """By language, the texts that are in several and that were not taken as the talk's own."""
    translations: dict[str, dict[str, object]] = {}
    for name, text in found.items():
        for language, words in text.items() if isinstance(text, dict) else ():
            if words and words != taken[name] and taken[name] is not text:
                translations.setdefault(language, {})[name] = words
    return translations


def _schedule(data: bytes) -> dict[str, Any]:
    """The file's ``schedule``, which has a ``conference``."""
    try:
        root = json.loads(data, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        why = "it is nested too deeply" if isinstance(error, RecursionError) else str(error)
        raise BrokenFile(f"The file is not valid JSON: {why}.") from error
    schedule = root.get("schedule") if isinstance(root, dict) else None
    if not isinstance(schedule, dict):
        raise BrokenFile("The file's root has no “schedule” object: it is not a schedule.")
    if not isinstance(schedule.get("conference"), dict):
        raise BrokenFile("The file has no “conference” object: it is not a schedule.")
    return schedule


def _refuse_constant(word: str) -> None:
    raise ValueError(f"{word} is no JSON")


def _header(schedule: dict[str, Any]) -> ScheduleHeader:
    conference = schedule["conference"]
    names = ("title", "acronym", "start", "end", "time_zone_name", "day_change")
    values = [_translated(conference.get(name), "") for name in names]
    base = conference.get("base_url") or schedule.get("base_url")
    return ScheduleHeader(*(_text(value) for value in (*values, base)))


def _rows(day: ScheduleDay, element: dict[str, Any], place: str) -> Iterator[RawRow]:
    rooms = element.get("rooms", {})
    if not isinstance(rooms, dict):
        raise BrokenFile(f"{PLACE}.{place}.rooms is not an object of rooms.")
    for room in rooms:
        where = f"{place}.rooms[“{room}”]"
        for number, event in enumerate(_list(rooms, room, f"{PLACE}.{where}")):
            yield _row(day, event, room, f"{where}[{number}]")


def _row(day: ScheduleDay, event: object, room: str | None, where: str) -> RawRow:
    """Null counts as absent: exporters write it for what they do not know."""
    if not isinstance(event, dict):
        return RawRow(values={"row": event}, people=None, day=day, where=where)
    values = {"room": room} | event
    values = {name: value for name, value in values.items() if value is not None}
    people, texts = values.pop("persons", None), values.pop("translations", None)
    return RawRow(
        values=values,
        people=_people(people),
        day=day,
        where=where,
        links=tuple(_links(event)),
        translations=texts if isinstance(texts, dict) else {},
    )


def _links(event: dict[str, Any]) -> Iterator[tuple[object, object]]:
    """Its links and documents; those that are no objects are nobody's loss."""
    for name in ("links", "attachments"):
        found = event.get(name)
        for link in found if isinstance(found, list) else ():
            if isinstance(link, dict):
                yield link.get("url"), link.get("title")


def _people(people: object) -> object:
    return [_person(p) for p in people] if isinstance(people, list) else people


def _person(person: object) -> FoundPerson:
    if not isinstance(person, dict):
        return (), person, None
    names = [person.get(key) for key in ("public_name", "name", "full_public_name")]
    keys = tuple(person[key] for key in ("guid", "code", "id") if person.get(key) is not None)
    return keys, next((n for n in names if n), ""), _picture(person)


def _picture(person: dict[str, Any]) -> object:
    """An address, or an object with one; pretalx calls it ``avatar_url`` as well."""
    found = person.get("avatar") or person.get("avatar_url")
    return found.get("url") if isinstance(found, dict) else found


def _list(parent: dict[str, Any], name: str, place: str) -> list[Any]:
    found = parent.get(name, [])
    if not isinstance(found, list):
        raise BrokenFile(f"{place} is not a list.")
    return found


def _not_an_object(place: str) -> bool:
    raise BrokenFile(f"{place} holds something that is not an object.")


def _text(value: object) -> str:
    return clean_line(value) if isinstance(value, str) else ""
