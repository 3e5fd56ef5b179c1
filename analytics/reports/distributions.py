"""How attendance is spread over people: when they joined, how attentive, by which source.

Each is one grouped statement, so the answer is small however many people there were.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

from django.db.models import Count, FloatField, QuerySet
from django.db.models.functions import Cast, Floor, TruncMinute
from django.utils.translation import gettext as _

from analytics.charts.bars import Measure, bars_beside_names, columns_over_time
from analytics.charts.shapes import Chart
from analytics.dictionary import TERMS
from analytics.metrics import Interval, chart_step
from analytics.models import SessionAttendance, Source
from events.models import Session

ATTENTION_BAND: Final = 20


def joins_chart(session: Session, window: Interval) -> Chart | None:
    """How many people were first seen in each step of the window."""
    counts = joins_by_minute(session)
    step = chart_step(window)
    return columns_over_time(
        TERMS["joins_by_minute"],
        in_steps(counts, window, step),
        window,
        session.event.zone,
        step,
    )


def joins_by_minute(session: Session) -> dict[datetime, int]:
    """How many people were first seen in each minute, UTC."""
    found = (
        SessionAttendance.objects.filter(session=session, first_joined_at__isnull=False)
        .annotate(minute=TruncMinute("first_joined_at", tzinfo=UTC))
        .order_by()
        .values_list("minute")
        .annotate(people=Count("pk"))
    )
    return {minute: people for minute, people in found if minute is not None}


def in_steps(
    counts: dict[datetime, int], window: Interval, step: timedelta
) -> list[tuple[datetime, int]]:
    """Counts of minutes summed for each step; who came before the window is in its first."""
    sums: Counter[int] = Counter()
    last = max(-(-window.length // step) - 1, 0)
    for minute, people in counts.items():
        sums[min(max((minute - window.start) // step, 0), last)] += people
    return [(window.start + number * step, sums[number]) for number in range(last + 1)]


def attention_chart(rows: QuerySet[SessionAttendance]) -> Chart | None:
    """How many people were attentive for how much of their time, in bands."""
    band = Cast(Floor(Cast("attention_percent", FloatField()) / ATTENTION_BAND), FloatField())
    found = (
        rows.filter(attended=True, attention_percent__isnull=False)
        .annotate(band=band)
        .order_by()
        .values_list("band")
        .annotate(people=Count("pk"))
    )
    bands: Counter[int] = Counter()
    for number, people in found:
        # 100 % belongs to the highest band rather than to one of its own.
        bands[min(int(number), 100 // ATTENTION_BAND - 1)] += people
    measures = [
        Measure(f"{n * ATTENTION_BAND}–{(n + 1) * ATTENTION_BAND} %", bands[n], str(bands[n]))
        for n in range(100 // ATTENTION_BAND)
    ]
    return bars_beside_names(TERMS["attention_bands"], measures, TERMS["mean_attention"].label)


def sources_chart(rows: QuerySet[SessionAttendance]) -> Chart | None:
    """How many of those who attended each source, or several of them, report."""
    found = (
        rows.filter(attended=True).order_by().values_list("sources").annotate(people=Count("pk"))
    )
    measures = [
        Measure(source_names(sources), people, str(people))
        for sources, people in sorted(found, key=lambda each: (-each[1], each[0]))
    ]
    return bars_beside_names(TERMS["people_by_source"], measures, _("Source"))


def source_names(sources: str) -> str:
    """``newrow+report`` in words."""
    known = dict(Source.choices)
    return " + ".join(str(known.get(name, name)) for name in sources.split("+") if name)


def retention_chart(shares: Sequence[tuple[str, int, int]]) -> Chart | None:
    """How many of those who were there at first stayed: (moment, people, of how many)."""
    measures = [
        Measure(moment, 100 * people / whole, f"{people} ({100 * people / whole:.0f} %)")
        for moment, people, whole in shares
        if whole
    ]
    return bars_beside_names(TERMS["retention"], measures, _("After the start"), most=100)
