"""What Kaltura says of a session's audience as a whole: each report apart, with its moment.

These are Kaltura's own sums, beside the attendance that is computed here: consent cannot be
honoured in them, the team is not told apart, and so they add up to other numbers. They are not
shown where an event shows groups only.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any, Final

from django.utils.formats import number_format
from django.utils.translation import gettext as _

from analytics.charts.bars import Measure, bars_beside_names, columns_over_time
from analytics.charts.shapes import Chart
from analytics.dictionary import TERMS, Term
from analytics.metrics import Interval, chart_step
from analytics.models import BroadcastReport
from analytics.sources.shared_rooms import OF_SEVERAL
from events.models import Session
from kaltura_bridge.audience.definitions import (
    ATTENDEES,
    PLATFORMS,
    REPORTS,
    TIMELINE,
    USERS_OVER_TIME,
    ReportColumn,
    ReportDefinition,
    ReportUnit,
)

_DEVICES: Final = 12


@dataclass(frozen=True)
class AudienceNumber:
    """One number of a report; ``value`` with its unit, "" when Kaltura did not send it."""

    label: str
    value: str


@dataclass(frozen=True)
class AudienceReport:
    """One report as the page shows it. ``trouble``: why there is nothing newer, or nothing."""

    label: str
    number: str
    read_at: datetime | None
    trouble: str
    numbers: Sequence[AudienceNumber] = ()
    chart: Chart | None = None

    @property
    def is_empty(self) -> bool:
        """Whether it was read, and nobody is in it."""
        return self.read_at is not None and not self.numbers and self.chart is None


def audience_of(session: Session) -> list[AudienceReport]:
    """The session's reports in the order of their definitions; one query."""
    kept = {row.report: row for row in BroadcastReport.objects.filter(session=session)}
    return [_shown(session, report, kept[name]) for name, report in REPORTS.items() if name in kept]


def _shown(session: Session, report: ReportDefinition, row: BroadcastReport) -> AudienceReport:
    is_total = not report.key and not report.by_time
    return AudienceReport(
        label=str(report.label),
        number=report.number,
        read_at=row.read_at,
        trouble=_trouble(row),
        numbers=_numbers(report, row.rows) if is_total else (),
        chart=None if is_total else _chart(session, report, row.rows),
    )


def _trouble(row: BroadcastReport) -> str:
    if row.is_lacking:
        return _("The account does not have this report.")
    if row.error == OF_SEVERAL:
        return _("It belongs to several sessions of the room together, and is shown at none.")
    if row.error:
        return _("It could not be read: %(reason)s") % {"reason": row.error}
    return ""


def _numbers(report: ReportDefinition, rows: Sequence[Any]) -> list[AudienceNumber]:
    found: dict[str, float] = rows[0][1] if rows else {}
    return [
        AudienceNumber(str(column.label), with_unit(found[name], column))
        for name, column in report.columns.items()
        if name in found
    ]


def with_unit(value: float, column: ReportColumn) -> str:
    """A number in the reader's language: whole, or with a decimal where parts mean something."""
    if column.unit is ReportUnit.PERCENT:
        return f"{number_format(value, 1)} %"
    if column.unit is ReportUnit.MINUTES:
        return _("%(minutes)s min") % {"minutes": number_format(value, 1)}
    return number_format(value, 0)


def _chart(session: Session, report: ReportDefinition, rows: Sequence[Any]) -> Chart | None:
    if report is PLATFORMS:
        return _devices(rows)
    column, term, gather = _OVER_TIME[report.name]
    unit = report.columns[column].unit
    points = [
        (datetime.fromtimestamp(int(key), session.event.zone), numbers[column])
        for key, numbers in rows
        if column in numbers
    ]
    window = Interval(session.doors_open_at, session.doors_close_at)
    step = chart_step(window)
    return columns_over_time(
        TERMS[term],
        _by_step(points, window, step, gather),
        window,
        session.event.zone,
        step,
        unit=" %" if unit is ReportUnit.PERCENT else "",
        adds_up=False,
    )


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)


# Of each report over time: which column is drawn, under which term, and what a step holds.
_OVER_TIME: Final[dict[str, tuple[str, str, Callable[[Sequence[float]], float]]]] = {
    USERS_OVER_TIME.name: ("view_unique_audience", "audience_by_minute", max),
    ATTENDEES.name: ("attendees", "attendees_by_minute", max),
    TIMELINE.name: ("live_engaged_users_ratio", "engagement_by_minute", _mean),
}


def _by_step(
    points: Iterable[tuple[datetime, float]],
    window: Interval,
    step: timedelta,
    gather: Callable[[Sequence[float]], float],
) -> list[tuple[datetime, int]]:
    """What lies inside the window, gathered by steps from its start; in order."""
    inside = [(at, value) for at, value in points if window.start <= at < window.end]
    steps = groupby(inside, key=lambda point: (point[0] - window.start) // step)
    return [
        (window.start + number * step, round(gather([value for _at, value in group])))
        for number, group in steps
    ]


def _devices(rows: Sequence[Any]) -> Chart | None:
    term: Term = TERMS["viewers_by_device"]
    people = PLATFORMS.columns["view_unique_audience"]
    measures = [
        Measure(
            device or _("Unknown"),
            numbers.get("view_unique_audience", 0),
            with_unit(numbers.get("view_unique_audience", 0), people),
        )
        for device, numbers in rows[:_DEVICES]
    ]
    return bars_beside_names(term, measures, _("Device"))
