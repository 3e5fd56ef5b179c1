"""Kaltura's reports: a table at a time, as text.

With it comes the Kaltura client; what the web process may load imports this module in
the function that needs it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from kaltura_bridge.api.client import Kaltura, is_set, new

# Also splits the lists inside the filter, so it is the same for question and answer.
DELIMITER: Final = "|"
PAGE_ROWS: Final = 500


@dataclass(frozen=True)
class ReportPage:
    """One page of a table as Kaltura wrote it. Without rows all of it is empty."""

    header: str
    data: str
    total: int


def report_page(
    kaltura: Kaltura,
    report: str,
    entries: Sequence[str],
    since: datetime,
    until: datetime,
    page: int,
    order: str = "-count_plays",
) -> ReportPage:
    """Page ``page`` (from 1) of ``report`` about these entries, by default most plays first.

    Raises RemoteUnavailable or RemoteRejected. Pages beyond 24 are refused by Kaltura.
    Source: getTableAction in api_v3/services/ReportService.php of kaltura/server.
    """
    about = new(
        "KalturaEndUserReportInputFilter",
        fromDate=int(since.timestamp()),
        toDate=int(until.timestamp()),
        entryIdIn=DELIMITER.join(entries),
    )
    pager = new("KalturaFilterPager", pageSize=PAGE_ROWS, pageIndex=page)
    options = new("KalturaReportResponseOptions", delimiter=DELIMITER)

    def ask(client: Any) -> object:
        return client.report.getTable(report, about, pager, order=order, responseOptions=options)

    table = kaltura.one(ask)
    return ReportPage(_text(table.header), _text(table.data), _number(table.totalCount))


def _text(value: object) -> str:
    return str(value) if is_set(value) else ""


def _number(value: object) -> int:
    return int(str(value)) if is_set(value) and str(value) else 0
