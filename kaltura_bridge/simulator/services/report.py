"""report: what people watched, counted from the visits to webcasts and recordings.

A table's header and rows are text: columns joined by the delimiter, each row ended by
``;``. Both characters inside a value become a blank. Without rows everything is empty.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from kaltura_bridge.simulator.call import Call, action
from kaltura_bridge.simulator.errors import ApiError
from kaltura_bridge.simulator.given import Given
from kaltura_bridge.simulator.store import Data
from kaltura_bridge.simulator.visits import Visits, attention_percent

TOP_USERS_WEBCAST = "40009"
HIGHLIGHTS_WEBCAST = "40001"
UNKNOWN_USER = "Unknown"
DEFAULT_PAGE = 10
MAX_ROWS = 12_000
ROW_END = ";"


@dataclass(frozen=True)
class Question:
    """A report's filter: which views count, and between which moments."""

    since: int
    until: int
    entries: frozenset[str]
    roots: frozenset[str]
    playback: frozenset[str]
    users: frozenset[str]


@dataclass
class Viewer:
    """One person's sums, in seconds."""

    user_id: str
    name: str = ""
    loads: int = 0
    plays: int = 0
    watched_s: int = 0
    live_s: int = 0
    engaged_live_s: float = 0.0
    completion: list[float] = field(default_factory=list)

    def columns(self) -> dict[str, str]:
        """The row of the table of viewers, by column."""
        completed = sum(self.completion) / len(self.completion) if self.completion else 0.0
        engaged = self.engaged_live_s / self.live_s if self.live_s else 0.0
        return {
            "user_id": self.user_id,
            "user_name": self.name,
            "registered": "",
            "count_loads": str(self.loads),
            "count_plays": str(self.plays),
            "sum_view_period": _minutes(self.watched_s),
            "sum_live_view_period": _minutes(self.live_s),
            "avg_live_buffer_time": "0",
            "total_completion_rate": _ratio(completed),
            "live_engaged_users_play_time_ratio": _ratio(engaged),
        }


def _minutes(seconds: int) -> str:
    return f"{seconds / 60:.4f}"


def _ratio(value: float) -> str:
    return f"{min(1.0, value):.4f}"


@action("report.getTable")
def get_table(
    call: Call,
    reportType: str,
    reportInputFilter: Given,
    pager: Given,
    order: str | None = None,
    objectIds: str | None = None,
    responseOptions: Given | None = None,
) -> Data:
    """One page of a report's rows."""
    if reportType != TOP_USERS_WEBCAST:
        raise ApiError("REPORT_NOT_FOUND", ID=reportType)
    delimiter = _delimiter(responseOptions)
    question = _question(reportInputFilter, delimiter, objectIds)
    rows = _ordered([v.columns() for v in _viewers(call, question)], order or "-count_plays")
    shown = _page(rows, pager)
    if not shown:
        return {"objectType": "KalturaReportTable", "header": "", "data": ""}
    text = "".join(_joined(row.values(), delimiter) + ROW_END for row in shown)
    header = _joined(shown[0], delimiter)
    return {
        "objectType": "KalturaReportTable",
        "header": header,
        "data": text,
        "totalCount": len(rows),
    }


@action("report.getTotal")
def get_total(
    call: Call,
    reportType: str,
    reportInputFilter: Given,
    objectIds: str | None = None,
    responseOptions: Given | None = None,
) -> Data:
    """A report's sums in one row, which ends with no delimiter."""
    if reportType != HIGHLIGHTS_WEBCAST:
        raise ApiError("REPORT_NOT_FOUND", ID=reportType)
    delimiter = _delimiter(responseOptions)
    viewers = _viewers(call, _question(reportInputFilter, delimiter, objectIds))
    if not viewers:
        return {"objectType": "KalturaReportTotal", "header": "", "data": ""}
    sums = {
        "count_plays": str(sum(v.plays for v in viewers)),
        "unique_viewers": str(sum(bool(v.plays) for v in viewers)),
        "sum_view_period": _minutes(sum(v.watched_s for v in viewers)),
        "sum_live_view_period": _minutes(sum(v.live_s for v in viewers)),
    }
    return {
        "objectType": "KalturaReportTotal",
        "header": _joined(sums, delimiter),
        "data": _joined(sums.values(), delimiter),
    }


# ---------------------------------------------------------------------- question
def _delimiter(options: Given | None) -> str:
    return str((options and options.get("delimiter")) or ",")


def _question(asked: Given, delimiter: str, object_ids: str | None) -> Question:
    """The filter; its lists are split by the answer's delimiter."""

    def items(name: str) -> frozenset[str]:
        return _items(asked.get(name), delimiter)

    since, until = _window(asked)
    users = items("userIds") | _items(object_ids, delimiter)
    return Question(
        since, until, items("entryIdIn"), items("rootEntryIdIn"), items("playbackTypeIn"), users
    )


def _items(text: Any, delimiter: str) -> frozenset[str]:
    return frozenset(item.strip() for item in str(text or "").split(delimiter) if item.strip())


def _window(asked: Given) -> tuple[int, int]:
    """Unix seconds, or whole days in a zone so many minutes west of UTC."""
    west = timedelta(minutes=int(asked.get("timeZoneOffset", 0)))
    since = asked.get("fromDate") or _day(asked.get("fromDay"), west)
    until = asked.get("toDate") or _day(asked.get("toDay"), west + timedelta(days=1))
    return int(since or 0), int(until or 2**40)


def _day(text: Any, after: timedelta) -> int | None:
    try:
        return int((datetime.strptime(str(text), "%Y%m%d").replace(tzinfo=UTC) + after).timestamp())
    except ValueError:
        return None


# ----------------------------------------------------------------------- viewers
def _viewers(call: Call, question: Question) -> list[Viewer]:
    """Everybody who opened or watched what the question is about."""
    wanted = _wanted_entry(call, question)
    found: dict[str, Viewer] = {}
    for visit in Visits(call.store, call.clock, call.partner).all():
        if visit["kind"] != "webcast":
            continue
        user = visit["user_id"] if visit["user_type"] == "user" else ""
        user = user or UNKNOWN_USER
        if question.users and user not in question.users:
            continue
        views = _views(visit, question, wanted)
        if views or _only_opened(visit, question, wanted):
            viewer = found.setdefault(user, Viewer(user))
            viewer.name = UNKNOWN_USER if user == UNKNOWN_USER else visit["name"]
            _count(call, viewer, visit, views)
    return list(found.values())


def _wanted_entry(call: Call, question: Question) -> Callable[[str], bool]:
    def wanted(entry_id: str) -> bool:
        if not question.entries and not question.roots:
            return True
        entry = call.get("entry", entry_id) or {}
        return entry_id in question.entries or entry.get("rootEntryId") in question.roots

    return wanted


def _views(
    visit: Data, question: Question, wanted: Callable[[str], bool]
) -> list[tuple[str, str, int]]:
    """The visit's views as entry, live or vod, and seconds inside the window."""
    return [
        (entry, playback, min(end, question.until) - max(start, question.since))
        for entry, playback, start, end in visit["views"]
        if wanted(entry)
        and (not question.playback or playback in question.playback)
        and start <= question.until
        and end >= question.since
    ]


def _only_opened(visit: Data, question: Question, wanted: Callable[[str], bool]) -> bool:
    """Whether the page was opened while nothing played yet: a load without a play."""
    inside = question.since <= visit["joined"] <= question.until
    return inside and not visit["views"] and not question.playback and wanted(visit["place"])


def _count(call: Call, viewer: Viewer, visit: Data, views: list[tuple[str, str, int]]) -> None:
    attention = attention_percent(visit)
    viewer.loads += 1
    viewer.plays += bool(views)
    for entry_id, playback, seconds in views:
        viewer.watched_s += seconds
        if playback == "live":
            viewer.live_s += seconds
            viewer.engaged_live_s += seconds * (attention or 0) / 100
        elif length := int((call.get("entry", entry_id) or {}).get("duration") or 0):
            viewer.completion.append(seconds / length)


# ------------------------------------------------------------------------- table
def _joined(values: Iterable[str], delimiter: str) -> str:
    clean = (value.replace(delimiter, " ").replace(ROW_END, " ") for value in values)
    return delimiter.join(clean)


def _ordered(rows: list[dict[str, str]], order: str) -> list[dict[str, str]]:
    """By a column, ``-`` for descending; people with equal values by their id."""
    column = order.lstrip("+-")
    rows = sorted(rows, key=lambda row: row["user_id"])
    if not rows or column not in rows[0]:
        return rows
    return sorted(rows, key=lambda row: _sortable(row[column]), reverse=order.startswith("-"))


def _sortable(value: str) -> tuple[float, str]:
    try:
        return float(value), ""
    except ValueError:
        return 0.0, value


def _page(rows: list[dict[str, str]], pager: Given) -> list[dict[str, str]]:
    """A page; Kaltura's limit cuts the first one and breaks the later ones."""
    size, index = pager.get("pageSize", 0), max(1, pager.get("pageIndex", 1))
    size = size if size > 0 else DEFAULT_PAGE
    if size * index > MAX_ROWS and index > 1:
        raise ApiError("INTERNAL_SERVERL_ERROR")
    size = min(size, MAX_ROWS)
    return rows[(index - 1) * size : index * size]
