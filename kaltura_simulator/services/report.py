"""report: what people watched, counted from the visits to webcasts, recordings and rooms.

A table's header and rows are text: columns joined by the delimiter, each row ended by
``;``. Both characters inside a value become a blank. Without rows everything is empty.
"""

from __future__ import annotations

from collections.abc import Iterable

from kaltura_simulator.api.call import Call, action
from kaltura_simulator.api.errors import ApiError
from kaltura_simulator.api.params import Given
from kaltura_simulator.media import entries
from kaltura_simulator.reports import kinds
from kaltura_simulator.reports.question import Question, delimiter_of, question
from kaltura_simulator.services import session
from kaltura_simulator.state.store import Data
from kaltura_simulator.web.files import File

DEFAULT_PAGE = 10
MAX_ROWS = 12_000
ROW_END = ";"
#: The most rows of a table as a file, and how long the file can be fetched.
MAX_CSV_ROWS, CSV_S = 60_000, 86_400
CSV_KIND = "report_csv"


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
    delimiter = delimiter_of(responseOptions)
    asked = question(reportInputFilter, delimiter, objectIds)
    rows = _rows(call, str(reportType), asked, order)
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


@action("report.getUrlForReportAsCsv")
def get_url_for_report_as_csv(
    call: Call,
    reportTitle: str,
    reportText: str,
    headers: str,
    reportType: str,
    reportInputFilter: Given,
    dimension: str | None = None,
    pager: Given | None = None,
    order: str | None = None,
    objectIds: str | None = None,
    responseOptions: Given | None = None,
) -> str:
    """Where a table can be fetched as a file, by whoever knows the address."""
    wish = pager or Given("KalturaFilterPager")
    if wish.get("pageSize", 0) > MAX_CSV_ROWS:
        raise ApiError("SEARCH_TOO_GENERAL")
    delimiter = delimiter_of(responseOptions)
    asked = question(reportInputFilter, delimiter, objectIds)
    shown = _page(_rows(call, str(reportType), asked, order), wish, MAX_CSV_ROWS)
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
    """The file of a table, for administrators and for the session in its address."""
    found = call.get(CSV_KIND, id)
    if found is None or not (call.is_admin or call.holds("download", id)):
        raise ApiError("REPORT_NOT_FOUND", ID=id)
    return File(found["text"].encode(), "text/csv; charset=utf-8", f"{id}.csv")


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


def _rows(call: Call, kind: str, asked: Question, order: str | None) -> list[kinds.Row]:
    """All rows of a report, in order; none of one that is empty here."""
    made = kinds.TABLES.get(kind)
    return _ordered(made(call, asked), order or kinds.ORDERS.get(kind, "")) if made else []


def _page(rows: list[kinds.Row], pager: Given, most: int) -> list[kinds.Row]:
    """A page; Kaltura's limit cuts the first one and breaks the later ones."""
    size, index = pager.get("pageSize", 0), max(1, pager.get("pageIndex", 1))
    size = size if size > 0 else DEFAULT_PAGE
    if size * index > most and index > 1:
        raise ApiError("INTERNAL_SERVERL_ERROR")
    size = min(size, most)
    return rows[(index - 1) * size : index * size]
