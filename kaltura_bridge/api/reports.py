"""Kaltura's reports: a table at a time, as text.

With it comes the Kaltura client; what the web process may load imports this module in
the function that needs it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from kaltura_bridge.api.client import Kaltura, Request, is_set, new
from kaltura_bridge.api.errors import KalturaError

# Also splits the lists inside the filter, so it is the same for question and answer.
DELIMITER: Final = "|"
PAGE_ROWS: Final = 500


@dataclass(frozen=True)
class ReportPage:
    """One page of a table as Kaltura wrote it. Without rows all of it is empty.

    ``sums`` are the totals of another report about the same, by column; empty when it was
    not asked, is not there, or had nothing to add up.
    """

    header: str
    data: str
    total: int
    sums: Mapping[str, str] = field(default_factory=dict)


def report_page(
    kaltura: Kaltura,
    report: str,
    entries: Sequence[str],
    since: datetime,
    until: datetime,
    page: int,
    order: str = "-count_plays",
    totals: str = "",
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

    def add_up(client: Any) -> object:
        return client.report.getTotal(totals, about, responseOptions=options)

    # Both in one HTTP request. Only the table is needed; an account may lack the other report.
    asked = [Request(ask), Request(add_up)] if totals else [Request(ask)]
    table, *more = kaltura.ask_once(asked)
    if isinstance(table, KalturaError):
        raise table
    sums = next((_sums(answer) for answer in more if not isinstance(answer, KalturaError)), {})
    return ReportPage(_text(table.header), _text(table.data), _number(table.totalCount), sums)


def _sums(answer: Any) -> dict[str, str]:
    """One row of totals by column; empty when it does not fit its header."""
    columns, values = (_text(text).split(DELIMITER) for text in (answer.header, answer.data))
    return dict(zip(columns, values, strict=True)) if len(columns) == len(values) else {}


def _text(value: object) -> str:
    return str(value) if is_set(value) else ""


def _number(value: object) -> int:
    return int(str(value)) if is_set(value) and str(value) else 0
