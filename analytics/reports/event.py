"""The page of an event, or of a part of it: a track, a day, a type of session."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import Avg, Count, Q, QuerySet, Sum
from django.utils.translation import gettext as _

from analytics.charts.shapes import Chart
from analytics.completeness import (
    NOTHING_KNOWN,
    SessionCompleteness,
    TotalCompleteness,
    completeness_of,
    total_of,
)
from analytics.models import SessionAttendance
from analytics.reports.distributions import attention_chart, sources_chart
from analytics.reports.figures import Figure, figure, percent, tenths
from analytics.reports.filters import FilterGroup, ReportFilters, groups_of, requested
from analytics.roster import reported_sessions
from events.models import Event, Registration, Session

IS_ATTENDED = Q(attendance__attended=True)


@dataclass(frozen=True)
class SessionRow:
    """A session in an event's table."""

    session: Any
    completeness: SessionCompleteness


@dataclass(frozen=True)
class EventPage:
    """What the page says of those sessions of the event that the filters take."""

    event: Event
    filters: ReportFilters
    groups: Sequence[FilterGroup]
    registered: int
    figures: Sequence[Figure]
    completeness: TotalCompleteness
    rows: Sequence[SessionRow]
    charts: Sequence[Chart]


def event_report(event: Event, asked: Mapping[str, str], now: datetime) -> EventPage:
    """Everything the page says; ``asked`` is what its address asks for."""
    sessions = session_rows(event)
    every = list(sessions)
    filters = requested(asked, every)
    chosen = [session for session in every if filters.takes(session)]
    known = completeness_of(reported_sessions(event), now)
    rows = [SessionRow(each, known.get(each.pk, NOTHING_KNOWN)) for each in chosen]
    registered = registered_count(event)
    seen = seen_in(event, chosen if filters.chosen else None)
    return EventPage(
        event=event,
        filters=filters,
        groups=groups_of(filters, every),
        registered=registered,
        figures=event_figures(event, seen, registered),
        completeness=total_of(row.completeness for row in rows),
        rows=rows,
        charts=[chart for chart in (sources_chart(seen), attention_chart(seen)) if chart],
    )


def session_rows(event: Event) -> QuerySet[Session]:
    """The event's sessions with their attendance, in a fixed number of queries."""
    # As a subquery: a join over registrations would count every visit several times.
    registered = event.registrations.filter(withdrawn_at=None).values("user")
    return reported_sessions(event).annotate(
        attended=Count("attendance", filter=IS_ATTENDED),
        registered_came=Count(
            "attendance", filter=IS_ATTENDED & Q(attendance__user__in=registered)
        ),
        guests=Count("attendance", filter=IS_ATTENDED & Q(attendance__user__isnull=True)),
        minutes=Avg("attendance__minutes_present", filter=IS_ATTENDED),
        minutes_total=Sum("attendance__minutes_present"),
    )


def registered_count(event: Event) -> int:
    """How many people have a place at the event now."""
    return Registration.objects.filter(event=event, withdrawn_at=None).count()


def seen_in(event: Event, sessions: Iterable[Session] | None) -> QuerySet[SessionAttendance]:
    """Everyone who attended any of these sessions; None stands for all of the event."""
    seen = SessionAttendance.objects.filter(session__event=event, attended=True)
    if sessions is None:
        return seen
    return seen.filter(session__in=[session.pk for session in sessions])


def event_figures(event: Event, seen: QuerySet[SessionAttendance], registered: int) -> list[Figure]:
    """The numbers at the top of the page."""
    sums = seen.aggregate(
        # Guests have no user, and COUNT skips NULL.
        people=Count("user", distinct=True),
        visits=Count("pk"),
        minutes=Sum("minutes_present"),
    )
    came = seen.filter(
        user__registrations__event=event, user__registrations__withdrawn_at=None
    ).aggregate(people=Count("user", distinct=True))["people"]
    share = percent(came, registered)
    return [
        figure("event_registered_people", registered),
        figure(
            "event_registered_came",
            came,
            _("%(share)s of those registered") % {"share": share} if share else "",
        ),
        figure("event_no_show_people", registered - came),
        figure("event_account_people", sums["people"]),
        figure("event_visits", sums["visits"]),
        figure("event_hours", tenths((sums["minutes"] or Decimal(0)) / 60)),
    ]
