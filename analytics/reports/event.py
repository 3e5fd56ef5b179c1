"""The page of an event, or of a part of it: a track, a day, a type of session."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

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
from analytics.figures.summary import current_event, figures_of
from analytics.figures.values import EventFigures
from analytics.models import enough_percent
from analytics.reports.days import concurrency_chart, day_map
from analytics.reports.figures import Figure, figure, percent, reached, tenths
from analytics.reports.filters import FilterGroup, ReportFilters, groups_of, requested
from analytics.reports.session_table import SessionRow, session_lines
from analytics.roster import reported_sessions
from events.i18n.dates import in_letters
from events.models import Event, Registration, Session


@dataclass(frozen=True)
class EventPage:
    """What the page says of those sessions of the event that the filters take."""

    event: Event
    filters: ReportFilters
    groups: Sequence[FilterGroup]
    figures: Sequence[Figure]
    completeness: TotalCompleteness
    rows: Sequence[SessionRow]
    chart: Chart | None
    heat: HeatMap | None

    @property
    def lines(self) -> SafeString:
        """The lines of the table of sessions."""
        return session_lines(self.rows)


@dataclass(frozen=True)
class Numbers:
    """The figures of some sessions together, and their people in each minute."""

    figures: EventFigures
    curve: Curve
    by_track: Mapping[int, Curve]


def event_page(event: Event, asked: Mapping[str, str], now: datetime) -> EventPage:
    """Everything the page says; ``asked`` is what its address asks for."""
    every = list(reported_sessions(event))
    filters = requested(asked, every)
    chosen = [session for session in every if filters.takes(session)]
    rows = session_rows(chosen, now)
    registered = rows[0].figures.registered if rows else registered_count(event)
    numbers = numbers_of(event, chosen if filters.chosen else None, registered)
    tracks = track_curves(chosen, numbers)
    return EventPage(
        event=event,
        filters=filters,
        groups=groups_of(filters, every),
        figures=event_figures(event, numbers.figures),
        completeness=total_of(row.completeness for row in rows),
        rows=rows,
        chart=concurrency_chart(event, numbers.curve, tracks),
        heat=day_map(event, numbers.curve, tracks),
    )


def session_rows(sessions: Sequence[Session], now: datetime) -> list[SessionRow]:
    """The lines of the table, in a fixed number of queries a batch."""
    figures = figures_of(sessions)
    still_open = {pk: found.open_intervals for pk, found in figures.items()}
    known = completeness_of(sessions, now, still_open)
    return [SessionRow(each, figures[each.pk], known[each.pk]) for each in sessions]


def numbers_of(
    event: Event, sessions: Sequence[Session] | None, registered: int | None = None
) -> Numbers:
    """The event's stored figures; those of a part of it are computed when they are asked for.

    ``registered``: how many have a place there now, where that is known already.
    """
    if registered is None:
        registered = registered_count(event)
    if sessions is None:
        stored = current_event(event)
        return Numbers(
            EventFigures.from_json(stored.figures, registered),
            Curve.from_json(stored.curve.get("event", {})),
            {
                int(key): Curve.from_json(track)
                for key, track in stored.curve.get("tracks", {}).items()
            },
        )
    pks = [session.pk for session in sessions]
    curve = curves_of(pks, CurveOf.EVENT).get(event.pk, Curve())
    figures = replace(event_figures_in(pks), peak=curve.peak, peak_at=curve.peak_at)
    return Numbers(replace(figures, registered=registered), curve, curves_of(pks, CurveOf.TRACK))


def track_curves(sessions: Sequence[Session], numbers: Numbers) -> list[tuple[str, Curve]]:
    """The name and curve of each track of these sessions; none where there is only one."""
    names = {session.track.pk: session.track.name for session in sessions if session.track}
    found = [
        (name, numbers.by_track[pk])
        for pk, name in sorted(names.items(), key=lambda each: each[1].casefold())
        if pk in numbers.by_track and numbers.by_track[pk].peak
    ]
    return found if len(found) > 1 else []


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
