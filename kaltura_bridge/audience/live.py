"""Who watches a broadcast now, as Kaltura says: one request for all that the desk shows of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from kaltura_bridge.api.errors import KalturaError, RemoteUnavailable
from kaltura_bridge.api.light import LightCall, call_all
from kaltura_bridge.audience.asking import is_lacking, report_call
from kaltura_bridge.audience.definitions import ReportDefinition, wanted_reports
from kaltura_bridge.audience.reading import BadReport, ReportRows, read_report
from kaltura_bridge.live.broadcast import control_ks


@dataclass(frozen=True)
class ReadReport:
    """A report as it was read. ``is_lacking``: the account has none; ``trouble``: why it failed."""

    name: str
    rows: ReportRows = field(default_factory=list)
    is_lacking: bool = False
    trouble: str = ""


@dataclass(frozen=True)
class LiveAudience:
    """How many watch now, live or rewound, and the most who did; None: Kaltura has not said."""

    now: int | None = None
    peak: int | None = None
    reports: Sequence[ReadReport] = ()


def ask_audience(entry_id: str, since: int, until: int) -> LiveAudience:
    """Ask Kaltura's live report, and the realtime reports that the settings name.

    ``since`` and ``until`` are Unix seconds. Raises KalturaError when the live report is not
    told; a further report that is not is told as such.
    """
    signed = control_ks(entry_id)
    begin, end = (datetime.fromtimestamp(moment, UTC) for moment in (since, until))
    reports = [report for report in wanted_reports() if report.is_realtime]
    calls = [_live_report(entry_id, since, signed)]
    calls += [report_call(report, [entry_id], begin, end, signed) for report in reports]
    live, *further = call_all(calls)
    if isinstance(live, KalturaError):
        raise live
    now, peak = _counts(live, entry_id)
    found = [_read(report, answer) for report, answer in zip(reports, further, strict=True)]
    return LiveAudience(now, peak, found)


def _live_report(entry_id: str, since: int, signed: str) -> LightCall:
    about = {
        "objectType": "KalturaLiveReportInputFilter",
        "entryIds": entry_id,
        "fromTime": str(since),
    }
    params = {"reportType": "ENTRY_TOTAL", "filter": about}
    return LightCall("livereports", "getReport", params, signed)


def _counts(answer: Any, entry_id: str) -> tuple[int, int]:
    rows = answer.get("objects") if isinstance(answer, dict) else None
    if not isinstance(rows, list):
        raise RemoteUnavailable("an answer that cannot be read", sent=True)
    row: dict[str, Any] = next((r for r in rows if r.get("entryId") == entry_id), {})
    return (
        int(row.get("audience", 0)) + int(row.get("dvrAudience", 0)),
        int(row.get("peakAudience", 0)) + int(row.get("peakDvrAudience", 0)),
    )


def _read(report: ReportDefinition, answer: Any) -> ReadReport:
    if isinstance(answer, KalturaError):
        if is_lacking(answer):
            return ReadReport(report.name, is_lacking=True)
        return ReadReport(report.name, trouble=str(getattr(answer, "code", "") or answer))
    try:
        return ReadReport(report.name, read_report(report, answer))
    except BadReport as error:
        return ReadReport(report.name, trouble=str(error))
