"""People present over time: stepped lines, of one session or of an event and its tracks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from analytics.charts.axes import (
    BOTTOM,
    HEIGHT,
    Tick,
    count_ticks,
    round_up,
    time_ticks,
    x_at,
    y_at,
)
from analytics.charts.shapes import MOST_SERIES, Chart, ChartTable, Series
from analytics.dictionary import TERMS
from analytics.metrics import Headcount, Interval, Schedule, peak_of
from events.i18n.dates import in_letters


@dataclass(frozen=True)
class CurveSamples:
    """The most people present in each step of time, of one thing."""

    label: str
    samples: Sequence[Headcount]


def chart_of(
    samples: Sequence[Headcount],
    window: Interval,
    zone: ZoneInfo,
    step: timedelta,
    schedule: Schedule | None = None,
    overlay: Sequence[CurveSamples] = (),
) -> Chart | None:
    """A stepped line of ``samples``, with times written in ``zone``; None without samples.

    ``schedule`` marks the planned start and end. ``overlay`` is laid over it: at most
    MOST_SERIES lines, the fullest ones; the table has all of them.
    """
    peak = peak_of(samples)
    if peak is None:
        return None
    most = round_up(max(peak.present, 1))
    shown = sorted(overlay, key=_fullest, reverse=True)[:MOST_SERIES]
    runs = list(_runs(samples, window, step, most))
    total = Series(_("All together") if shown else "", 0, _path(runs), _area(runs))
    lines = [
        Series(curve.label, number, _path(_runs(curve.samples, window, step, most)))
        for number, curve in enumerate(shown, 1)
    ]
    marks = []
    if schedule:
        marks = [(_("Start"), schedule.planned.start), (_("End"), schedule.planned.end)]
    return Chart(
        name="concurrency",
        title=TERMS["concurrency"].label,
        definition=TERMS["concurrency"].definition,
        summary=_("The peak is %(peak)d, at %(time)s.")
        % {"peak": peak.present, "time": f"{peak.at.astimezone(zone):%H:%M}"},
        series=[total, *lines],
        x_ticks=time_ticks(window, zone),
        y_ticks=count_ticks(most),
        marks=[Tick(x_at(at, window), label) for label, at in marks],
        table=_table(samples, zone, step, window, overlay),
    )


def _fullest(curve: CurveSamples) -> int:
    return max((sample.present for sample in curve.samples), default=0)


# A run is a level line through each step, straight up or down between them: x, y from the left.
_Run = list[tuple[float, float]]


def _runs(
    samples: Sequence[Headcount], window: Interval, step: timedelta, most: int
) -> Iterator[_Run]:
    """Samples that follow each other without a gap, as points."""
    run: _Run = []
    for sample in samples:
        y = y_at(sample.present, most)
        start, end = x_at(sample.at, window), x_at(min(sample.at + step, window.end), window)
        if run and run[-1][0] != start:
            yield run
            run = []
        run += [(start, y), (end, y)]
    if run:
        yield run


def _path(runs: Iterable[_Run]) -> str:
    return " ".join("M" + " L".join(f"{x} {y}" for x, y in run) for run in runs)


def _area(runs: Iterable[_Run]) -> str:
    """What lies below the line, down to the axis."""
    floor = HEIGHT - BOTTOM
    return " ".join(f"{_path([run])} L{run[-1][0]} {floor} L{run[0][0]} {floor} Z" for run in runs)


def _table(
    samples: Sequence[Headcount],
    zone: ZoneInfo,
    step: timedelta,
    window: Interval,
    overlay: Sequence[CurveSamples],
) -> ChartTable:
    several_days = window.start.astimezone(zone).date() != window.end.astimezone(zone).date()
    letters = "D d M, H:i" if several_days else "H:i"
    beside = [{sample.at: sample.present for sample in curve.samples} for curve in overlay]
    return ChartTable(
        columns=[_("From"), _("Present"), *(curve.label for curve in overlay)],
        rows=[
            [
                in_letters(sample.at.astimezone(zone), letters),
                sample.present,
                *(counts.get(sample.at, 0) for counts in beside),
            ]
            for sample in samples
        ],
        caption=_("Peak within each %(minutes)d min") % {"minutes": step.total_seconds() // 60},
    )
