"""A report's text as numbers. Pure.

Columns are separated by ``|``, and each row ends with ``;``. Kaltura replaces both inside values
by a space, so splitting is safe. Without rows everything is empty.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from operator import itemgetter
from typing import Any, Final

from kaltura_bridge.audience.definitions import ReportDefinition, ReportForm, ReportUnit

DELIMITER: Final = "|"
ROW_END: Final = ";"
#: More is no report of one broadcast.
MOST_ROWS: Final = 5_000
_MOST: Final = 10**12
_NAME_LENGTH: Final = 100

#: What a row is about (a device, Unix seconds of a minute, "" for totals), and its numbers.
ReportRows = list[tuple[str, dict[str, float]]]


class BadReport(ValueError):
    """A report that is not what it should be. The text says where."""


def table_rows(header: str, data: str) -> list[dict[str, str]]:
    """A table's text as rows by column name. Raises BadReport."""
    if not header and not data:
        return []
    columns = header.split(DELIMITER)
    *lines, rest = data.split(ROW_END)
    if rest.strip():
        raise BadReport(f"The report ends in the middle of a row: {rest[:80]!r}.")
    rows = []
    for number, line in enumerate(lines, start=1):
        values = line.split(DELIMITER)
        if len(values) != len(columns):
            raise BadReport(
                f"Row {number} of the report has {len(values)} columns, its header {len(columns)}."
            )
        rows.append(dict(zip(columns, values, strict=True)))
    return rows


def read_report(report: ReportDefinition, answer: Any) -> ReportRows:
    """The numbers of an answer, as JSON or as the client's objects, by what they are about.

    Minutes come in order. A column that the account's Kaltura does not send is left out.
    Raises BadReport.
    """
    match report.form:
        case ReportForm.GRAPHS:
            found = _of_graphs(report, answer)
        case ReportForm.TOTAL:
            found = _of_total(report, _part(answer, "header"), _part(answer, "data"))
        case _:
            rows = table_rows(_part(answer, "header"), _part(answer, "data"))
            found = [(row.get(report.key, ""), _numbers(report, row)) for row in rows]
    if len(found) > MOST_ROWS:
        raise BadReport(f"The report has {len(found)} rows.")
    if report.by_time:
        return _in_order(found)
    return [(key[:_NAME_LENGTH], numbers) for key, numbers in found]


def _in_order(points: ReportRows) -> ReportRows:
    """Each minute once. Raises BadReport where one minute has two different numbers."""
    found: dict[int, dict[str, float]] = {}
    for label, numbers in points:
        if found.setdefault(_moment(label), numbers) != numbers:
            raise BadReport(f"The report says two things of the same minute, {label}.")
    return [(str(moment), numbers) for moment, numbers in sorted(found.items(), key=itemgetter(0))]


def _part(answer: Any, name: str) -> str:
    value = answer.get(name) if isinstance(answer, Mapping) else getattr(answer, name, "")
    # What Kaltura leaves out is an object of its own in the client.
    return value if isinstance(value, str) else ""


def _of_total(report: ReportDefinition, header: str, data: str) -> ReportRows:
    if not header and not data:
        return []
    columns, values = header.split(DELIMITER), data.rstrip(ROW_END).split(DELIMITER)
    if len(columns) != len(values):
        raise BadReport(f"The total has {len(values)} columns, its header {len(columns)}.")
    return [("", _numbers(report, dict(zip(columns, values, strict=True))))]


def _of_graphs(report: ReportDefinition, answer: Any) -> ReportRows:
    if not isinstance(answer, Iterable):
        raise BadReport("The report has no graphs.")
    points: dict[str, dict[str, float]] = {}
    for number, graph in enumerate(answer):
        name = _part(graph, "id")
        column = report.any_graph if report.any_graph and not number else name
        if column not in report.columns:
            continue
        for label, value in _points(_part(graph, "data")):
            points.setdefault(label, {}).update(_numbers(report, {column: value}))
    return list(points.items())


def _points(data: str) -> list[tuple[str, str]]:
    *lines, rest = data.split(ROW_END)
    if rest.strip():
        raise BadReport(f"The graph ends in the middle of a point: {rest[:80]!r}.")
    points = [tuple(line.split(DELIMITER)) for line in lines]
    if any(len(point) != 2 for point in points):
        raise BadReport("A point of the graph is not a label and a value.")
    return [(point[0], point[1]) for point in points]


def _numbers(report: ReportDefinition, row: Mapping[str, str]) -> dict[str, float]:
    return {
        name: _number(name, text, column.unit)
        for name, column in report.columns.items()
        if (text := row.get(name, "").strip())
    }


def _number(name: str, text: str, unit: ReportUnit) -> float:
    try:
        value = float(text)
    except ValueError:
        raise BadReport(f"{name} is {text[:40]!r}, not a number.") from None
    if not math.isfinite(value) or not 0 <= value <= _MOST:
        raise BadReport(f"{name} is {text[:40]!r}, not a number that can be.")
    if unit is not ReportUnit.PERCENT:
        return value
    if value > 1:
        raise BadReport(f"{name} is {text[:40]!r}, not a share from 0 to 1.")
    return round(100 * value, 2)


def _moment(label: str) -> int:
    """Unix seconds of a point: Kaltura says them so, or as ``YYYYMMDDhhmm`` in UTC, as asked."""
    if not (label.isascii() and label.isdecimal()) or len(label) not in (10, 12):
        raise BadReport(f"{label[:40]!r} is no minute.")
    if len(label) == 10:
        return int(label)
    try:
        moment = datetime.strptime(label, "%Y%m%d%H%M").replace(tzinfo=UTC)
    except ValueError:
        raise BadReport(f"{label!r} is no minute.") from None
    return int(moment.timestamp())
