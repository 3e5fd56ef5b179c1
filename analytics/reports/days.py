"""People over an event's days: the curve with its tracks, and the heat map by the hour."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from django.utils.translation import gettext as _

from analytics.charts.curves import CurveSamples, chart_of
from analytics.charts.heat import HeatMap, heat_map
from analytics.charts.shapes import Chart
from analytics.figures.minutes import MINUTE, Curve
from analytics.metrics import Interval, chart_step
from events.i18n.dates import in_letters
from events.models import Event

HOUR: Final = timedelta(hours=1)

NamedCurves = Sequence[tuple[str, Curve]]


def covered(curve: Curve) -> Interval:
    """From the first minute of the curve to the end of its last."""
    start = datetime.fromtimestamp(curve.start * 60, UTC)
    return Interval(start, start + len(curve.present) * MINUTE)


def concurrency_chart(event: Event, curve: Curve, tracks: NamedCurves) -> Chart | None:
    """The people present over the time that the curve covers, each track laid over it."""
    window = covered(curve)
    step = chart_step(window)
    overlay = [CurveSamples(name, track.samples(window, step)) for name, track in tracks]
    return chart_of(curve.samples(window, step), window, event.zone, step, overlay=overlay)


def day_map(event: Event, curve: Curve, tracks: NamedCurves) -> HeatMap | None:
    """Hours against days; for a single day, hours against tracks. None when nobody came."""
    if not curve.peak:
        return None
    window = covered(curve)
    first = window.start.astimezone(event.zone).date()
    last = (window.end - MINUTE).astimezone(event.zone).date()
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    if len(days) == 1:
        named = [*tracks, (_("All together") if tracks else in_letters(first, "D d M Y"), curve)]
        rows = [(name, _by_hour(event, each, first), "") for name, each in named]
    else:
        rows = [
            (in_letters(day, "D d M Y"), by_hour, f"?day={day.isoformat()}")
            for day in days
            if any((by_hour := _by_hour(event, curve, day)).values())
        ]
    return heat_map(_hours(by_hour for _name, by_hour, _url in rows), rows)


def _by_hour(event: Event, curve: Curve, day: date) -> dict[str, int]:
    """Hour of the event's clocks -> the most people at one moment in it.

    When clocks go back an hour comes twice: the fuller of the two counts.
    """
    midnights = [datetime.combine(each, time(), event.zone) for each in (day, day + timedelta(1))]
    window = Interval(midnights[0].astimezone(UTC), midnights[1].astimezone(UTC))
    found: dict[str, int] = {}
    for sample in curve.samples(window, HOUR):
        hour = f"{sample.at.astimezone(event.zone):%H:00}"
        found[hour] = max(found.get(hour, 0), sample.present)
    return found


def _hours(rows: Iterable[Mapping[str, int]]) -> list[str]:
    """All hours from the first to the last in which anybody was there on any day."""
    busy = sorted({hour for row in rows for hour, people in row.items() if people})
    if not busy:
        return []
    return [f"{hour:02}:00" for hour in range(int(busy[0][:2]), int(busy[-1][:2]) + 1)]
