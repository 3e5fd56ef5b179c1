"""Time zones as calendars understand them (RFC 5545, VTIMEZONE).

Outlook reads only yearly rules: of a zone that lists its changes (RDATE), as libraries like to
write them, it takes none but the first, and summer is an hour off
(https://github.com/iCalcreator/iCalcreator/issues/86, .../106). So a zone is written by rules
wherever it has any, and otherwise each change stands by itself.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any, Final
from zoneinfo import ZoneInfo

import icalendar
from icalendar.prop import vRecur

# As many years around those asked for must keep a rule before it is one.
_PROOF_YEARS: Final = 2
_DAYS: Final = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_EPOCH: Final = datetime(1970, 1, 1)


@dataclass(frozen=True)
class _Change:
    """Clocks change at ``local``, as they showed before, from one offset to another."""

    local: datetime
    before: timedelta
    after: timedelta
    name: str
    is_summer: bool

    @property
    def kind(self) -> tuple[Any, ...]:
        return (self.before, self.after, self.name, self.is_summer, self.local.time())

    def rules(self) -> set[tuple[int, str]]:
        """The yearly rules that name this day: (month, such as ``2SU`` or ``-1SU``)."""
        weekday, day = _DAYS[self.local.weekday()], self.local.day
        last = (self.local + timedelta(days=7)).month != self.local.month
        found = {(self.local.month, f"{(day - 1) // 7 + 1}{weekday}")}
        return found | {(self.local.month, f"-1{weekday}")} if last else found


def timezones(names_and_years: Iterable[tuple[str, int]]) -> list[icalendar.Timezone]:
    """One VTIMEZONE for each zone, right for at least the years in which it is used.

    ``names_and_years`` are pairs of an IANA name and a year, in any order and number.
    """
    spans: dict[str, tuple[int, int]] = {}
    for name, year in names_and_years:
        first, last = spans.get(name, (year, year))
        spans[name] = (min(first, year), max(last, year))
    return [_timezone(name, *span) for name, span in sorted(spans.items())]


@lru_cache(maxsize=128)
def _timezone(name: str, first: int, last: int) -> icalendar.Timezone:
    zone = icalendar.Timezone()
    zone.add("tzid", name)
    for change, rule in _parts(ZoneInfo(name), first, last):
        zone.add_component(_part(change, rule))
    return zone


def _parts(zone: ZoneInfo, first: int, last: int) -> list[tuple[_Change, tuple[int, str] | None]]:
    """The zone's changes, each for every year by a rule or once."""
    changes = _changes(zone, first - _PROOF_YEARS, last + _PROOF_YEARS)
    kinds = {change.kind: [c for c in changes if c.kind == change.kind] for change in changes}
    years = last - first + 1 + 2 * _PROOF_YEARS
    rules = {
        kind: set.intersection(*(change.rules() for change in group))
        for kind, group in kinds.items()
    }
    if len(kinds) == 2 and all(rules.values()) and {*map(len, kinds.values())} == {years}:
        # -1 sorts first: "the last Sunday" is how most zones say it.
        return [(group[0], min(rules[kind])) for kind, group in kinds.items()]
    return [(_before(zone, first - _PROOF_YEARS), None), *((change, None) for change in changes)]


def _before(zone: ZoneInfo, year: int) -> _Change:
    """No change: what clocks showed until the first one."""
    start = datetime(year, 1, 1, tzinfo=UTC).astimezone(zone)
    offset = start.utcoffset() or timedelta()
    return _Change(_EPOCH, offset, offset, start.tzname() or "", bool(start.dst()))


def _changes(zone: ZoneInfo, first: int, last: int) -> list[_Change]:
    """Every change of the zone's clocks in these years."""
    found, day = [], datetime(first, 1, 1, tzinfo=UTC)
    end = datetime(last + 1, 1, 1, tzinfo=UTC)
    while day < end:
        following = day + timedelta(days=1)
        if day.astimezone(zone).utcoffset() != following.astimezone(zone).utcoffset():
            found.append(_change_between(zone, day, following))
        day = following
    return found


def _change_between(zone: ZoneInfo, early: datetime, late: datetime) -> _Change:
    before = early.astimezone(zone).utcoffset() or timedelta()
    while late - early > timedelta(seconds=1):
        middle = early + (late - early) // 2
        middle = middle.replace(microsecond=0)
        unchanged = middle.astimezone(zone).utcoffset() == before
        early, late = (middle, late) if unchanged else (early, middle)
    new = late.astimezone(zone)
    local = (late + before).replace(tzinfo=None)
    return _Change(
        local, before, new.utcoffset() or timedelta(), new.tzname() or "", bool(new.dst())
    )


def _part(change: _Change, rule: tuple[int, str] | None) -> icalendar.Component:
    part = icalendar.TimezoneDaylight() if change.is_summer else icalendar.TimezoneStandard()
    part.add("dtstart", change.local)
    part.add("tzoffsetfrom", change.before)
    part.add("tzoffsetto", change.after)
    part.add("tzname", change.name)
    if rule:
        part.add("rrule", vRecur({"FREQ": "YEARLY", "BYMONTH": rule[0], "BYDAY": rule[1]}))
    return part
