"""One row of a schedule file -> one typed talk, or the field that does not parse."""

from __future__ import annotations

import re
from collections import Counter
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from events.imports.schedule import (
    Agenda,
    BadField,
    BrokenFile,
    RawRow,
    RejectedTalk,
    ScheduleFile,
    SchedulePerson,
    Talk,
)

# HH:MM, and D:HH:MM for what lasts longer than a day. 01:00:00 is left out: it may
# mean a day or an hour.
DURATION = re.compile(r"(?:(?P<days>[1-9]\d?):)?(?P<hours>\d{1,3}):(?P<minutes>[0-5]\d)")
CLOCK = re.compile(r"(?P<hours>[01]?\d|2[0-3]):(?P<minutes>[0-5]\d)(?::[0-5]\d)?")
YEARS = range(1970, 2200)


def agenda_of(file: ScheduleFile, zone: ZoneInfo) -> Agenda:
    """Judge every row of the file; times without an offset are the zone's wall clock.

    Raises BrokenFile when two rows claim the same id, or when there is no row.
    """
    if not file.rows:
        raise BrokenFile("The file has no talks in it.")
    counts = Counter(row.external_id for row in file.rows if row.external_id)
    if twice := [known for known, count in counts.items() if count > 1]:
        raise BrokenFile(
            f"Two talks have the same id {_quoted(twice[0])}, so nobody can tell which is meant."
        )
    agenda = Agenda(file.header, file.days)
    for row in file.rows:
        try:
            agenda.talks.append(talk_of(row, zone))
        except BadField as bad:
            agenda.rejected.append(RejectedTalk(row.name, bad.name, bad.reason, row.external_id))
    return agenda


def talk_of(row: RawRow, zone: ZoneInfo) -> Talk:
    """Raises BadField naming the field and what is wrong with it."""
    if "row" in row.values:
        raise BadField("row", "is not an object with the talk's fields.")
    external_id = _external_id(row)
    title = _line(row, "title")
    if not title:
        raise BadField("title", "is missing. Every talk needs one.")
    starts_at = _start(row, zone)
    return Talk(
        external_id=external_id,
        name=row.name,
        title=title,
        starts_at=starts_at,
        ends_at=starts_at + _duration(row),
        subtitle=_line(row, "subtitle"),
        abstract=_text(row, "abstract"),
        description=_text(row, "description"),
        location=_line(row, "room"),
        language=_line(row, "language"),
        kind=_line(row, "type"),
        track=_line(row, "track"),
        people=_people(row),
    )


def _external_id(row: RawRow) -> str:
    if not row.external_id:
        raise BadField(
            "guid",
            "is missing, and so is id. Every talk needs one of them, and it must never change.",
        )
    _storable("guid", row.external_id)
    return row.external_id


def _text(row: RawRow, name: str) -> str | None:
    """A text with its line ends made equal; None when the row does not have the field."""
    value = row.values.get(name)
    if value is None:
        return None
    if not isinstance(value, str):
        raise BadField(name, f"should be a text, not {_quoted(value)}.")
    _storable(name, value)
    return value.replace("\r\n", "\n").replace("\r", "\n").strip()


def _line(row: RawRow, name: str) -> str | None:
    text = _text(row, name)
    return None if text is None else " ".join(text.split())


def _storable(name: str, text: str) -> None:
    """Neither database keeps a NUL or half of a surrogate pair."""
    if "\0" in text or any("\ud800" <= letter <= "\udfff" for letter in text):
        raise BadField(
            name, "contains a character that is not text (NUL or half a surrogate pair)."
        )


def _start(row: RawRow, zone: ZoneInfo) -> datetime:
    """``date`` when it is a full instant, else ``start`` on the row's or the day's date."""
    text = _line(row, "date") or ""
    if text and len(text) > len("2014-12-27"):
        moment = _moment("date", text)
        return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(UTC)
    start = _line(row, "start")
    if not start:
        raise BadField("date", "is missing, so the start is unknown.")
    clock = _clock(start)
    day = _date("date", text or row.day.date)
    if not text and _begins_after_midnight(clock, row.day.start):
        day += timedelta(days=1)
    return datetime.combine(day, clock, zone).astimezone(UTC)


def _begins_after_midnight(clock: time, day_start: str) -> bool:
    """A conference day runs into the night: 01:00 on a day from 11:00 is the next date."""
    try:
        return bool(day_start) and clock < datetime.fromisoformat(day_start).time()
    except ValueError:
        return False


def _moment(name: str, text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise BadField(
            name, f"{_quoted(text)} is not a time. Write it as 2026-03-29T09:00:00+02:00."
        ) from None
    _check_year(name, moment.year)
    return moment


def _date(name: str, text: str) -> date:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise BadField(name, f"{_quoted(text)} is not a date. Write it as 2026-03-29.") from None
    _check_year(name, day.year)
    return day


def _check_year(name: str, year: int) -> None:
    if year not in YEARS:
        raise BadField(name, f"the year {year} is not between {YEARS[0]} and {YEARS[-1]}.")


def _clock(text: str) -> time:
    found = CLOCK.fullmatch(text)
    if not found:
        raise BadField("start", f"{_quoted(text)} is not a time of day. Write it as 09:30.")
    return time(int(found["hours"]), int(found["minutes"]))


def _duration(row: RawRow) -> timedelta:
    text = _line(row, "duration")
    if not text:
        raise BadField("duration", "is missing, so the end is unknown.")
    found = DURATION.fullmatch(text)
    if not found:
        raise BadField(
            "duration",
            f"{_quoted(text)} is not a duration. Write hours and minutes, such as 01:30.",
        )
    days, hours, minutes = (int(found[part] or 0) for part in ("days", "hours", "minutes"))
    length = timedelta(days=days, hours=hours, minutes=minutes)
    if not length:
        raise BadField("duration", "is zero. A session must end after it starts.")
    return length


def _people(row: RawRow) -> tuple[SchedulePerson, ...] | None:
    if row.people is None:
        return None
    if not isinstance(row.people, list):
        raise BadField("persons", f"should be a list, not {_quoted(row.people)}.")
    people = {person.external_id: person for person in map(_person, row.people)}
    return tuple(people.values())


def _person(found: tuple[object, object]) -> SchedulePerson:
    """A person without an id is known by name, within this event only."""
    known, name = found
    if not isinstance(name, str) or not name.strip():
        raise BadField("persons", f"{_quoted(name or 'a person')} has no name.")
    if not isinstance(known, str | int) or isinstance(known, bool):
        raise BadField("persons", f"{_quoted(known)} is not a person's id.")
    _storable("persons", f"{known}{name}")
    name = " ".join(name.split())
    return SchedulePerson(str(known).strip() or f"name:{name.casefold()}", name)


def _quoted(value: object) -> str:
    text = str(value)
    return f"“{text[:57]}…”" if len(text) > 60 else f"“{text}”"
