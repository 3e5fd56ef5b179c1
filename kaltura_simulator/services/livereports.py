"""liveReports: who is watching streams now, and how many did a moment ago."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import accumulate

from kaltura_simulator.api import lists
from kaltura_simulator.api.call import Call, action
from kaltura_simulator.api.errors import ApiError
from kaltura_simulator.api.params import Given
from kaltura_simulator.media import live
from kaltura_simulator.reports.watched import DVR, LIVE
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
#: The points of a time line lie so far apart; there are no more of them than this.
STEP_S, MAX_POINTS = 10, 12_960
_RECENT_S = 36 * 3600

#: What one visitor saw: (entry, live or DVR, since, until) in Unix seconds.
Seen = tuple[str, str, int, int]


def _check(report_type: str) -> None:
    if report_type not in _TYPES:
        raise ApiError(
            "INVALID_ENUM_VALUE",
            ENUM_VAL=report_type,
            PARAM_NAME="reportType",
            ENUM_TYPE="KalturaLiveReportType",
        )


def _seen(call: Call, asked: Given) -> list[Seen]:
    """What was seen of the streams that are asked about, between the times asked for."""
    wanted, since, until = lists.pieces(asked.get("entryIds", "")), *_window(call, asked)
    found = []
    for visit in Visits(call.store, call.clock, call.partner).all():
        for entry, playback, start, end in visit["views"]:
            inside = start <= until and end >= since
            if playback in {LIVE, DVR} and inside and (not wanted or entry in wanted):
                found.append((entry, playback, max(start, since), min(end, until)))
    return found


def _window(call: Call, asked: Given) -> tuple[int, int]:
    """``fromTime`` and ``toTime``: moments, or as seconds before now when they are not above 0."""
    now = call.clock.now()
    since, until = asked.get("fromTime", -_RECENT_S), asked.get("toTime", now)
    return (since if since > 0 else now + since), (until if until > 0 else now + until)


def _stats(kind: str, seen: list[Seen], now: int) -> Data:
    """Audience now, and what was seen in all; numbers of bits and buffering are not known."""
    current = [row for row in seen if row[3] >= now - 2 * STEP_S]
    return {
        "objectType": kind,
        "audience": sum(row[1] == LIVE for row in current),
        "dvrAudience": sum(row[1] == DVR for row in current),
        "avgBitrate": 0,
        "bufferTime": 0,
        "plays": len(seen),
        "secondsViewed": sum(row[3] - row[2] for row in seen),
        "startEvent": 0,
        "timestamp": now,
    }


@action("livereports.getReport")
def get_report(
    call: Call, reportType: str, filter: Given | None, pager: Given | None
) -> Data | None:
    """Numbers for each stream, or for all; by place and site nothing is known."""
    _check(reportType)
    if reportType == "ENTRY_TIME_LINE":
        return None
    asked = filter or Given("KalturaLiveReportInputFilter")
    makers = {ENTRY_TOTAL: _by_entry, PARTNER_TOTAL: _in_all}
    rows = makers[reportType](call, asked) if reportType in makers else []
    page = lists.paged(rows, pager, indexed=False)
    return lists.response("KalturaLiveStatsListResponse", page, len(rows))


def _in_all(call: Call, asked: Given) -> list[Data]:
    now, seen = call.clock.now(), _seen(call, asked)
    if asked.get("live"):
        seen = [row for row in seen if _on_air(call, row[0])]
    return [_stats("KalturaLiveStats", seen, now)]


def _on_air(call: Call, key: str) -> bool:
    entry = call.get("entry", key)
    return entry is not None and live.is_streaming(entry)


def _by_entry(call: Call, asked: Given) -> list[Data]:
    seen, named = _seen(call, asked), lists.pieces(asked.get("entryIds", ""))
    keys = named or sorted({row[0] for row in seen}, key=lambda key: _name(call, key))
    if asked.get("live"):
        keys = [key for key in keys if _on_air(call, key)]
    return [_entry_stats(call, key, [row for row in seen if row[0] == key]) for key in keys]


def _name(call: Call, key: str) -> str:
    return str((call.get("entry", key) or {}).get("name") or "")


def _entry_stats(call: Call, key: str, seen: list[Seen]) -> Data:
    peaks = {"peakAudience": _peak(seen, LIVE), "peakDvrAudience": _peak(seen, DVR)}
    return _stats("KalturaEntryLiveStats", seen, call.clock.now()) | {"entryId": key} | peaks


def _peak(seen: list[Seen], playback: str) -> int:
    """The most who ever watched at once; who leaves in a second is still there in it."""
    own = [(start, end) for _, kind, start, end in seen if kind == playback]
    comes, goes = [(start, 0, 1) for start, _ in own], [(end, 1, -1) for _, end in own]
    counts = accumulate(change for _, _, change in sorted(comes + goes))
    return max(counts, default=0)


@action("livereports.getEvents")
def get_events(
    call: Call, reportType: str, filter: Given | None, pager: Given | None
) -> list[Data]:
    """The audience every ten seconds: ``time,live,behind;``."""
    _check(reportType)
    asked = filter or Given("KalturaLiveReportInputFilter")
    since, until = _window(call, asked)
    until = min(until, call.clock.now())
    first = -(-max(since, until - STEP_S * MAX_POINTS) // STEP_S)
    points = _points(_seen(call, asked), first, until // STEP_S)
    text = "".join(f"{at * STEP_S},{now},{behind};" for at, now, behind in points)
    return [{"objectType": "KalturaReportGraph", "id": "audience", "data": text}]


def _points(seen: list[Seen], first: int, last: int) -> Iterator[tuple[int, int, int]]:
    """Time in steps, watching live, watching behind; who comes and goes is counted once."""
    steps: dict[tuple[str, int], int] = {}
    for _, playback, start, end in seen:
        comes, goes = max(first, -(-start // STEP_S)), end // STEP_S + 1
        for at, change in ((comes, 1), (goes, -1)) if goes > comes else ():
            steps[playback, at] = steps.get((playback, at), 0) + change
    now = behind = 0
    for at in range(first, last + 1):
        now += steps.get((LIVE, at), 0)
        behind += steps.get((DVR, at), 0)
        yield at, now, behind
