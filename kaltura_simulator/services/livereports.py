"""liveReports: the present and recent audience of streams.

Kaltura's: api_v3/services/LiveReportsService.php
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import accumulate

from kaltura_simulator.api import lists
from kaltura_simulator.api.call import Call, action
from kaltura_simulator.api.errors import ApiError
from kaltura_simulator.api.params import SentObject
from kaltura_simulator.media import live
from kaltura_simulator.reports.viewing import DVR, LIVE
from kaltura_simulator.state.store import Data
from kaltura_simulator.state.visits import Visits

ENTRY_TOTAL, PARTNER_TOTAL = "ENTRY_TOTAL", "PARTNER_TOTAL"
_TYPES = (
    ENTRY_TOTAL,
    PARTNER_TOTAL,
    "ENTRY_TIME_LINE",
    "ENTRY_GEO_TIME_LINE",
    "ENTRY_SYNDICATION_TOTAL",
)
#: The interval between points of a time line, and their maximum number.
STEP_S, MAX_POINTS = 10, 12_960
_RECENT_S = 36 * 3600

#: One view: (entry, live or DVR, from, to) in Unix seconds.
ViewRow = tuple[str, str, int, int]


def _check(report_type: str) -> None:
    if report_type not in _TYPES:
        raise ApiError(
            "INVALID_ENUM_VALUE",
            ENUM_VAL=report_type,
            PARAM_NAME="reportType",
            ENUM_TYPE="KalturaLiveReportType",
        )


def _views(call: Call, sent_filter: SentObject) -> list[ViewRow]:
    """The views of the requested streams in the requested window."""
    wanted, since, until = (
        lists.split_commas(sent_filter.get("entryIds", "")),
        *_window(call, sent_filter),
    )
    found = []
    for visit in Visits(call.store, call.clock, call.partner).all():
        for entry, playback, start, end in visit["views"]:
            inside = start <= until and end >= since
            if playback in {LIVE, DVR} and inside and (not wanted or entry in wanted):
                found.append((entry, playback, max(start, since), min(end, until)))
    return found


def _window(call: Call, sent_filter: SentObject) -> tuple[int, int]:
    """``fromTime`` and ``toTime``: Unix times, or, if not positive, relative to now."""
    now = call.clock.now()
    since, until = sent_filter.get("fromTime", -_RECENT_S), sent_filter.get("toTime", now)
    return (since if since > 0 else now + since), (until if until > 0 else now + until)


def _stats(kind: str, views: list[ViewRow], now: int) -> Data:
    """The present audience and the totals; bitrate and buffering are always 0."""
    current = [row for row in views if row[3] >= now - 2 * STEP_S]
    return {
        "objectType": kind,
        "audience": sum(row[1] == LIVE for row in current),
        "dvrAudience": sum(row[1] == DVR for row in current),
        "avgBitrate": 0,
        "bufferTime": 0,
        "plays": len(views),
        "secondsViewed": sum(row[3] - row[2] for row in views),
        "startEvent": 0,
        "timestamp": now,
    }


@action("livereports.getReport")
def get_report(
    call: Call, reportType: str, filter: SentObject | None, pager: SentObject | None
) -> Data | None:
    """Statistics of each stream, or of all; there are none by location or site."""
    _check(reportType)
    if reportType == "ENTRY_TIME_LINE":
        return None
    sent_filter = filter or SentObject("KalturaLiveReportInputFilter")
    makers = {ENTRY_TOTAL: _by_entry, PARTNER_TOTAL: _in_all}
    rows = makers[reportType](call, sent_filter) if reportType in makers else []
    page = lists.page_of(rows, pager, indexed=False)
    return lists.list_response("KalturaLiveStatsListResponse", page, len(rows))


def _in_all(call: Call, sent_filter: SentObject) -> list[Data]:
    now, views = call.clock.now(), _views(call, sent_filter)
    if sent_filter.get("live"):
        views = [row for row in views if _on_air(call, row[0])]
    return [_stats("KalturaLiveStats", views, now)]


def _on_air(call: Call, key: str) -> bool:
    entry = call.get("entry", key)
    return entry is not None and live.is_streaming(entry)


def _by_entry(call: Call, sent_filter: SentObject) -> list[Data]:
    views, named = _views(call, sent_filter), lists.split_commas(sent_filter.get("entryIds", ""))
    keys = named or sorted({row[0] for row in views}, key=lambda key: _name(call, key))
    if sent_filter.get("live"):
        keys = [key for key in keys if _on_air(call, key)]
    return [_entry_stats(call, key, [row for row in views if row[0] == key]) for key in keys]


def _name(call: Call, key: str) -> str:
    return str((call.get("entry", key) or {}).get("name") or "")


def _entry_stats(call: Call, key: str, views: list[ViewRow]) -> Data:
    peaks = {"peakAudience": _peak(views, LIVE), "peakDvrAudience": _peak(views, DVR)}
    return _stats("KalturaEntryLiveStats", views, call.clock.now()) | {"entryId": key} | peaks


def _peak(views: list[ViewRow], playback: str) -> int:
    """The peak audience; who leaves in a second still counts in that second."""
    own = [(start, end) for _, kind, start, end in views if kind == playback]
    starts, ends = [(start, 0, 1) for start, _ in own], [(end, 1, -1) for _, end in own]
    counts = accumulate(change for _, _, change in sorted(starts + ends))
    return max(counts, default=0)


@action("livereports.getEvents")
def get_events(
    call: Call, reportType: str, filter: SentObject | None, pager: SentObject | None
) -> list[Data]:
    """The audience every ten seconds: ``time,live,dvr;``."""
    _check(reportType)
    sent_filter = filter or SentObject("KalturaLiveReportInputFilter")
    since, until = _window(call, sent_filter)
    until = min(until, call.clock.now())
    first = -(-max(since, until - STEP_S * MAX_POINTS) // STEP_S)
    points = _points(_views(call, sent_filter), first, until // STEP_S)
    text = "".join(f"{at * STEP_S},{now},{dvr};" for at, now, dvr in points)
    return [{"objectType": "KalturaReportGraph", "id": "audience", "data": text}]


def _points(views: list[ViewRow], first: int, last: int) -> Iterator[tuple[int, int, int]]:
    """(time in steps, live viewers, DVR viewers) for each step."""
    steps: dict[tuple[str, int], int] = {}
    for _, playback, start, end in views:
        starts, ends = max(first, -(-start // STEP_S)), end // STEP_S + 1
        for at, change in ((starts, 1), (ends, -1)) if ends > starts else ():
            steps[playback, at] = steps.get((playback, at), 0) + change
    now = dvr = 0
    for at in range(first, last + 1):
        now += steps.get((LIVE, at), 0)
        dvr += steps.get((DVR, at), 0)
        yield at, now, dvr
