"""The page of one session: figures with their meaning, charts, and how complete they are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Avg, Count, Q, Sum
from django.utils.translation import gettext as _

from analytics.aggregate import stays_by_person
from analytics.charts.curves import chart_of
from analytics.charts.shapes import Chart
from analytics.completeness import NOTHING_KNOWN, SessionCompleteness, completeness_of
from analytics.match import schedule_of
from analytics.metrics import Headcount, Schedule, chart_step, headcounts, peak_of, sampled
from analytics.models import SessionAttendance, ViewerTotal
from analytics.reports.distributions import attention_chart, joins_chart, sources_chart
from analytics.reports.figures import Figure, figure, tenths
from analytics.reports.guidance import guidance_for
from events.models import Session


@dataclass(frozen=True)
class SessionReport:
    """What the page says, beside the list of people. ``guidance``: why there is nothing yet."""

    session: Session
    schedule: Schedule
    completeness: SessionCompleteness
    guidance: str
    figures: Sequence[Figure]
    charts: Sequence[Chart]
    has_times: bool
    is_over: bool
    may_pull: bool


def session_report(session: Session, registered: int, now: datetime) -> SessionReport:
    """Everything above the list of people. Needs ``session.event``."""
    schedule = schedule_of(session)
    known = completeness_of(Session.objects.filter(pk=session.pk).select_related("event"), now)
    completeness = known.get(session.pk, NOTHING_KNOWN)
    read = [source.coverage for source in completeness.sources if source.coverage]
    has_place = completeness.has_place
    counts = headcounts(stays_by_person(session), schedule.window)
    return SessionReport(
        session=session,
        schedule=schedule,
        completeness=completeness,
        guidance=guidance_for(session, read, has_place, now),
        figures=session_figures(session, registered, peak_of(counts)),
        charts=session_charts(session, schedule, counts),
        has_times=bool(counts),
        is_over=session.doors_close_at < now,
        may_pull=session.doors_open_at <= now and has_place,
    )


def session_charts(
    session: Session, schedule: Schedule, counts: Sequence[Headcount]
) -> list[Chart]:
    """The charts for which anything is known."""
    step = chart_step(schedule.window)
    samples = sampled(counts, schedule.window, step)
    rows = SessionAttendance.objects.filter(session=session)
    charts = [
        chart_of(samples, schedule.window, session.event.zone, step, schedule),
        joins_chart(session, schedule.window),
        attention_chart(rows),
        sources_chart(rows),
    ]
    return [chart for chart in charts if chart is not None]


def session_figures(session: Session, registered: int, peak: Headcount | None) -> list[Figure]:
    """The numbers at the top of the page."""
    rows = SessionAttendance.objects.filter(session=session)
    sums = rows.aggregate(
        present=Count("pk", filter=Q(attended=True)),
        guests=Count("pk", filter=Q(attended=True, user__isnull=True)),
        still_open=Count("pk", filter=Q(open_interval=True)),
        minutes=Avg("minutes_present", filter=Q(attended=True)),
        percent=Avg("scheduled_percent", filter=Q(attended=True)),
        attention=Avg("attention_percent", filter=Q(attended=True)),
        recording=Sum("recording_minutes"),
    )
    anonymous = ViewerTotal.objects.filter(session=session, is_anonymous=True).aggregate(
        minutes=Sum("live_minutes"), plays=Sum("plays")
    )
    return [
        *_people_figures(sums, registered, peak, session),
        *_minutes_figures(sums),
        *_viewer_figures(sums, anonymous),
    ]


def _people_figures(
    sums: dict[str, Any], registered: int, peak: Headcount | None, session: Session
) -> list[Figure]:
    """How many people came, in all and at the same time."""
    of = _("%(number)d registered for the event") % {"number": registered}
    still = _("%(number)d still there") % {"number": sums["still_open"]}
    at = f"{peak.at.astimezone(session.event.zone):%H:%M}" if peak else ""
    return [
        figure("attended_people", sums["present"], f"{of}, {still}" if sums["still_open"] else of),
        figure(
            "peak",
            peak.present if peak else None,
            _("at %(time)s") % {"time": at} if peak else _("no join times reported"),
        ),
        figure("guest_people", sums["guests"]),
    ]


def _minutes_figures(sums: dict[str, Any]) -> list[Figure]:
    """How long people stayed, and how attentive they were."""
    return [
        figure("mean_minutes", tenths(sums["minutes"])),
        figure("mean_scheduled_percent", tenths(sums["percent"], "%")),
        figure("mean_attention", tenths(sums["attention"], "%")),
    ]


def _viewer_figures(sums: dict[str, Any], anonymous: dict[str, Any]) -> list[Figure]:
    """What only webcasts have: viewers of the recording, and viewers without a user id."""
    figures = []
    if sums["recording"]:
        figures.append(figure("recording_minutes_watched", tenths(sums["recording"], " min")))
    if anonymous["plays"]:
        plays = _("%(number)d plays") % {"number": anonymous["plays"]}
        figures.append(figure("anonymous_minutes", tenths(anonymous["minutes"], " min"), plays))
    return figures
