"""What is sent to Kaltura for a report about the audience: the same from the desk and a worker."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from kaltura_bridge.api.errors import RemoteRejected
from kaltura_bridge.api.light import LightCall
from kaltura_bridge.audience.definitions import ReportDefinition, ReportForm
from kaltura_bridge.audience.reading import DELIMITER

#: A day of minutes; Kaltura takes so many at once.
PAGE_ROWS: Final = 1440
#: The account lacks the report, or our session may not read it. No error: pages say so.
LACKING: Final = frozenset({"REPORT_NOT_FOUND", "SERVICE_FORBIDDEN", "FEATURE_FORBIDDEN"})


def is_lacking(error: Exception) -> bool:
    """Whether the account does not give us this report, for whatever entry."""
    return isinstance(error, RemoteRejected) and error.code in LACKING


def report_call(
    report: ReportDefinition, entries: Sequence[str], since: datetime, until: datetime, ks: str
) -> LightCall:
    """The call of a report about these entries, for whoever asks without Kaltura's client.

    Times are aware. Minutes of the answer are UTC. The delimiter also splits the filter's lists.
    Source: api_v3/services/ReportService.php of kaltura/server.
    """
    params: dict[str, Any] = {
        "reportType": report.number,
        "reportInputFilter": {
            "objectType": "KalturaEndUserReportInputFilter",
            **filter_fields(report, entries, since, until),
        },
        "responseOptions": {
            "objectType": "KalturaReportResponseOptions",
            "delimiter": DELIMITER,
        },
    }
    if report.form is ReportForm.TABLE:
        params["pager"] = {"objectType": "KalturaFilterPager", "pageSize": str(PAGE_ROWS)}
        params["order"] = report.order
    return LightCall("report", report.form, params, ks)


def filter_fields(
    report: ReportDefinition, entries: Sequence[str], since: datetime, until: datetime
) -> dict[str, str]:
    """The fields of the filter, as text."""
    fields = {
        "fromDate": str(int(since.timestamp())),
        "toDate": str(int(until.timestamp())),
        "entryIdIn": DELIMITER.join(entries),
    }
    return fields | ({"interval": "minutes"} if report.by_time else {})
