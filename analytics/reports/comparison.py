"""Two sessions or two events side by side: by figures, and by minutes from the start."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Final

from django.utils.translation import gettext as _

from analytics.charts.axes import Tick, count_ticks, round_up, x_at, y_at
from analytics.charts.shapes import Chart, ChartTable, Series
from analytics.dictionary import TERMS, Term
from analytics.figures.minutes import Curve
from analytics.figures.summary import event_figures_of, figures_of
from analytics.match import schedule_of
from analytics.metrics import Interval, chart_step
from analytics.models import StoredFigures
from analytics.privacy.modes import PrivacyRules, rules_of
from analytics.privacy.published import published_event
from analytics.reports.event import event_figures
from analytics.reports.figures import Figure, figure
from analytics.reports.session import session_figures
from events.models import Event, Session

# Where "the start" stands on the common axis: any moment does.
START: Final = datetime(2000, 1, 1, tzinfo=UTC)

Compared = Session | Event


@dataclass(frozen=True)
class ComparedFigure:
    """A figure of both, and by how much the second is more; empty where that says nothing."""

    term: Term
    values: tuple[str, str]
    difference: str


@dataclass(frozen=True)
class ReportComparison:
    """What the page says of the two."""

    things: tuple[Compared, Compared]
    figures: Sequence[ComparedFigure]
    notices: Sequence[str]
    chart: Chart | None


def comparison_of(one: Compared, other: Compared) -> ReportComparison:
    """Both side by side: two sessions, or two events. Each shows what its own page may."""
    rules = [rules_of(_event_of(each)) for each in (one, other)]
    sides = [figures_shown(each, own) for each, own in zip((one, other), rules, strict=True)]
    both = [{each.term.name: each for each in side} for side in sides]
    names = [name for name in both[0] if name in both[1]]
    sessions = [each for each in (one, other) if isinstance(each, Session)]
    shows_curves = len(sessions) == 2 and all(own.lists_people for own in rules)
    return ReportComparison(
        things=(one, other),
        figures=[compared(both[0][name], both[1][name]) for name in names],
        notices=sorted({own.notice for own in rules}),
        chart=aligned_chart(*sessions) if shows_curves else None,
    )


def _event_of(thing: Compared) -> Event:
    return thing.event if isinstance(thing, Session) else thing


def figures_shown(thing: Compared, rules: PrivacyRules) -> list[Figure]:
    """The figures that the thing's own page shows."""
    if not rules.lists_people:
        return _published(thing, rules)
    if isinstance(thing, Session):
        return session_figures(thing, figures_of([thing])[thing.pk])
    return event_figures(thing, event_figures_of(thing))


def _published(thing: Compared, rules: PrivacyRules) -> list[Figure]:
    """In the aggregate mode: the same numbers as on the event's page, and none beside them."""
    published = published_event(_event_of(thing), rules)
    if isinstance(thing, Event):
        return [
            figure("event_registered_people", published.registered),
            figure("event_registered_came", published.came),
            figure("event_visits", published.visits),
        ]
    for row in published.sessions:
        if row.session.pk == thing.pk:
            return [
                figure("attended_people", row.counts.people),
                figure("mean_minutes", row.mean_minutes),
            ]
    return []


def compared(one: Figure, other: Figure) -> ComparedFigure:
    """A figure of both; the difference where both are plain numbers of the same unit."""
    values = (one.value, other.value)
    try:
        more = Decimal(other.value.rstrip("% min")) - Decimal(one.value.rstrip("% min"))
    except InvalidOperation:
        return ComparedFigure(one.term, values, "")
    return ComparedFigure(one.term, values, f"{more:+}" if more else "0")


def aligned_chart(one: Session, other: Session) -> Chart | None:
    """The people of both over the minutes since each one's planned start."""
    windows = [_from_start(each) for each in (one, other)]
    whole = Interval(min(w.start for w in windows), max(w.end for w in windows))
    step = chart_step(whole)
    stored = StoredFigures.objects.in_bulk([one.pk, other.pk])
    counts = []
    for session in (one, other):
        moved = Interval(*(at + (session.starts_at - START) for at in (whole.start, whole.end)))
        curve = Curve.from_json(stored[session.pk].curve) if session.pk in stored else Curve()
        counts.append([sample.present for sample in curve.samples(moved, step)])
    if not any(counts):
        return None
    length = max(len(row) for row in counts)
    rows = [row or [0] * length for row in counts]
    most = round_up(max(max(row) for row in rows) or 1)
    moments = [whole.start + number * step for number in range(length)]
    lines = [
        Series(session.title, number, _line(row, moments, whole, step, most))
        for number, (session, row) in enumerate(zip((one, other), rows, strict=True))
    ]
    table = [
        [_minutes(at), first, second] for at, first, second in zip(moments, *rows, strict=True)
    ]
    return Chart(
        name="concurrency",
        title=TERMS["concurrency"].label,
        definition=_("The most people present within each step, by minutes since the start."),
        summary=_("Peaks: %(one)d and %(other)d.") % {"one": max(rows[0]), "other": max(rows[1])},
        series=lines,
        x_ticks=_minute_ticks(whole),
        y_ticks=count_ticks(most),
        marks=[Tick(x_at(START, whole), _("Start"))],
        table=ChartTable(
            columns=[_("Minutes since the start"), one.title, other.title],
            rows=table,
        ),
    )


def _from_start(session: Session) -> Interval:
    window, moved = schedule_of(session).window, START - session.starts_at
    return Interval(window.start + moved, window.end + moved)


def _minutes(at: datetime) -> str:
    return f"{(at - START) // timedelta(minutes=1)}"


def _minute_ticks(whole: Interval) -> list[Tick]:
    minutes = next(
        (step for step in (5, 10, 15, 30, 60, 120) if whole.length <= timedelta(minutes=step * 10)),
        480,
    )
    step = timedelta(minutes=minutes)
    first = -((START - whole.start) // step)
    last = (whole.end - START) // step
    return [
        Tick(x_at(START + number * step, whole), str(number * minutes))
        for number in range(first, last + 1)
    ]


def _line(
    row: Sequence[int], moments: Sequence[datetime], whole: Interval, step: timedelta, most: int
) -> str:
    points = []
    for at, present in zip(moments, row, strict=True):
        y = y_at(present, most)
        points += [f"{x_at(at, whole)} {y}", f"{x_at(min(at + step, whole.end), whole)} {y}"]
    return "M" + " L".join(points)
