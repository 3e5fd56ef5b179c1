"""How a session's attendance is spread over people: when they joined, and how attentive they were.

Each is one grouped statement, so the answer is small however many people there were; it is
kept in the cache under the version of the rows that it was made from.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from django.core.cache import cache
from django.db.models import Count, FloatField, QuerySet
from django.db.models.functions import Cast, Floor, TruncMinute

from analytics.charts.bars import Measure, bars_beside_names, columns_over_time
from analytics.charts.shapes import Chart
from analytics.dictionary import TERMS
from analytics.metrics import Interval, chart_step
from analytics.models import CountedAs, SessionAttendance
from events.models import Session

ATTENTION_BAND: Final = 20
KEPT_S: Final = 3600


@dataclass(frozen=True)
class SessionSpread:
    """``joined``: people first seen in each minute, UTC. ``attention``: people in each band."""

    joined: Mapping[datetime, int]
    attention: Mapping[int, int]


def spread_of(session: Session, version: int) -> SessionSpread:
    """The spread of the session's audience as of this version of its attendance."""
    key = f"analytics:spread:{session.uuid}:{version}"
    kept: tuple[dict[datetime, int], dict[int, int]] | None = cache.get(key) if version else None
    if kept is not None:
        return SessionSpread(*kept)
    rows = SessionAttendance.objects.filter(
        session=session, attended=True, counted_as=CountedAs.AUDIENCE
    ).order_by()
    spread = SessionSpread(_joined(rows), _attention(rows))
    if version:
        cache.set(key, (spread.joined, spread.attention), KEPT_S)
    return spread


def _joined(rows: QuerySet[SessionAttendance]) -> dict[datetime, int]:
    found = (
        rows.filter(first_joined_at__isnull=False)
        .annotate(minute=TruncMinute("first_joined_at", tzinfo=UTC))
        .values_list("minute")
        .annotate(people=Count("pk"))
    )
    return {minute: people for minute, people in found if minute is not None}


def _attention(rows: QuerySet[SessionAttendance]) -> dict[int, int]:
    found = (
        rows.filter(attention_percent__isnull=False)
        .annotate(band=Floor(Cast("attention_percent", FloatField()) / ATTENTION_BAND))
        .values_list("band")
        .annotate(people=Count("pk"))
    )
    bands: Counter[int] = Counter()
    for number, people in found:
        # 100 % belongs to the highest band rather than to one of its own.
        bands[min(int(number), 100 // ATTENTION_BAND - 1)] += people
    return dict(bands)


def joins_chart(spread: SessionSpread, window: Interval, zone: ZoneInfo) -> Chart | None:
    """How many people were first seen in each step of the window."""
    step = chart_step(window)
    counts = in_steps(spread.joined, window, step)
    return columns_over_time(TERMS["joins_by_minute"], counts, window, zone, step)


def in_steps(
    counts: Mapping[datetime, int], window: Interval, step: timedelta
) -> list[tuple[datetime, int]]:
    """Counts of minutes summed for each step; who came before the window is in its first."""
    sums: Counter[int] = Counter()
    last = max(-(-window.length // step) - 1, 0)
    for minute, people in counts.items():
        sums[min(max((minute - window.start) // step, 0), last)] += people
    return [(window.start + number * step, sums[number]) for number in range(last + 1)]


def attention_chart(spread: SessionSpread) -> Chart | None:
    """How many people were attentive for how much of their time, in bands."""
    measures = [
        Measure(
            f"{band * ATTENTION_BAND}–{(band + 1) * ATTENTION_BAND} %",
            spread.attention.get(band, 0),
            str(spread.attention.get(band, 0)),
        )
        for band in range(100 // ATTENTION_BAND)
    ]
    return bars_beside_names(TERMS["attention_bands"], measures, TERMS["mean_attention"].label)
