"""The page of one session: figures with their meaning, charts, and how complete they are."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from django.db.models import Count, Exists, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from analytics.charts.bars import Measure, bars_beside_names
from analytics.charts.curves import CurveSamples, chart_of
from analytics.charts.shapes import Chart
from analytics.completeness import (
    SessionCompleteness,
    links_of_places,
    rooms_of_tracks,
    session_completeness,
    sources_of,
)
from analytics.dictionary import TERMS
from analytics.figures.minutes import Curve
from analytics.figures.summary import current
from analytics.figures.values import SessionFigures
from analytics.match import ROOMS, schedule_of
from analytics.metrics import Schedule, chart_step
from analytics.models import (
    BroadcastReport,
    Coverage,
    EventPrivacy,
    Source,
    StoredFigures,
    enough_percent,
)
from analytics.reports.distributions import attention_chart, joins_chart, spread_of
from analytics.reports.figures import Figure, figure, percent, reached, tenths
from analytics.reports.guidance import guidance_for
from events.models import Event, Registration, Session
from kaltura_bridge.specs import Kind


@dataclass(frozen=True)
class SessionReport:
    """What the page says, beside the list of people. ``guidance``: why there is nothing yet.

    ``version``: of what the figures and charts are made of, 0 when it has none.
    """

    session: Session
    schedule: Schedule
    completeness: SessionCompleteness
    guidance: str
    figures: Sequence[Figure]
    has_times: bool
    is_over: bool
    may_pull: bool
    version: int
    make_charts: Callable[[], Sequence[Chart]]

    @cached_property
    def charts(self) -> Sequence[Chart]:
        """The charts for which anything is known."""
        return self.make_charts()


def loaded(sessions: QuerySet[Session]) -> QuerySet[Session]:
    """The sessions with all that a report needs of each, in the same statement.

    ``registered_people``: with a place at the event. ``has_room``, ``has_webcast``: at Kaltura.
    ``has_audience``: there are reports about the audience (audience.py).
    """
    own = links_of_places().filter(target__object_uuid=OuterRef("uuid"))
    return sessions.select_related(
        "event__attendance_privacy", "event__presence_setting", "track", "stored_figures"
    ).annotate(
        registered_people=registered_people(OuterRef("event")),
        has_room=Exists(own.filter(kind__in=ROOMS)) | Exists(rooms_of_tracks()),
        has_webcast=Exists(own.filter(kind=Kind.ENTRY)),
        has_audience=Exists(BroadcastReport.objects.filter(session=OuterRef("pk"))),
    )


def registered_people(event: OuterRef) -> Coalesce:
    """How many have a place at the event of an outer query."""
    places = Registration.objects.filter(event=event, withdrawn_at=None).order_by()
    people = places.values("event").annotate(people=Count("pk")).values("people")
    return Coalesce(Subquery(people), 0)


def figures_stored(session: Any) -> StoredFigures:
    """The session's row of figures, computed again where it is out of date. From ``loaded``."""
    stored: StoredFigures | None = getattr(session, "stored_figures", None)
    if stored is not None and stored.figures_version == stored.attendance_version:
        return stored
    return next(iter(current([session.pk])), None) or StoredFigures(session=session)


def session_report(session: Any, now: datetime) -> SessionReport:
    """Everything above the list of people. ``session`` comes from ``loaded``."""
    schedule = schedule_of(session)
    stored = figures_stored(session)
    figures = SessionFigures.from_json(stored.figures, session.registered_people)
    curve, version = Curve.from_json(stored.curve), stored.attendance_version
    expected = sources_of(session.has_room, session.has_webcast)
    read = list(Coverage.objects.filter(session=session).order_by("source"))
    completeness = session_completeness(session, read, expected, figures.open_intervals, now)
    return SessionReport(
        session=session,
        schedule=schedule,
        completeness=completeness,
        guidance=guidance_for(session, read, completeness.has_place, now),
        figures=session_figures(session, figures),
        has_times=bool(curve.peak),
        is_over=session.doors_close_at < now,
        may_pull=session.doors_open_at <= now
        and completeness.has_place
        and not _is_fixed(session.event),
        version=version,
        make_charts=lambda: session_charts(session, schedule, figures, curve, version),
    )


def _is_fixed(event: Event) -> bool:
    """Whether names were replaced or deleted, so that nothing is pulled any more."""
    privacy: EventPrivacy | None = getattr(event, "attendance_privacy", None)
    return privacy is not None and privacy.retained_at is not None


def session_charts(
    session: Session, schedule: Schedule, figures: SessionFigures, curve: Curve, version: int
) -> list[Chart]:
    """The charts for which anything is known."""
    step, zone = chart_step(schedule.window), session.event.zone
    by_source = [
        CurveSamples(
            source_label(name), Curve(curve.start, people, 1).samples(schedule.window, step)
        )
        for name, people in curve.by_source.items()
    ]
    spread = spread_of(session, version)
    charts = [
        chart_of(
            curve.samples(schedule.window, step), schedule.window, zone, step, schedule, by_source
        ),
        joins_chart(spread, schedule.window, zone),
        retention_chart(figures),
        attention_chart(spread),
        sources_chart(figures.sources),
    ]
    return [chart for chart in charts if chart is not None]


def retention_chart(figures: SessionFigures) -> Chart | None:
    """How many of those with known times were still there after a while, and at the end."""
    moments = [
        (_("After %(minutes)d min") % {"minutes": minutes}, people)
        for minutes, people in figures.retained.items()
    ]
    measures = [
        Measure(name, share, f"{people} ({share:.0f} %)")
        for name, people in [*moments, (_("At the end"), figures.stayed_to_end)]
        if figures.timed and (share := 100 * people / figures.timed) >= 0
    ]
    return bars_beside_names(TERMS["retention"], measures, _("Moment"), most=100)


def sources_chart(sources: Mapping[str, int]) -> Chart | None:
    """How many of those who attended each source knows of."""
    measures = [
        Measure(source_label(name), people, str(people))
        for name, people in sorted(sources.items(), key=lambda each: (-each[1], each[0]))
        if people
    ]
    return bars_beside_names(TERMS["people_by_source"], measures, _("Source"))


def source_label(name: str) -> str:
    """What pages call a source."""
    return str(dict(Source.choices).get(name, name))


def session_figures(session: Session, figures: SessionFigures) -> list[Figure]:
    """The numbers at the top of the page."""
    return [
        *_people_figures(session, figures),
        *_minutes_figures(session, figures),
        *_viewer_figures(figures),
    ]


def _people_figures(session: Session, figures: SessionFigures) -> list[Figure]:
    """How many people came, in all and at the same time."""
    of = _("%(number)d registered for the event") % {"number": figures.registered}
    still = _("%(number)d still there") % {"number": figures.open_intervals}
    peak_at = figures.peak_at and figures.peak_at.astimezone(session.event.zone)
    apart = figures.staff + figures.stage + figures.tests
    return [
        figure(
            "attended_people", figures.attended, f"{of}, {still}" if figures.open_intervals else of
        ),
        figure(
            "no_show_people",
            figures.no_show,
            percent(figures.no_show, figures.registered),
        ),
        figure(
            "peak",
            figures.peak if peak_at else None,
            _("at %(time)s") % {"time": f"{peak_at:%H:%M}"}
            if peak_at
            else _("no join times reported"),
        ),
        figure("guest_people", figures.guests),
        figure(
            "staff_people",
            apart,
            _("%(team)d team, %(stage)d on stage, %(tests)d tests")
            % {"team": figures.staff, "stage": figures.stage, "tests": figures.tests}
            if apart
            else "",
        ),
    ]


def _minutes_figures(session: Session, figures: SessionFigures) -> list[Figure]:
    """How long people stayed, and how attentive they were."""
    sample = _("known of %(number)d people") % {"number": figures.attention_sample}
    return [
        figure("mean_minutes", figures.mean_minutes),
        figure("median_minutes", figures.median_minutes),
        figure("mean_scheduled_percent", tenths(figures.scheduled_percent, "%")),
        figure("reached_people", *reached(figures, enough_percent(session.event))),
        figure(
            "mean_attention",
            tenths(figures.attention_percent, "%"),
            sample if figures.attention_sample else "",
        ),
    ]


def _viewer_figures(figures: SessionFigures) -> list[Figure]:
    """What only webcasts have: viewers of the recording, and viewers without a user id."""
    found = []
    if figures.recording_minutes:
        viewers = _("by %(number)d people") % {"number": figures.recording_viewers}
        minutes = tenths(figures.recording_minutes, " min")
        found.append(figure("recording_minutes_watched", minutes, viewers))
    if figures.anonymous_plays:
        plays = _("%(number)d plays") % {"number": figures.anonymous_plays}
        found.append(figure("anonymous_minutes", tenths(figures.anonymous_minutes, " min"), plays))
    return found
