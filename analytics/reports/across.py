"""Several events side by side."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.utils.translation import gettext as _

from analytics.charts.bars import Measure, bars_beside_names
from analytics.charts.shapes import Chart
from analytics.completeness import (
    CompletenessState,
    SessionCompleteness,
    TotalCompleteness,
    completeness_of,
    total_of,
    worst_of,
)
from analytics.dictionary import TERMS
from analytics.figures.summary import figures_of_events
from analytics.figures.values import EventFigures
from analytics.models import CountedAs, SessionAttendance
from analytics.privacy.modes import rules_of_events
from analytics.reports.figures import Figure, figure, percent, tenths
from events.models import Event, Session


@dataclass(frozen=True)
class EventRow:
    """An event's line. ``figures`` is None where only groups of people may be shown: a sum of
    several events, less the others, would tell what the event's own page hides.
    """

    event: Event
    figures: EventFigures | None
    completeness: TotalCompleteness

    @property
    def hours(self) -> str | None:
        return tenths(self.figures.total_minutes / 60) if self.figures else None

    @property
    def no_show(self) -> str:
        """The share of the registered who did not come."""
        return percent(self.figures.no_show, self.figures.registered) if self.figures else ""


@dataclass(frozen=True)
class AcrossPage:
    """What the page says of these events."""

    rows: Sequence[EventRow]
    figures: Sequence[Figure]
    chart: Chart | None
    state: CompletenessState


def across_page(events: Sequence[Event], now: datetime) -> AcrossPage:
    """Everything the page says, in a fixed number of queries."""
    rules = rules_of_events(events)
    open_ones = [event for event in events if rules[event.pk].lists_people]
    figures = figures_of_events(open_ones)
    complete = _completeness(events, now)
    rows = [EventRow(each, figures.get(each.pk), total_of(complete[each.pk])) for each in events]
    return AcrossPage(
        rows=rows,
        figures=across_figures(open_ones, list(figures.values())),
        chart=_visits_chart(rows),
        state=worst_of(row.completeness.state for row in rows),
    )


def _completeness(events: Sequence[Event], now: datetime) -> dict[int, list[SessionCompleteness]]:
    sessions = list(
        Session.objects.filter(event__in=events).select_related("event").order_by("starts_at")
    )
    still_open = (
        SessionAttendance.objects.filter(session__event__in=events, open_interval=True)
        .order_by()
        .values_list("session", flat=True)
        .distinct()
    )
    known = completeness_of(sessions, now, dict.fromkeys(still_open, 1))
    found: dict[int, list[SessionCompleteness]] = defaultdict(list)
    for session in sessions:
        found[session.event_id].append(known[session.pk])
    return found


def across_figures(events: Sequence[Event], figures: Sequence[EventFigures]) -> list[Figure]:
    """Sums over the events whose own figures are shown."""
    seen = SessionAttendance.objects.filter(
        session__event__in=events, attended=True, counted_as=CountedAs.AUDIENCE
    )
    people = seen.filter(user__isnull=False).order_by().values("user").distinct().count()
    minutes = sum((each.total_minutes for each in figures), Decimal(0))
    return [
        figure("event_registered_people", sum(each.registered for each in figures)),
        figure("event_registered_came", sum(each.registered_attended for each in figures)),
        figure("across_people", people),
        figure("event_visits", sum(each.visits for each in figures)),
        figure("event_hours", tenths(minutes / 60)),
    ]


def _visits_chart(rows: Sequence[EventRow]) -> Chart | None:
    measures = [
        Measure(row.event.title, row.figures.visits, str(row.figures.visits))
        for row in rows
        if row.figures
    ]
    return bars_beside_names(TERMS["event_visits"], measures, _("Event"))
