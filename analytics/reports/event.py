"""The page of an event, or of a part of it: a track, a day, a type of session."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from functools import cached_property
from typing import Any

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from analytics.charts.heat import HeatMap
from analytics.charts.shapes import Chart
from analytics.completeness import (
    TotalCompleteness,
    completeness_of,
    total_of,
)
from analytics.figures.computing import event_figures_in
from analytics.figures.minutes import Curve, CurveOf, curves_of
from analytics.figures.summary import current_event, figures_at
from analytics.figures.values import EventFigures, SessionFigures
from analytics.models import enough_percent
from analytics.reports.days import NamedCurves, concurrency_chart, day_map
from analytics.reports.figures import Figure, figure, percent, reached, tenths
from analytics.reports.filters import FilterGroup, ReportFilters, groups_of, requested
from analytics.reports.session_table import SessionRow, session_lines
from analytics.roster import reported_sessions
from events.i18n.dates import in_letters
from events.models import Event, Registration, Session

# Of all sessions, and of each track.
EventCurves = tuple[Curve, Mapping[int, Curve]]


@dataclass(frozen=True)
class EventPage:
    """What the page says of those sessions of the event that the filters take.

    ``version``: of the numbers of all its sessions; empty where filters take some of them.
    """

    event: Event
    filters: ReportFilters
    groups: Sequence[FilterGroup]
    figures: Sequence[Figure]
    completeness: TotalCompleteness
    rows: Sequence[SessionRow]
    numbers: Numbers
    version: str

    @property
    def lines(self) -> SafeString:
        """The lines of the table of sessions."""
        return session_lines(self.rows)

    @property
    def tracks(self) -> dict[int, str]:
        """The tracks of these sessions by name."""
        return {
            row.session.track.pk: row.session.track.name for row in self.rows if row.session.track
        }

    @cached_property
    def chart(self) -> Chart | None:
        """People over time, each track laid over it."""
        return concurrency_chart(self.event, self.numbers.curve, self._track_curves)

    @cached_property
    def heat(self) -> HeatMap | None:
        """People by the hour of the day."""
        return day_map(self.event, self.numbers.curve, self._track_curves)

    @cached_property
    def _track_curves(self) -> NamedCurves:
        """The name and curve of each track of these sessions; none where there is only one."""
        by_track = self.numbers.by_track
        found = [
            (name, by_track[pk])
            for pk, name in sorted(self.tracks.items(), key=lambda each: each[1].casefold())
            if pk in by_track and by_track[pk].peak
        ]
        return found if len(found) > 1 else []


class Numbers:
    """The figures of some sessions together, and their people in each minute.

    Curves are most of what is stored: they are read when somebody draws them.
    """

    def __init__(self, figures: EventFigures, read_curves: Callable[[], EventCurves]) -> None:
        self.figures = figures
        self._read_curves = read_curves

    @property
    def curve(self) -> Curve:
        """Of all these sessions."""
        return self._curves[0]

    @property
    def by_track(self) -> Mapping[int, Curve]:
        """Of each track."""
        return self._curves[1]

    @cached_property
    def _curves(self) -> EventCurves:
        return self._read_curves()


def event_page(event: Any, asked: Mapping[str, str], now: datetime) -> EventPage:
    """Everything the page says; ``asked`` is what its address asks for."""
    every = list(reported_sessions(event))
    filters = requested(asked, every)
    chosen = [session for session in every if filters.takes(session)]
    # A page's own query counts them on its way.
    known = getattr(event, "registered_people", None)
    registered = registered_count(event) if known is None else known
    found, stamp = figures_at(event, registered)
    rows = session_rows(chosen, now, found)
    if filters.chosen:
        numbers, stamp = numbers_of_part(event, chosen, registered), ""
    else:
        numbers = numbers_stored(event, registered, stamp)
    return EventPage(
        event=event,
        filters=filters,
        groups=groups_of(filters, every),
        figures=event_figures(event, numbers.figures),
        completeness=total_of(row.completeness for row in rows),
        rows=rows,
        numbers=numbers,
        version=stamp,
    )


def session_rows(
    sessions: Sequence[Session], now: datetime, figures: Mapping[int, SessionFigures]
) -> list[SessionRow]:
    """The lines of the table, in a fixed number of queries a batch."""
    still_open = {pk: found.open_intervals for pk, found in figures.items()}
    known = completeness_of(sessions, now, still_open)
    return [SessionRow(each, figures[each.pk], known[each.pk]) for each in sessions]


def numbers_stored(event: Event, registered: int, stamp: str) -> Numbers:
    """The event's stored figures, which name the versions ``stamp`` of its sessions."""
    stored = current_event(event, stamp)
    return Numbers(
        EventFigures.from_json(stored.figures, registered),
        lambda: (
            Curve.from_json(stored.curve.get("event", {})),
            {
                int(key): Curve.from_json(track)
                for key, track in stored.curve.get("tracks", {}).items()
            },
        ),
    )


def numbers_of_part(event: Event, sessions: Sequence[Session], registered: int) -> Numbers:
    """The figures of a part of the event, computed when they are asked for."""
    pks = [session.pk for session in sessions]
    curve = curves_of(pks, CurveOf.EVENT).get(event.pk, Curve())
    figures = replace(event_figures_in(pks), peak=curve.peak, peak_at=curve.peak_at)
    return Numbers(
        replace(figures, registered=registered), lambda: (curve, curves_of(pks, CurveOf.TRACK))
    )


def registered_count(event: Event) -> int:
    """How many people have a place at the event now."""
    return Registration.objects.filter(event=event, withdrawn_at=None).count()


def event_figures(event: Event, figures: EventFigures) -> list[Figure]:
    """The numbers at the top of the page."""
    share = percent(figures.registered_attended, figures.registered)
    peak_at = figures.peak_at and figures.peak_at.astimezone(event.zone)
    return [
        figure("event_registered_people", figures.registered),
        figure(
            "event_registered_came",
            figures.registered_attended,
            _("%(share)s of those registered") % {"share": share} if share else "",
        ),
        figure("event_no_show_people", figures.no_show),
        figure("event_account_people", figures.attended - figures.guests),
        figure("event_visits", figures.visits),
        figure(
            "event_visits_a_person",
            tenths(Decimal(figures.visits) / figures.attended) if figures.attended else None,
        ),
        figure("event_reached_visits", *reached(figures, enough_percent(event))),
        figure("event_hours", tenths(figures.total_minutes / 60)),
        figure("event_mean_minutes", figures.mean_minutes),
        figure("event_median_minutes", figures.median_minutes),
        figure(
            "event_peak",
            figures.peak if peak_at else None,
            in_letters(peak_at, "D d M, H:i") if peak_at else _("no join times reported"),
        ),
    ]
