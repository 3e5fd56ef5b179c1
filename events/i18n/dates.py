"""Days and moments in words, as people write them in the language of the page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from django.utils.dateformat import format as formatted
from django.utils.translation import get_language


@dataclass(frozen=True)
class DateStyle:
    """How a language writes dates, in the letters of Django's ``date`` filter."""

    day: str
    day_month: str
    full: str
    with_weekday: str
    short: str


# Django has one long and one short form for each language, neither with a weekday.
_STYLES: Final = {
    "en": DateStyle("j", "j F", "j F Y", "l j F Y", "D j M"),
    "de": DateStyle("j.", "j. F", "j. F Y", "l, j. F Y", "D, j. M"),
    "es": DateStyle("j", r"j \d\e F", r"j \d\e F \d\e Y", r"l j \d\e F \d\e Y", "D j M"),
    "fr": DateStyle("j", "j F", "j F Y", "l j F Y", "D j M"),
    "he": DateStyle("j", "j בF", "j בF Y", "l, j בF Y", "D, j בF"),
}


def _style() -> DateStyle:
    return _STYLES.get(get_language() or "en", _STYLES["en"])


def long_day(day: date) -> str:
    """ "Saturday 27 December 2014"."""
    return formatted(day, _style().with_weekday)


def short_day(day: date) -> str:
    """ "Sat 27 Dec"."""
    return formatted(day, _style().short)


def plain_day(day: date) -> str:
    """ "27 December 2014"."""
    return formatted(day, _style().full)


def weekday(day: date) -> str:
    """ "Sat"."""
    return formatted(day, "D")


def days_between(first: date, last: date) -> str:
    """ "27–30 December 2014": a span of days, saying nothing twice."""
    style = _style()
    if first == last:
        return long_day(first)
    if first.year != last.year:
        return f"{plain_day(first)} – {plain_day(last)}"
    if first.month != last.month:
        return f"{formatted(first, style.day_month)} – {plain_day(last)}"
    return f"{formatted(first, style.day)}–{plain_day(last)}"


def moment(local: datetime) -> str:
    """ "Sat 27 Dec 2014, 11:00", in the zone that ``local`` is in."""
    return f"{short_day(local)} {local:%Y, %H:%M}"


def in_letters(local: date, letters: str) -> str:
    """For tables, where every row is as long: ``letters`` as those of Django's ``date`` filter."""
    return formatted(local, letters)
