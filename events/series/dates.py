"""The days on which something happens again. Pure."""

from __future__ import annotations

import calendar
from collections.abc import Iterator
from datetime import date, timedelta

from django.db import models
from django.utils.translation import gettext_lazy as _


class RepeatEvery(models.TextChoices):
    """How long after one date the next is."""

    WEEK = "week", _("every week")
    FORTNIGHT = "fortnight", _("every two weeks")
    MONTH = "month", _("every month, on the same weekday (the second Tuesday)")
    YEAR = "year", _("every year, on the same date")


def repeated(first: date, interval: str, times: int) -> list[date]:
    """``times`` days from ``first`` on.

    A fifth weekday of a month is its last one, of every month; 29 February is the last day of
    February in other years. Raises OverflowError beyond the calendar.
    """
    if interval == RepeatEvery.MONTH:
        return list(_monthly(first, times))
    if interval == RepeatEvery.YEAR:
        return [_in_year(first, first.year + n) for n in range(times)]
    step = timedelta(weeks=1 if interval == RepeatEvery.WEEK else 2)
    return [first + n * step for n in range(times)]


def _monthly(first: date, times: int) -> Iterator[date]:
    nth = (first.day - 1) // 7
    for n in range(times):
        years, month = divmod(first.month - 1 + n, 12)
        year = first.year + years
        if year > date.max.year:
            raise OverflowError("the calendar ends")
        begins_on, length = calendar.monthrange(year, month + 1)
        such_days = range(1 + (first.weekday() - begins_on) % 7, length + 1, 7)
        yield date(year, month + 1, such_days[min(nth, len(such_days) - 1)])


def _in_year(first: date, year: int) -> date:
    if year > date.max.year:
        raise OverflowError("the calendar ends")
    is_leap_day = (first.month, first.day) == (2, 29) and not calendar.isleap(year)
    return date(year, 2, 28) if is_leap_day else first.replace(year=year)
