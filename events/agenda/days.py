"""Which day of the event a session belongs to.

A talk at half past one at night belongs to the evening it continues, not to the
calendar day that has just begun: people look for it under the day they started.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

# Whoever starts at five has got up early; whoever starts before has stayed up.
NIGHT_ENDS = time(5)
# A longer pause than this ends the evening.
LONGEST_PAUSE = timedelta(hours=3)
ONE_DAY = timedelta(days=1)


class TimeSpan(Protocol):
    """Anything with a beginning and an end, both aware."""

    @property
    def starts_at(self) -> datetime: ...

    @property
    def ends_at(self) -> datetime: ...


def event_days(spans: Iterable[TimeSpan], zone: ZoneInfo) -> list[date]:
    """The event's day for each span; the spans come in the order of their start."""
    evening_until: dict[date, datetime] = {}
    days = []
    for span in spans:
        day = _day_of(span.starts_at, zone, evening_until)
        evening_until[day] = max(span.ends_at, evening_until.get(day, span.ends_at))
        days.append(day)
    return days


def _day_of(starts_at: datetime, zone: ZoneInfo, evening_until: dict[date, datetime]) -> date:
    local = starts_at.astimezone(zone)
    day, before = local.date(), local.date() - ONE_DAY
    if local.time() >= NIGHT_ENDS or before not in evening_until:
        return day
    return before if starts_at - evening_until[before] <= LONGEST_PAUSE else day


def day_at(now: datetime, days: list[date], zone: ZoneInfo) -> date | None:
    """The day to open at ``now``: today, or the next with sessions; None outside the event.

    Small hours count to the day before, like the talks in them. ``days`` are in order.
    """
    local = now.astimezone(zone)
    today = local.date()
    if local.time() < NIGHT_ENDS and today - ONE_DAY in days:
        today -= ONE_DAY
    if not days or not days[0] <= today <= days[-1]:
        return None
    return min(day for day in days if day >= today)


def is_running(first: date, last: date, zone: ZoneInfo, now: datetime) -> bool:
    """Whether the event lies around ``now``, its last night included."""
    return datetime.combine(first, time(), zone) <= now and not is_over(last, zone, now)


def is_over(last: date, zone: ZoneInfo, now: datetime) -> bool:
    """Whether the last day and its night have passed."""
    return now >= datetime.combine(last + ONE_DAY, NIGHT_ENDS, zone)
