"""Events that come again: on which days a series takes place, and its single events.

A series is an event of type RECURRING. Kaltura makes the single ones, of type RECURRENCE,
whose ``parentId`` names the series; what they do not say themselves, the series says.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from kaltura_simulator.api import lists
from kaltura_simulator.api.call import Call
from kaltura_simulator.api.errors import ApiError
from kaltura_simulator.state.store import Data

NONE, RECURRING, CHILD = 0, 1, 2
#: Kaltura makes no more single events than this of one series.
MOST = 1000
#: Where a rule that matches no day is given up.
_MOST_STEPS = 10_000
DELETED = 3
#: Seconds of the frequencies that a clock counts, and days of those that a calendar counts.
_SECONDS = {"seconds": 1, "minutes": 60, "hours": 3600}
_DAYS = {"days": 1, "weeks": 7}
_MONTHS = {"months": 1, "years": 12}
_WEEK = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
#: What a single event never takes from its series.
_OWN = frozenset(
    {"id", "parentId", "recurrenceType", "recurrence", "startDate", "endDate", "duration"}
    | {"sequence", "status", "createdAt", "updatedAt", "objectType"}
)


# -------------------------------------------------------------------------- dates
def starts(first: int, rule: Data) -> list[int]:
    """When the single events start, from ``first`` on, in Unix seconds."""
    most = min(int(rule.get("count") or MOST), MOST)
    until = int(rule.get("until") or 0)
    found: list[int] = []
    for start in _candidates(first, rule):
        if len(found) >= most or (until and start > until):
            break
        found.append(start)
    return found


def _candidates(first: int, rule: Data) -> Iterator[int]:
    frequency, interval = str(rule.get("frequency")), max(1, int(rule.get("interval") or 1))
    if frequency in _SECONDS:
        step = _SECONDS[frequency] * interval
        yield from (first + number * step for number in range(MOST))
        return
    begin = datetime.fromtimestamp(first, _zone(str(rule.get("timeZone") or "UTC")))
    for number in range(_MOST_STEPS):
        for moment in _moments(begin, frequency, number * interval, rule):
            if moment >= begin:
                yield int(moment.timestamp())


def _zone(name: str) -> tzinfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return UTC


def _moments(begin: datetime, frequency: str, steps: int, rule: Data) -> list[datetime]:
    """The moments of one day, week, month or year; none where the month has no such day."""
    try:
        if frequency in _MONTHS:
            months = begin.month - 1 + steps * _MONTHS[frequency]
            return [begin.replace(year=begin.year + months // 12, month=months % 12 + 1)]
        moment = begin + timedelta(days=steps * _DAYS[frequency])
        wanted = [day for day in lists.pieces(rule.get("byDay") or "") if day in _WEEK]
        if not wanted:
            return [moment]
        if frequency == "days":
            return [moment] if _WEEK[moment.weekday()] in wanted else []
        monday = moment - timedelta(days=moment.weekday())
        return sorted(monday + timedelta(days=_WEEK.index(day)) for day in set(wanted))
    except (ValueError, OverflowError):
        return []


# -------------------------------------------------------------------------- events
def of(call: Call, series_id: int) -> list[Data]:
    """The single events of a series that are there."""
    rows = call.all("schedule_event")
    return [row for row in rows if row.get("parentId") == series_id and row["status"] != DELETED]


def planned(call: Call, series: Data) -> list[int]:
    """When a series takes place. One without a rule trips Kaltura's code."""
    rule = series.get("recurrence")
    if not rule or str(rule.get("frequency")) not in _SECONDS | _DAYS | _MONTHS:
        raise ApiError("INTERNAL_SERVERL_ERROR")
    return starts(series["startDate"], rule)


def follow(call: Call, series: Data, old: Data | None = None) -> None:
    """Make the single events fit their series: some stay, some go, some are new.

    ``old`` is the series before the change: what a single event shared with it follows.
    """
    wanted = planned(call, series)
    length = series["endDate"] - series["startDate"]
    have = {(row["startDate"], row["endDate"]): row for row in of(call, series["id"])}
    times = {(start, start + length) for start in wanted}
    for key, row in have.items():
        if key not in times:
            call.change("schedule_event", row["id"], status=DELETED)
        elif old is not None:
            call.change("schedule_event", row["id"], **_inherited(row, old, series))
    for start, end in sorted(times - have.keys()):
        _make(call, series, start, end)


def drop(call: Call, series: Data) -> None:
    """Without its series no single event takes place."""
    rows = of(call, series["id"]) if series["recurrenceType"] == RECURRING else []
    for row in rows:
        call.change("schedule_event", row["id"], status=DELETED, updatedAt=call.clock.now())


def _inherited(row: Data, old: Data, series: Data) -> Data:
    shared = series.keys() - _OWN
    return {name: series[name] for name in shared if row.get(name) == old.get(name)}


def _make(call: Call, series: Data, start: int, end: int) -> None:
    key = call.store.next_id("schedule_event")
    own = {name: value for name, value in series.items() if name != "recurrence"}
    times = {"startDate": start, "endDate": end, "duration": end - start}
    link = {"id": key, "parentId": series["id"], "recurrenceType": CHILD, "sequence": 1}
    call.put("schedule_event", key, own | times | link)
