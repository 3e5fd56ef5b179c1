"""Recurring events: the dates of a series, and its occurrences.

A series is an event of type RECURRING. Kaltura creates its occurrences, events of type
RECURRENCE whose ``parentId`` is the series; they inherit what they do not say themselves.
Kaltura's: infra/general/scheduling/DatesGenerator.php in https://github.com/kaltura/server.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from kaltura_simulator.api import lists
from kaltura_simulator.api.call import Call
from kaltura_simulator.api.errors import ApiError
from kaltura_simulator.state.store import Data

NONE, RECURRING, OCCURRENCE = 0, 1, 2
#: Kaltura creates no more occurrences of one series.
MAX_OCCURRENCES = 1000
#: After this many steps a rule that matches no day is given up.
_MAX_STEPS = 10_000
DELETED = 3
#: Frequencies in seconds, in days, and in months.
_SECONDS = {"seconds": 1, "minutes": 60, "hours": 3600}
_DAYS = {"days": 1, "weeks": 7}
_MONTHS = {"months": 1, "years": 12}
_WEEK = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
#: What an occurrence never inherits from its series.
_OWN = frozenset(
    {"id", "parentId", "recurrenceType", "recurrence", "startDate", "endDate", "duration"}
    | {"sequence", "status", "createdAt", "updatedAt", "objectType"}
)


# -------------------------------------------------------------------------- dates
def starts(first: int, rule: Data) -> list[int]:
    """When the occurrences start, from ``first`` on, in Unix seconds."""
    limit = min(int(rule.get("count") or MAX_OCCURRENCES), MAX_OCCURRENCES)
    until = int(rule.get("until") or 0)
    found: list[int] = []
    for start in _candidates(first, rule):
        if len(found) >= limit or (until and start > until):
            break
        found.append(start)
    return found


def _candidates(first: int, rule: Data) -> Iterator[int]:
    frequency, interval = str(rule.get("frequency")), max(1, int(rule.get("interval") or 1))
    if frequency in _SECONDS:
        step = _SECONDS[frequency] * interval
        yield from (first + number * step for number in range(MAX_OCCURRENCES))
        return
    begin = datetime.fromtimestamp(first, _zone(str(rule.get("timeZone") or "UTC")))
    for number in range(_MAX_STEPS):
        for moment in _moments(begin, frequency, number * interval, rule):
            if moment >= begin:
                yield int(moment.timestamp())


def _zone(name: str) -> tzinfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return UTC


def _moments(begin: datetime, frequency: str, steps: int, rule: Data) -> list[datetime]:
    """The times in one day, week, month or year; none when the month has no such day."""
    try:
        if frequency in _MONTHS:
            months = begin.month - 1 + steps * _MONTHS[frequency]
            return [begin.replace(year=begin.year + months // 12, month=months % 12 + 1)]
        moment = begin + timedelta(days=steps * _DAYS[frequency])
        wanted = [day for day in lists.split_commas(rule.get("byDay") or "") if day in _WEEK]
        if not wanted:
            return [moment]
        if frequency == "days":
            return [moment] if _WEEK[moment.weekday()] in wanted else []
        monday = moment - timedelta(days=moment.weekday())
        return sorted(monday + timedelta(days=_WEEK.index(day)) for day in set(wanted))
    except (ValueError, OverflowError):
        return []


# -------------------------------------------------------------------------- events
def occurrences_of(call: Call, series_id: int) -> list[Data]:
    """The occurrences of a series that were not deleted."""
    rows = call.all("schedule_event")
    return [row for row in rows if row.get("parentId") == series_id and row["status"] != DELETED]


def _planned_starts(call: Call, series: Data) -> list[int]:
    """When a series takes place; without a rule Kaltura answers INTERNAL_SERVERL_ERROR."""
    rule = series.get("recurrence")
    if not rule or str(rule.get("frequency")) not in _SECONDS | _DAYS | _MONTHS:
        raise ApiError("INTERNAL_SERVERL_ERROR")
    return starts(series["startDate"], rule)


def update_occurrences(call: Call, series: Data, old: Data | None = None) -> None:
    """Keep, delete and create occurrences, so that they match their series.

    ``old`` is the series before a change: what an occurrence had in common with it changes.
    """
    wanted = _planned_starts(call, series)
    length = series["endDate"] - series["startDate"]
    have = {(row["startDate"], row["endDate"]): row for row in occurrences_of(call, series["id"])}
    times = {(start, start + length) for start in wanted}
    for key, row in have.items():
        if key not in times:
            call.change("schedule_event", row["id"], status=DELETED)
        elif old is not None:
            call.change("schedule_event", row["id"], **_inherited(row, old, series))
    for start, end in sorted(times - have.keys()):
        _make(call, series, start, end)


def delete_occurrences(call: Call, series: Data) -> None:
    """Delete the occurrences of an event, if it is a series."""
    rows = occurrences_of(call, series["id"]) if series["recurrenceType"] == RECURRING else []
    for row in rows:
        call.change("schedule_event", row["id"], status=DELETED, updatedAt=call.clock.now())


def _inherited(row: Data, old: Data, series: Data) -> Data:
    shared = series.keys() - _OWN
    return {name: series[name] for name in shared if row.get(name) == old.get(name)}


def _make(call: Call, series: Data, start: int, end: int) -> None:
    key = call.store.next_id("schedule_event")
    own = {name: value for name, value in series.items() if name != "recurrence"}
    times = {"startDate": start, "endDate": end, "duration": end - start}
    link = {"id": key, "parentId": series["id"], "recurrenceType": OCCURRENCE, "sequence": 1}
    call.put("schedule_event", key, own | times | link)
