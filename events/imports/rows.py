"""One row of a schedule file -> one typed talk, or the field that does not parse."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from events.bounds import FIRST_DAY, LAST_DAY
from events.characters import clean_line, clean_text
from events.imports.extras import links_of, translations_of, web_address
from events.imports.schedule import (
    Agenda,
    BadField,
    BrokenFile,
    FoundPerson,
    RawRow,
    RejectedTalk,
    ScheduleDay,
    ScheduleFile,
    ScheduleHeader,
    SchedulePerson,
    Talk,
    WarningList,
)
from events.models import Session, Speaker, Track

DURATION = re.compile(r"(?P<hours>\d{1,3}):(?P<minutes>[0-5]\d)")
# Days, hours, minutes or hours, minutes, seconds: exporters write both.
THREE_PARTS = re.compile(r"\d+:\d+:\d+")
CLOCK = re.compile(r"(?P<hours>[01]?\d|2[0-3]):(?P<minutes>[0-5]\d)(?::[0-5]\d)?")
YEARS = range(FIRST_DAY.year, LAST_DAY.year + 1)
# Where a file names no change of day, whoever starts before five has stayed up.
NIGHT_ENDS = time(5)

TIMES_DIFFER = "“date” and “start” name different times; “date” counts."
ENDS_DIFFER = "“end” and “duration” disagree; “duration” counts."
# The most that the database keeps of what a talk can do without.
LIMITS = {
    name: int(getattr(model._meta.get_field(column), "max_length", None) or 0)
    for name, model, column in (
        ("subtitle", Session, "subtitle"),
        ("room", Session, "location"),
        ("language", Session, "language"),
        ("track", Track, "name"),
        ("persons", Speaker, "name"),
        ("key", Speaker, "external_id"),
    )
}
FIELD_LEFT_OUT = "A field cannot be used and is left out; the talk comes in."


def agenda_of(file: ScheduleFile, zone: ZoneInfo) -> Agenda:
    """Judge every row of the file; times without an offset are the zone's wall clock.

    Rows that claim one id are all rejected: nobody can tell which is meant.
    Raises BrokenFile when there is no row.
    """
    if not file.rows:
        raise BrokenFile("The file has no talks in it.")
    counts = Counter(row.external_id for row in file.rows if row.external_id)
    agenda = Agenda(file.header, file.days)
    for row in file.rows:
        try:
            _check_unique(row, counts)
            agenda.talks.append(talk_of(row, zone, file.header, agenda.warnings))
        except BadField as bad:
            agenda.rejected.append(RejectedTalk(row.name, bad.name, bad.reason, row.external_id))
    return agenda


def _check_unique(row: RawRow, counts: Counter[str]) -> None:
    if (count := counts[row.external_id]) > 1:
        raise BadField(
            "guid" if row.values.get("guid") else "id",
            f"{_quoted(row.external_id)} stands on {count} rows, so nobody can tell which is "
            "meant. Give each talk its own.",
        )


def talk_of(row: RawRow, zone: ZoneInfo, header: ScheduleHeader, warnings: WarningList) -> Talk:
    """Without an id, a title, a start and an end there is no talk; the rest is optional.

    Raises BadField naming the field and what is wrong with it.
    """
    if "row" in row.values:
        raise BadField("row", "is not an object with the talk's fields.")
    external_id = _external_id(row)
    title = _line(row, "title")
    if not title:
        raise BadField("title", "is missing. Every talk needs one.")
    starts_at = _start(row, zone, header.day_change, warnings)
    return Talk(
        external_id=external_id,
        name=row.name,
        title=title,
        starts_at=starts_at,
        ends_at=_end(row, starts_at, zone, warnings),
        subtitle=_optional(row, "subtitle", _line, warnings),
        abstract=_optional(row, "abstract", _text, warnings),
        description=_optional(row, "description", _text, warnings),
        location=_optional(row, "room", _line, warnings),
        language=_optional(row, "language", _line, warnings),
        kind=_optional(row, "type", _line, warnings),
        track=_optional(row, "track", _line, warnings),
        people=_people(row, header.base_url, warnings),
        links=links_of(row, header.base_url, warnings),
        translations=translations_of(row, warnings),
    )


def _optional(
    row: RawRow, name: str, read: Callable[[RawRow, str], str | None], warnings: WarningList
) -> str | None:
    """The field, or None with a warning: a talk is not kept out for its subtitle."""
    try:
        text = read(row, name)
        if text and (limit := LIMITS.get(name)) and len(text) > limit:
            raise BadField(name, f"has {len(text)} characters; {limit} are kept.")
    except BadField as bad:
        warnings.note(FIELD_LEFT_OUT, f"{row.name}: {bad.name} {bad.reason}")
        return None
    return text


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
    return clean_text(value).strip()


def _line(row: RawRow, name: str) -> str | None:
    text = _text(row, name)
    return None if text is None else clean_line(text)


def _storable(name: str, text: str) -> None:
    """Neither database keeps a NUL or half of a surrogate pair."""
    if not _is_storable(text):
        raise BadField(
            name, "contains a character that is not text (NUL or half a surrogate pair)."
        )


def _is_storable(text: str) -> bool:
    return "\0" not in text and not any("\ud800" <= letter <= "\udfff" for letter in text)


def _start(row: RawRow, zone: ZoneInfo, day_change: str, warnings: WarningList) -> datetime:
    """``date`` when it is a full instant, else ``start`` on the row's or the day's date."""
    text = _line(row, "date") or ""
    if text and len(text) > len("2014-12-27"):
        starts_at = _in_zone(_moment("date", text), zone)
        _compare_start(row, starts_at, warnings)
        return starts_at.astimezone(UTC)
    start = _line(row, "start")
    if not start:
        raise BadField("date", "is missing, so the start is unknown.")
    clock = _clock(start)
    day = _date("date", text or row.day.date)
    if not text and clock < _day_begins(row.day, day, day_change, zone):
        day += timedelta(days=1)
    return datetime.combine(day, clock, zone).astimezone(UTC)


def _compare_start(row: RawRow, starts_at: datetime, warnings: WarningList) -> None:
    """Both say when the talk starts; a wrong offset or a stale field shows in them."""
    try:
        start = _line(row, "start")
        if start and (clock := _clock(start)) != starts_at.time().replace(second=0, microsecond=0):
            warnings.note(TIMES_DIFFER, f"{row.name}: {starts_at:%H:%M} and {clock:%H:%M}")
    except BadField as bad:
        warnings.note(FIELD_LEFT_OUT, f"{row.name}: {bad.name} {bad.reason}")


def _day_begins(day: ScheduleDay, on: date, day_change: str, zone: ZoneInfo) -> time:
    """The time of day before which a start belongs to the night, so to the next date.

    The header's ``day_change`` says it; else the end of the day does, if the day
    reaches into the next. What begins in the morning, before the day's own start, is no
    night: only small hours are.
    """
    opens, closes = (_instant_or_none(text, zone) for text in (day.start, day.end))
    opens_at = opens.time() if opens and opens.date() == on else None
    if changes := CLOCK.fullmatch(day_change):
        change = time(int(changes["hours"]), int(changes["minutes"]))
    elif closes and closes.date() == on + timedelta(days=1):
        change = closes.time()
    else:
        change = NIGHT_ENDS if opens_at else time()
    return min(change, opens_at) if opens_at else change


def _instant_or_none(text: str, zone: ZoneInfo) -> datetime | None:
    """An instant as the zone's wall clock; a day's start stands in an offset of its own."""
    try:
        return _in_zone(_moment("day", text), zone) if len(text) > len("2014-12-27") else None
    except BadField:
        return None


def _in_zone(moment: datetime, zone: ZoneInfo) -> datetime:
    return moment.astimezone(zone) if moment.tzinfo else moment.replace(tzinfo=zone)


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


def _end(row: RawRow, starts_at: datetime, zone: ZoneInfo, warnings: WarningList) -> datetime:
    """After the duration; at ``end`` where the file has only that, or no clear duration."""
    end = _optional(row, "end", _line, warnings)
    # In UTC: an hour that comes twice equals nothing in another zone (PEP 495).
    local = _instant_or_none(end, zone) if end else None
    until = local.astimezone(UTC) if local else None
    duration = _line(row, "duration") if until else None
    if until and (not duration or THREE_PARTS.fullmatch(duration)):
        if until <= starts_at:
            raise BadField("end", f"{_quoted(end)} is not after the start.")
        return until
    ends_at = starts_at + _duration(row)
    if until and until != ends_at:
        warnings.note(ENDS_DIFFER, f"{row.name}: {end} and {_line(row, 'duration')}")
    return ends_at


def _duration(row: RawRow) -> timedelta:
    text = _line(row, "duration")
    if not text:
        raise BadField("duration", "is missing, so the end is unknown.")
    if THREE_PARTS.fullmatch(text):
        raise BadField(
            "duration",
            f"{_quoted(text)} is ambiguous: days, hours, minutes or hours, minutes, seconds? "
            "Write hours and minutes, such as 01:30 or 25:30.",
        )
    found = DURATION.fullmatch(text)
    if not found:
        raise BadField(
            "duration",
            f"{_quoted(text)} is not a duration. Write hours and minutes, such as 01:30.",
        )
    length = timedelta(hours=int(found["hours"]), minutes=int(found["minutes"]))
    if not length:
        raise BadField("duration", "is zero. A session must end after it starts.")
    return length


def _people(row: RawRow, base_url: str, warnings: WarningList) -> tuple[SchedulePerson, ...] | None:
    """Whoever cannot be read is left out with a warning; the others are on stage."""
    if row.people is None:
        return None
    if not isinstance(row.people, list):
        reason = f"persons should be a list, not {_quoted(row.people)}."
        warnings.note(FIELD_LEFT_OUT, f"{row.name}: {reason}")
        return None
    people = []
    for found in row.people:
        try:
            people.append(_person(found, base_url))
        except BadField as bad:
            warnings.note(FIELD_LEFT_OUT, f"{row.name}: {bad.name} {bad.reason}")
    return tuple(dict.fromkeys(people)) if people or not row.people else None


def _person(found: FoundPerson, base_url: str) -> SchedulePerson:
    """Ids that are no ids do not count; without any, a person is known by name."""
    keys, name, picture = found
    if not isinstance(name, str) or not name.strip():
        raise BadField("persons", f"{_quoted(name or 'a person')} has no name.")
    _storable("persons", name)
    name = clean_line(name)
    if not name or len(name) > LIMITS["persons"]:
        raise BadField("persons", f"{_quoted(name)} cannot be a name.")
    known = tuple(key for key in map(_key, keys) if key)
    return SchedulePerson(known, name, web_address(picture, base_url))


def _key(found: object) -> str:
    """The key as text; empty when it is none."""
    if not isinstance(found, str | int) or isinstance(found, bool):
        return ""
    key = clean_line(str(found))
    return key if _is_storable(key) and len(key) <= LIMITS["key"] else ""


def _quoted(value: object) -> str:
    text = str(value)
    return f"“{text[:57]}…”" if len(text) > 60 else f"“{text}”"
