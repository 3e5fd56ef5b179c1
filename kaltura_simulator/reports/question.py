"""What a report is asked: whose views of what, between which moments."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from kaltura_simulator.api.params import Given

#: How the days, hours and minutes of a graph are written.
INTERVALS = {"months": "%Y%m", "days": "%Y%m%d", "hours": "%Y%m%d%H", "minutes": "%Y%m%d%H%M"}


@dataclass(frozen=True)
class Question:
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

    def label_of(self, unix: int) -> str:
        """The point of a graph that a moment belongs to, in the asker's zone."""
        return (datetime.fromtimestamp(unix, UTC) - self.west).strftime(self.label)


def delimiter_of(options: Given | None) -> str:
    """What parts columns in the answer, and items in the question."""
    return str((options and options.get("delimiter")) or ",")


def question(asked: Given, delimiter: str, object_ids: str | None) -> Question:
    """The filter; its lists are split by the answer's delimiter."""

    def items(name: str) -> frozenset[str]:
        return _items(asked.get(name), delimiter)

    west = timedelta(minutes=int(asked.get("timeZoneOffset", 0)))
    since, until = _window(asked, west)
    return Question(
        since,
        until,
        items("entryIdIn"),
        items("rootEntryIdIn"),
        items("playbackTypeIn"),
        items("userIds"),
        _items(object_ids, delimiter),
        INTERVALS.get(str(asked.get("interval", "days")), INTERVALS["days"]),
        west,
    )


def _items(text: Any, delimiter: str) -> frozenset[str]:
    return frozenset(item.strip() for item in str(text or "").split(delimiter) if item.strip())


def _window(asked: Given, west: timedelta) -> tuple[int, int]:
    """Unix seconds, or whole days in a zone so many minutes west of UTC."""
    since = asked.get("fromDate") or _day(asked.get("fromDay"), west)
    until = asked.get("toDate") or _day(asked.get("toDay"), west + timedelta(days=1))
    return int(since or 0), int(until or 2**40)


def _day(text: Any, after: timedelta) -> int | None:
    try:
        return int((datetime.strptime(str(text), "%Y%m%d").replace(tzinfo=UTC) + after).timestamp())
    except (ValueError, OverflowError):
        return None
