"""report: what people watched, counted from the visits to webcasts, recordings and rooms.

A table's header and rows are text: columns joined by the delimiter, each row ended by
``;``. Both characters inside a value become a blank. Without rows everything is empty.
"""

from __future__ import annotations

from collections.abc import Iterable

from kaltura_bridge.simulator.call import Call, action
from kaltura_bridge.simulator.errors import ApiError
from kaltura_bridge.simulator.given import Given
from kaltura_bridge.simulator.reports import kinds
from kaltura_bridge.simulator.reports.question import delimiter_of, question
from kaltura_bridge.simulator.store import Data

DEFAULT_PAGE = 10
MAX_ROWS = 12_000
ROW_END = ";"


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
    delimiter, kind = delimiter_of(responseOptions), str(reportType)
    asked = question(reportInputFilter, delimiter, objectIds)
    made = kinds.TABLES.get(kind)
    rows = _ordered(made(call, asked), order or kinds.ORDERS.get(kind, "")) if made else []
    shown = _page(rows, pager)
    if not shown:
        return {"objectType": "KalturaReportTable", "header": "", "data": ""}
    text = "".join(_joined(row.values(), delimiter) + ROW_END for row in shown)
    return {
        "objectType": "KalturaReportTable",
        "header": _joined(shown[0], delimiter),
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
    delimiter = delimiter_of(responseOptions)
    made = kinds.TOTALS.get(str(reportType))
    sums = made(call, question(reportInputFilter, delimiter, objectIds)) if made else {}
    return {
        "objectType": "KalturaReportTotal",
        "header": _joined(sums, delimiter),
        "data": _joined(sums.values(), delimiter),
    }


@action("report.getGraphs")
def get_graphs(
    call: Call,
    reportType: str,
    reportInputFilter: Given,
    dimension: str | None = None,
    objectIds: str | None = None,
    responseOptions: Given | None = None,
) -> list[Data]:
    """A report over time: for each graph its points, ``label,value;``."""
    delimiter = delimiter_of(responseOptions)
    made = kinds.GRAPHS.get(str(reportType))
    found = made(call, question(reportInputFilter, delimiter, objectIds)) if made else {}
    return [
        {
            "objectType": "KalturaReportGraph",
            "id": name,
            "data": "".join(_joined(point, delimiter) + ROW_END for point in points.items()),
        }
        for name, points in found.items()
    ]


@action("report.getBaseTotal")
def get_base_total(
    call: Call,
    reportType: str,
    reportInputFilter: Given,
    objectIds: str | None = None,
    responseOptions: Given | None = None,
) -> list[Data]:
    """What stood before the window began: nothing is kept of it here."""
    return []


@action("report.getCsvFromStringParams")
def get_csv_from_string_params(
    call: Call, id: int, params: str | None, excludedFields: str | None
) -> None:
    """Reports made for one account; this one has none."""
    raise ApiError("REPORT_NOT_FOUND", ID=id)


@action("report.getCsv")
def get_csv(call: Call, id: int, params: list[object] | None, excludedFields: str | None) -> None:
    """The same with its parameters as a list."""
    raise ApiError("REPORT_NOT_FOUND", ID=id)


@action("report.execute")
def execute(call: Call, id: int, params: list[object] | None) -> None:
    """The same as a table."""
    raise ApiError("REPORT_NOT_FOUND", ID=id)


# ------------------------------------------------------------------------- table
def _joined(values: Iterable[str], delimiter: str) -> str:
    clean = (value.replace(delimiter, " ").replace(ROW_END, " ") for value in values)
    return delimiter.join(clean)


def _ordered(rows: list[kinds.Row], order: str) -> list[kinds.Row]:
    """By a column, ``-`` for descending; equal ones by the first column."""
    column = order.lstrip("+-")
    rows = sorted(rows, key=lambda row: next(iter(row.values())))
    if not rows or column not in rows[0]:
        return rows
    return sorted(rows, key=lambda row: _sortable(row[column]), reverse=order.startswith("-"))


def _sortable(value: str) -> tuple[float, str]:
    try:
        return float(value), ""
    except ValueError:
        return 0.0, value


def _page(rows: list[kinds.Row], pager: Given) -> list[kinds.Row]:
    """A page; Kaltura's limit cuts the first one and breaks the later ones."""
    size, index = pager.get("pageSize", 0), max(1, pager.get("pageIndex", 1))
    size = size if size > 0 else DEFAULT_PAGE
    if size * index > MAX_ROWS and index > 1:
        raise ApiError("INTERNAL_SERVERL_ERROR")
    size = min(size, MAX_ROWS)
    return rows[(index - 1) * size : index * size]
