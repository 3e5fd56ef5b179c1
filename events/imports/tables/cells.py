"""One cell -> one value, or what is wrong with it and what would be right.

Dates as spreadsheets keep them, ISO dates, and what people write wherever it has one meaning.
3/4/2026 has two, so it is refused with the question that it leaves open.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from typing import Final
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils.dates import MONTHS, MONTHS_3
from django.utils.translation import gettext as _
from django.utils.translation import override

from events.bounds import FIRST_DAY, LAST_DAY
from events.characters import clean_line, clean_text
from events.imports.tables.sheets import FormulaError

_ISO_DAY = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})")
_DOTTED = re.compile(r"(\d{1,2})\.\s?(\d{1,2})\.\s?(\d{4})")
_SLASHED = re.compile(r"(\d{1,2})[-/](\d{1,2})[-/](\d{4})")
_WITH_MONTH = re.compile(r"[^\W\d_]+|\d+", re.UNICODE)
_CLOCK = re.compile(
    r"(?P<h>\d{1,2})(?:[:.h](?P<m>[0-5]\d))?(?:[:.](?P<s>[0-5]\d)(?:\.0+)?)?\s*"
    r"(?P<half>[ap]\.?m\.?)?(?:\s*(?P<word>uhr|h|hrs))?",
    re.I,
)
_HOURS_MINUTES = re.compile(r"(\d{1,3}):([0-5]\d)(?::00)?")
_IN_WORDS = re.compile(
    r"(?:(?P<h>\d{1,3})\s*(?:h|hrs?|hours?|std\.?|stunden?|heures?|horas?))?\s*"
    r"(?:(?P<m>\d{1,4})\s*(?:'|m|min\.?|mins|minutes?|minuten|minutos)?)?",
    re.I,
)
# Between the day and the time of day, and what stands around the month's name.
_FILLERS: Final = frozenset({"de", "of", "del", "le", "the", "um", "at", "à", "den"})
_ORDINALS: Final = frozenset({"st", "nd", "rd", "th", "er"})
DAY_EXAMPLE: Final = "2026-03-29"
MOMENT_EXAMPLE: Final = "2026-03-29 09:00"


class BadCell(Exception):
    """A cell's value cannot be used: why, and what would be right."""

    def __init__(self, reason: str, expected: str = "") -> None:
        super().__init__(reason)
        self.reason, self.expected = reason, expected


@dataclass(frozen=True)
class FoundMoment:
    """A day, a time of day, or both; ``offset``: the whole instant, where the cell names one."""

    day: date | None = None
    clock: time | None = None
    instant: datetime | None = None


def text_of(value: object, *, long: bool = False) -> str:
    """A cell as a text, as the portal keeps texts. Numbers as a spreadsheet shows them."""
    match value:
        case None:
            return ""
        case FormulaError():
            raise BadCell(
                _("The formula in this cell failed (%(error)s).") % {"error": value},
                _("a value, or a formula that works"),
            )
        case bool():
            return "true" if value else "false"
        case float() if value.is_integer() and abs(value) < 1e15:
            return str(int(value))
        case datetime():
            return value.isoformat(sep=" ", timespec="minutes")
        case str():
            return clean_text(value).strip() if long else clean_line(value)
    return clean_line(str(value))


def whole_number(value: object, most: int) -> int | None:
    """A number of things; None for an empty cell."""
    text = text_of(value)
    if not text:
        return None
    if not re.fullmatch(r"\d{1,9}", text) or int(text) > most:
        raise BadCell(
            _("This is not a number up to %(most)d.") % {"most": most},
            _("a whole number, such as 120"),
        )
    return int(text)


def moment_of(value: object) -> FoundMoment:
    """When something is, as far as the cell says. Empty: neither day nor time."""
    match value:
        case datetime():
            rounded = value + timedelta(microseconds=500_000)
            _check_year(rounded.year)
            return FoundMoment(rounded.date(), rounded.time().replace(microsecond=0))
        case date():
            _check_year(value.year)
            return FoundMoment(value)
        case time():
            return FoundMoment(clock=value.replace(microsecond=0))
        case timedelta() if timedelta() <= value < timedelta(days=1):
            return FoundMoment(clock=(datetime.min + value).time().replace(microsecond=0))
        case int() | float() if not isinstance(value, bool):
            raise BadCell(
                _("This is a number, no date. Give the cell the format of a date."), MOMENT_EXAMPLE
            )
    text = text_of(value)
    return _written_moment(text) if text else FoundMoment()


def _written_moment(text: str) -> FoundMoment:
    if found := _iso_instant(text):
        return found
    if clock := clock_of(text):
        return FoundMoment(clock=clock)
    day, rest = _leading_day(text)
    if day is None:
        raise BadCell(_("This is no date and time."), MOMENT_EXAMPLE)
    rest = re.sub(r"^[\s,T]*(um|at|à|a las)?\s*", "", rest, flags=re.I)
    if not rest:
        return FoundMoment(day)
    clock = clock_of(rest)
    if clock is None:
        raise BadCell(_("“%(text)s” is no time of day.") % {"text": rest[:40]}, MOMENT_EXAMPLE)
    return FoundMoment(day, clock)


def _iso_instant(text: str) -> FoundMoment | None:
    if len(text) <= len(DAY_EXAMPLE) or not _ISO_DAY.match(text):
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    _check_year(found.year)
    if found.tzinfo is None:
        return FoundMoment(found.date(), found.time().replace(microsecond=0))
    return FoundMoment(found.date(), found.time(), found.astimezone(UTC))


def _leading_day(text: str) -> tuple[date | None, str]:
    """The day with which the text begins, and what follows it."""
    for pattern, order in ((_ISO_DAY, (0, 1, 2)), (_DOTTED, (2, 1, 0))):
        if found := pattern.match(text):
            numbers = [int(group) for group in found.groups()]
            return _day(*(numbers[at] for at in order)), text[found.end() :]
    if found := _SLASHED.match(text):
        return _slashed(*map(int, found.groups())), text[found.end() :]
    return _named_month(text)


def _slashed(first: int, second: int, year: int) -> date:
    """Days come first in one country and months in another; one of both must be no month."""
    if first <= 12 and second <= 12 and first != second:
        raise BadCell(
            _("This can be two days: %(one)s or %(other)s.")
            % {"one": f"{year}-{second:02}-{first:02}", "other": f"{year}-{first:02}-{second:02}"},
            _("the one of both that is meant"),
        )
    return _day(year, first, second) if second > 12 else _day(year, second, first)


def _named_month(text: str) -> tuple[date | None, str]:
    """ "27. Dezember 2014", "Dec 27, 2014", "27 de diciembre de 2014", and the rest."""
    day = month = year = None
    for found in _WITH_MONTH.finditer(text):
        word = found[0].casefold()
        if word.isdecimal():
            if len(word) == 4 and year is None:
                year = int(word)
            elif len(word) <= 2 and day is None:
                day = int(word)
            else:
                return None, text
        elif number := _months().get(word):
            if month is not None:
                return None, text
            month = number
        elif word not in _FILLERS | _ORDINALS and word not in _weekdays():
            return None, text
        if day and month and year:
            return _day(year, month, day), text[found.end() :]
    return None, text


@cache
def _months() -> dict[str, int]:
    """Months by their names in each language of the portal, where no two are called alike."""
    found: dict[str, int] = {}
    for code, _name in settings.LANGUAGES:
        with override(code):
            for names in (MONTHS, MONTHS_3):
                for number, name in names.items():
                    plain = str(name).casefold().strip(".")
                    found.setdefault(plain, number)
                    # Hebrew joins "in" to the name.
                    found.setdefault(f"ב{plain}", number)
    return found


@cache
def _weekdays() -> frozenset[str]:
    from django.utils.dates import WEEKDAYS, WEEKDAYS_ABBR

    found = set()
    for code, _name in settings.LANGUAGES:
        with override(code):
            for names in (WEEKDAYS, WEEKDAYS_ABBR):
                found |= {str(name).casefold().strip(".") for name in names.values()}
    return frozenset(found)


def _day(year: int, month: int, day: int) -> date:
    _check_year(year)
    try:
        return date(year, month, day)
    except ValueError:
        raise BadCell(_("There is no such day."), DAY_EXAMPLE) from None


def _check_year(year: int) -> None:
    if not FIRST_DAY.year <= year <= LAST_DAY.year:
        raise BadCell(
            _("The year %(year)d is not between %(first)d and %(last)d.")
            % {"year": year, "first": FIRST_DAY.year, "last": LAST_DAY.year},
            DAY_EXAMPLE,
        )


def clock_of(text: str) -> time | None:
    """A time of day: 9:30, 09:30:00, 9.30, 14h30, 9:30 pm, 9 Uhr. None when it is none."""
    found = _CLOCK.fullmatch(text.strip())
    if not found or not (found["m"] or found["half"] or found["word"]):
        return None
    hour, minute = int(found["h"]), int(found["m"] or 0)
    if found["half"]:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if found["half"][0] in "pP" else 0)
    return time(hour, minute, int(found["s"] or 0)) if hour <= 23 else None


def length_of(value: object) -> timedelta | None:
    """How long something takes: 1:30, 90, 90 min, 1h 30; a spreadsheet's time. None for empty."""
    found: timedelta | None = None
    match value:
        case None:
            return None
        case timedelta():
            found = timedelta(minutes=round(value.total_seconds() / 60))
        case time():
            found = timedelta(hours=value.hour, minutes=value.minute)
        case datetime():
            # Excel's way to keep 25:30: a day and a half hour after its beginning of time.
            found = value - datetime(1899, 12, 31)
        case int() | float() if not isinstance(value, bool):
            found = timedelta(minutes=round(value))
        case _:
            if not (text := text_of(value)):
                return None
            if parts := _HOURS_MINUTES.fullmatch(text):
                found = timedelta(hours=int(parts[1]), minutes=int(parts[2]))
            elif parts := _IN_WORDS.fullmatch(text):
                found = timedelta(hours=int(parts["h"] or 0), minutes=int(parts["m"] or 0))
    if found is None or not timedelta() < found <= timedelta(days=14):
        raise BadCell(
            _("This is not how long a session takes."), _("hours and minutes: 1:30; or minutes: 90")
        )
    return found


def in_zone(day: date, clock: time, zone: ZoneInfo, meant: datetime | None = None) -> datetime:
    """The instant of a wall clock; ``meant`` decides where an hour comes twice.

    Raises BadCell for a time that the clocks leave out, or have twice with nobody to decide.
    """
    local = datetime.combine(day, clock)
    both = [local.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1)]
    if both[0] == both[1]:
        return both[0]
    if both[0].astimezone(zone).replace(tzinfo=None) != local:
        raise BadCell(
            _("The clocks of %(zone)s leave out this time on that day.") % {"zone": zone.key},
            MOMENT_EXAMPLE,
        )
    if meant in both:
        return meant
    raise BadCell(
        _("The clocks of %(zone)s have this time twice on that day.") % {"zone": zone.key},
        " / ".join(moment.astimezone(zone).isoformat(timespec="minutes") for moment in both),
    )
