"""Kaltura's reports: a table at a time, as text.

With it comes the Kaltura client; what the web process may load imports this module in
the function that needs it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from kaltura_bridge.api.client import Kaltura, Request, is_set, new
from kaltura_bridge.api.errors import KalturaError
from kaltura_bridge.audience.asking import PAGE_ROWS as AUDIENCE_ROWS
from kaltura_bridge.audience.asking import filter_fields
from kaltura_bridge.audience.definitions import ReportDefinition, ReportForm
from kaltura_bridge.audience.reading import DELIMITER

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


@dataclass(frozen=True)
class AudienceQuestion:
    """A report about the audience, of which entries, and of which time."""

    report: ReportDefinition
    entries: Sequence[str]
    since: datetime
    until: datetime


def audience_answers(kaltura: Kaltura, questions: Sequence[AudienceQuestion]) -> list[Any]:
    """Kaltura's answer to each, or the KalturaError that it ended with, in one HTTP request.

    Raises RemoteUnavailable where there is no answer at all.
    """
    return list(kaltura.ask_once([Request(_asker(question)) for question in questions]))


def _asker(question: AudienceQuestion) -> Callable[[Any], object]:
    report = question.report
    fields = filter_fields(report, question.entries, question.since, question.until)
    about = new("KalturaEndUserReportInputFilter", **fields)
    options = new("KalturaReportResponseOptions", delimiter=DELIMITER)
    pager = new("KalturaFilterPager", pageSize=AUDIENCE_ROWS)

    def ask(client: Any) -> object:
        service = client.report
        match report.form:
            case ReportForm.TOTAL:
                return service.getTotal(report.number, about, responseOptions=options)
            case ReportForm.GRAPHS:
                return service.getGraphs(report.number, about, responseOptions=options)
        return service.getTable(
            report.number, about, pager, order=report.order, responseOptions=options
        )

    return ask


def _sums(answer: Any) -> dict[str, str]:
    """One row of totals by column; empty when it does not fit its header."""
    columns, values = (_text(text).split(DELIMITER) for text in (answer.header, answer.data))
    return dict(zip(columns, values, strict=True)) if len(columns) == len(values) else {}


def _text(value: object) -> str:
    return str(value) if is_set(value) else ""


def _number(value: object) -> int:
    return int(str(value)) if is_set(value) and str(value) else 0
