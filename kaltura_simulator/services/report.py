"""report: what people watched, computed from the visits to webcasts, recordings and rooms.

A table's header and rows are text: columns joined by the delimiter, each row ended by
``;``. Both characters are replaced by spaces in values. Without rows everything is empty.
Kaltura's: api_v3/services/ReportService.php
"""

from __future__ import annotations

from collections.abc import Iterable

from kaltura_simulator.api.call import Call, action
from kaltura_simulator.api.errors import ApiError
from kaltura_simulator.api.params import SentObject
from kaltura_simulator.media import entries
from kaltura_simulator.reports import report_types
from kaltura_simulator.reports.query import ReportQuery, delimiter_of, read_query
from kaltura_simulator.services import session
from kaltura_simulator.state.store import Data
from kaltura_simulator.web.files import File

DEFAULT_PAGE = 10
MAX_ROWS = 12_000
ROW_END = ";"
#: The maximum number of rows in a CSV file, and how long the file can be fetched.
MAX_CSV_ROWS, CSV_S = 60_000, 86_400
CSV_KIND = "report_csv"


@action("report.getTable")
def get_table(
    call: Call,
    reportType: str,
    reportInputFilter: SentObject,
    pager: SentObject,
    order: str | None = None,
    objectIds: str | None = None,
    responseOptions: SentObject | None = None,
) -> Data:
    """One page of a report's rows."""
    delimiter = delimiter_of(responseOptions)
    query = read_query(reportInputFilter, delimiter, objectIds)
    rows = _rows(call, str(reportType), query, order)
    shown = _page(rows, pager, MAX_ROWS)
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
    reportInputFilter: SentObject,
    objectIds: str | None = None,
    responseOptions: SentObject | None = None,
) -> Data:
    """A report's totals in one row, without row end."""
    delimiter = delimiter_of(responseOptions)
    made = report_types.TOTALS.get(str(reportType))
    sums = made(call, read_query(reportInputFilter, delimiter, objectIds)) if made else {}
    return {
        "objectType": "KalturaReportTotal",
        "header": _joined(sums, delimiter),
        "data": _joined(sums.values(), delimiter),
    }


@action("report.getGraphs")
def get_graphs(
    call: Call,
    reportType: str,
    reportInputFilter: SentObject,
    dimension: str | None = None,
    objectIds: str | None = None,
    responseOptions: SentObject | None = None,
) -> list[Data]:
    """A report over time: for each graph its points, ``label,value;``."""
    delimiter = delimiter_of(responseOptions)
    made = report_types.GRAPHS.get(str(reportType))
    found = made(call, read_query(reportInputFilter, delimiter, objectIds)) if made else {}
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
    reportInputFilter: SentObject,
    objectIds: str | None = None,
    responseOptions: SentObject | None = None,
) -> list[Data]:
    """The totals before the window: always empty here."""
    return []


@action("report.getUrlForReportAsCsv")
def get_url_for_report_as_csv(
    call: Call,
    reportTitle: str,
    reportText: str,
    headers: str,
    reportType: str,
    reportInputFilter: SentObject,
    dimension: str | None = None,
    pager: SentObject | None = None,
    order: str | None = None,
    objectIds: str | None = None,
    responseOptions: SentObject | None = None,
) -> str:
    """The URL of a table as a CSV file, for everybody who has the URL."""
    csv_pager = pager or SentObject("KalturaFilterPager")
    if csv_pager.get("pageSize", 0) > MAX_CSV_ROWS:
        raise ApiError("SEARCH_TOO_GENERAL")
    delimiter = delimiter_of(responseOptions)
    query = read_query(reportInputFilter, delimiter, objectIds)
    shown = _page(_rows(call, str(reportType), query, order), csv_pager, MAX_CSV_ROWS)
    table = [_joined(shown[0], delimiter)] if shown else []
    table += [_joined(row.values(), delimiter) for row in shown]
    key = f"{call.partner}_{entries.random_word(16)}"
    call.put(CSV_KIND, key, {"text": "\n".join([reportTitle, reportText, *table, ""])})
    until = call.clock.now() + CSV_S
    rights = f"download:{key}"
    ks = session.mint(call, call.partner, user=call.user, expiry=until, privileges=rights)
    return f"{call.host_url}/api_v3/index.php/service/report/action/serve/id/{key}/ks/{ks}"


@action("report.serve")
def serve(call: Call, id: str) -> File:
    """The CSV file of a table, for administrators and the session in its URL."""
    found = call.get(CSV_KIND, id)
    if found is None or not (call.is_admin or call.holds("download", id)):
        raise ApiError("REPORT_NOT_FOUND", ID=id)
    return File(found["text"].encode(), "text/csv; charset=utf-8", f"{id}.csv")


@action("report.getCsvFromStringParams")
def get_csv_from_string_params(
    call: Call, id: int, params: str | None, excludedFields: str | None
) -> None:
    """Custom reports of an account; there are none here."""
    raise ApiError("REPORT_NOT_FOUND", ID=id)


@action("report.getCsv")
def get_csv(call: Call, id: int, params: list[object] | None, excludedFields: str | None) -> None:
    """Custom reports, with a list of parameters; there are none here."""
    raise ApiError("REPORT_NOT_FOUND", ID=id)


@action("report.execute")
def execute(call: Call, id: int, params: list[object] | None) -> None:
    """Custom reports as a table; there are none here."""
    raise ApiError("REPORT_NOT_FOUND", ID=id)


# ------------------------------------------------------------------------- table
def _joined(values: Iterable[str], delimiter: str) -> str:
    clean = (value.replace(delimiter, " ").replace(ROW_END, " ") for value in values)
    return delimiter.join(clean)


def _ordered(rows: list[report_types.Row], order: str) -> list[report_types.Row]:
    """Sorted by a column (``-`` for descending), then by the first column."""
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


def _rows(call: Call, kind: str, query: ReportQuery, order: str | None) -> list[report_types.Row]:
    """All rows of a report in order; none for unsupported report types."""
    made = report_types.TABLES.get(kind)
    return _ordered(made(call, query), order or report_types.ORDERS.get(kind, "")) if made else []


def _page(rows: list[report_types.Row], pager: SentObject, most: int) -> list[report_types.Row]:
    """One page; beyond Kaltura's limit the first page is cut and later ones fail."""
    size, index = pager.get("pageSize", 0), max(1, pager.get("pageIndex", 1))
    size = size if size > 0 else DEFAULT_PAGE
    if size * index > most and index > 1:
        raise ApiError("INTERNAL_SERVERL_ERROR")
    size = min(size, most)
    return rows[(index - 1) * size : index * size]
