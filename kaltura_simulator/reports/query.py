"""The filter of a report: whose views, of what, between which times."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from kaltura_simulator.api.params import SentObject

#: The labels of a graph's points, by ``interval``.
INTERVALS = {"months": "%Y%m", "days": "%Y%m%d", "hours": "%Y%m%d%H", "minutes": "%Y%m%d%H%M"}
#: No two points are closer together than this, by ``interval``.
_STEPS_S = {"hours": 3600, "minutes": 60}


@dataclass(frozen=True)
class ReportQuery:
    """A report's filter."""

    since: int
    until: int
    entries: frozenset[str]
    roots: frozenset[str]
    playback: frozenset[str]
    users: frozenset[str]
    objects: frozenset[str]
    label: str
    west: timedelta
    step_s: int = 86_400

    def label_of(self, unix: int) -> str:
        """The label of the point that a time belongs to, in the caller's time zone."""
        return (datetime.fromtimestamp(unix, UTC) - self.west).strftime(self.label)

    def labels_of(self, start: int, seconds: int) -> list[str]:
        """The labels of all points that this time touches; an end touches none of its own."""
        first, last = start // self.step_s, max(start, start + seconds - 1) // self.step_s
        within = [start, *(at * self.step_s for at in range(first + 1, last + 1))]
        return list(dict.fromkeys(map(self.label_of, within)))


def delimiter_of(options: SentObject | None) -> str:
    """What separates columns in the answer, and items in the filter."""
    return str((options and options.get("delimiter")) or ",")


def read_query(query: SentObject, delimiter: str, object_ids: str | None) -> ReportQuery:
    """Read the filter; its lists are split by the answer's delimiter."""

    def items(name: str) -> frozenset[str]:
        return _items(query.get(name), delimiter)

    west = timedelta(minutes=int(query.get("timeZoneOffset", 0)))
    since, until = _window(query, west)
    return ReportQuery(
        since,
        until,
        items("entryIdIn"),
        items("rootEntryIdIn"),
        items("playbackTypeIn"),
        items("userIds"),
        _items(object_ids, delimiter),
        INTERVALS.get(str(query.get("interval", "days")), INTERVALS["days"]),
        west,
        _STEPS_S.get(str(query.get("interval", "days")), 86_400),
    )


def _items(text: Any, delimiter: str) -> frozenset[str]:
    return frozenset(item.strip() for item in str(text or "").split(delimiter) if item.strip())


def _window(query: SentObject, west: timedelta) -> tuple[int, int]:
    """The window: Unix seconds, or whole days in a time zone west of UTC."""
    since = query.get("fromDate") or _day(query.get("fromDay"), west)
    until = query.get("toDate") or _day(query.get("toDay"), west + timedelta(days=1))
    return int(since or 0), int(until or 2**40)


def _day(text: Any, after: timedelta) -> int | None:
    try:
        return int((datetime.strptime(str(text), "%Y%m%d").replace(tzinfo=UTC) + after).timestamp())
    except (ValueError, OverflowError):
        return None
