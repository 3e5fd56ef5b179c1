"""From SessionAttendance to the figures of sessions and events, by one statement each."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Final

from django.db import connection
from django.db.models import Sum

from analytics.figures.dialect import dialect, for_sources, written
from analytics.figures.presence import scope_sql
from analytics.figures.values import (
    END_GRACE_MINUTES,
    REACH_GRACE_MINUTES,
    REACH_PERCENTS,
    RETENTION_MINUTES,
    EventFigures,
    SessionFigures,
)
from analytics.metrics import CENT, TENTH
from analytics.models import Source, ViewerTotal

MINUTE_MICROS: Final = 60_000_000
EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)

# In hundredths and tenths: SQLite keeps decimals as floats, whose sums depend on their order.
ROWS: Final = """
attendances AS (
    SELECT a.session_id, c.event_id, c.plan_end, a.person_key, a.user_id, a.sources,
        CASE WHEN a.attended THEN 1 ELSE 0 END AS came,
        CASE WHEN a.open_interval THEN 1 ELSE 0 END AS is_open,
        CASE WHEN a.counted_as = 'audience' THEN 1 ELSE 0 END AS is_audience,
        a.counted_as,
        CASE WHEN a.attended AND a.counted_as = 'audience' THEN 1 ELSE 0 END AS counts,
        CASE WHEN g.id IS NULL THEN 0 ELSE 1 END AS registered,
        CAST(ROUND(a.minutes_present * 100) AS bigint) AS cents,
        CAST(ROUND(a.scheduled_percent * 10) AS bigint) AS tenths,
        {reached},
        CAST(ROUND(a.attention_percent * 10) AS bigint) AS attention,
        CAST(ROUND(a.live_minutes * 100) AS bigint) AS live,
        CAST(ROUND(a.recording_minutes * 100) AS bigint) AS recording,
        {present_from} AS present_from, {present_until} AS present_until,
        {pulled_at} AS pulled_at
    FROM {SessionAttendance} a
    JOIN scope c ON c.session_id = a.session_id
    LEFT JOIN {Registration} g
        ON g.event_id = c.event_id AND g.user_id = a.user_id AND g.withdrawn_at IS NULL
)"""

# As metrics.needed_minutes says it, in hundredths of a microsecond: a cent has 600,000 of them.
REACHED: Final = """CASE WHEN a.attended AND a.counted_as = 'audience' AND a.scheduled_minutes > 0
            AND CAST(ROUND(a.scheduled_minutes * 100) AS bigint) * 60000000
                >= (c.plan_end - c.plan_start) * {percent} - {grace}
            THEN 1 ELSE 0 END AS reached_{percent}"""

BY_SESSION: Final = """
WITH {scope}, {rows},
ranked AS (
    SELECT session_id, cents,
        ROW_NUMBER() OVER (PARTITION BY session_id ORDER BY cents) AS place,
        COUNT(*) OVER (PARTITION BY session_id) AS people
    FROM attendances WHERE counts = 1
),
middle AS (
    SELECT session_id, SUM(cents) AS cents, COUNT(*) AS people
    FROM ranked WHERE place IN ((people + 1) / 2, (people + 2) / 2)
    GROUP BY session_id
)
SELECT a.session_id,
    SUM(came * registered) AS registered_attended,
    SUM(counts) AS attended,
    SUM(CASE WHEN user_id IS NULL THEN counts ELSE 0 END) AS guests,
    SUM(CASE WHEN counted_as = 'staff' THEN came ELSE 0 END) AS staff,
    SUM(CASE WHEN counted_as = 'stage' THEN came ELSE 0 END) AS stage,
    SUM(CASE WHEN counted_as = 'test' THEN came ELSE 0 END) AS tests,
    SUM(counts * a.cents) AS total_cents,
    MAX(m.cents) AS middle_cents, MAX(m.people) AS middle_people,
    SUM(counts * tenths) AS tenths,
    SUM(CASE WHEN attention IS NULL THEN 0 ELSE counts END) AS attention_sample,
    SUM(counts * attention) AS attention,
    SUM(is_audience * live) AS live,
    SUM(is_audience * recording) AS recording,
    SUM(CASE WHEN recording > 0 THEN is_audience ELSE 0 END) AS recording_viewers,
    SUM(is_audience * is_open) AS open_intervals,
    MIN(pulled_at) AS pulled_at,
    SUM(CASE WHEN present_from IS NULL THEN 0 ELSE counts END) AS timed,
    SUM(CASE WHEN present_until >= plan_end - {end_grace} THEN counts ELSE 0 END)
        AS stayed_to_end,
    {sum_reached}, {retained}, {sources}
FROM attendances a LEFT JOIN middle m ON m.session_id = a.session_id
GROUP BY a.session_id
"""

BY_EVENT: Final = """
WITH {scope}, {rows},
people AS (
    SELECT person_key, MAX(user_id) AS user_id, MAX(counts) AS counts,
        MAX(came * registered) AS registered_attended,
        MAX(CASE WHEN counted_as = 'staff' THEN came ELSE 0 END) AS staff,
        MAX(CASE WHEN counted_as = 'stage' THEN came ELSE 0 END) AS stage,
        MAX(CASE WHEN counted_as = 'test' THEN came ELSE 0 END) AS test,
        SUM(counts) AS visits, SUM(counts * cents) AS cents, {sum_reached},
        SUM(CASE WHEN attention IS NULL THEN 0 ELSE counts END) AS attention_sample,
        SUM(counts * attention) AS attention,
        SUM(is_audience * live) AS live, SUM(is_audience * recording) AS recording,
        SUM(is_audience * is_open) AS open_intervals, MIN(pulled_at) AS pulled_at
    FROM attendances GROUP BY person_key
),
ranked AS (
    SELECT cents, ROW_NUMBER() OVER (ORDER BY cents) AS place, COUNT(*) OVER () AS people
    FROM people WHERE counts = 1
),
middle AS (
    SELECT SUM(cents) AS cents, COUNT(*) AS people
    FROM ranked WHERE place IN ((people + 1) / 2, (people + 2) / 2)
)
SELECT
    SUM(registered_attended) AS registered_attended, SUM(counts) AS attended,
    SUM(CASE WHEN user_id IS NULL THEN counts ELSE 0 END) AS guests,
    SUM(staff) AS staff, SUM(stage) AS stage, SUM(test) AS tests,
    SUM(p.cents) AS total_cents,
    MAX(m.cents) AS middle_cents, MAX(m.people) AS middle_people,
    SUM(attention_sample) AS attention_sample, SUM(attention) AS attention,
    SUM(live) AS live, SUM(recording) AS recording,
    SUM(CASE WHEN recording > 0 THEN 1 ELSE 0 END) AS recording_viewers,
    SUM(open_intervals) AS open_intervals, MIN(pulled_at) AS pulled_at,
    SUM(visits) AS visits, {sum_reached},
    (SELECT COUNT(DISTINCT session_id) FROM attendances WHERE counts = 1) AS sessions
FROM people p CROSS JOIN middle m
"""


def session_figures_in(session_pks: Sequence[int]) -> dict[int, SessionFigures]:
    """The figures of those sessions that anybody was seen in, but for their peaks."""
    statement = written(
        BY_SESSION,
        scope=scope_sql(session_pks),
        rows=_rows_sql(),
        sum_reached=_for_percents("SUM(reached_{percent}) AS reached_{percent}"),
        end_grace=str(END_GRACE_MINUTES * MINUTE_MICROS),
        retained=", ".join(
            f"SUM(CASE WHEN present_until - present_from >= {minutes * MINUTE_MICROS} "
            f"THEN counts ELSE 0 END) AS retained_{minutes}"
            for minutes in RETENTION_MINUTES
        ),
        sources=for_sources(
            "SUM(CASE WHEN '+' || sources || '+' LIKE '%+{source}+%' THEN counts ELSE 0 END)"
            " AS from_{source}",
            ", ",
        ),
    )
    anonymous = _anonymous(session_pks)
    # Some sessions were watched by nobody with a name.
    figures = {pk: SessionFigures(**sums) for pk, sums in anonymous.items()}
    for row in _dicts(statement):
        pk = row["session_id"]
        figures[pk] = _session_figures(row, anonymous.get(pk, {}))
    return figures


def event_figures_in(session_pks: Sequence[int]) -> EventFigures:
    """The figures over all these sessions of one event, but for the peak."""
    statement = written(
        BY_EVENT,
        scope=scope_sql(session_pks),
        rows=_rows_sql(),
        sum_reached=_for_percents("SUM(reached_{percent}) AS reached_{percent}"),
    )
    (row,) = _dicts(statement)
    return EventFigures(
        **_common(row), visits=int(row["visits"] or 0), sessions=int(row["sessions"] or 0)
    )


def _rows_sql() -> str:
    unix = dialect().unix
    return written(
        ROWS,
        reached=_for_percents(REACHED),
        present_from=unix("a.present_from"),
        present_until=unix("a.present_until"),
        pulled_at=unix("a.pulled_at"),
    )


def _for_percents(sql: str) -> str:
    """``sql`` for each threshold, with commas between."""
    grace = REACH_GRACE_MINUTES * MINUTE_MICROS * 100
    return ", ".join(
        sql.replace("{percent}", str(percent)).replace("{grace}", str(grace))
        for percent in REACH_PERCENTS
    )


def _dicts(statement: str) -> list[dict[str, Any]]:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        names = [column[0] for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def _common(row: dict[str, Any]) -> dict[str, Any]:
    """What the rows of sessions and of events have in common."""
    counted = (
        "registered_attended attended guests staff stage tests attention_sample "
        "recording_viewers open_intervals"
    ).split()
    pulled_at = row["pulled_at"]
    return {
        **{name: int(row[name] or 0) for name in counted},
        "mean_minutes": _mean(row["total_cents"], row["attended"], CENT),
        "median_minutes": _mean(row["middle_cents"], row["middle_people"], CENT),
        "reached": {percent: int(row[f"reached_{percent}"] or 0) for percent in REACH_PERCENTS},
        "total_minutes": Decimal(row["total_cents"] or 0).scaleb(-2).quantize(CENT),
        "attention_percent": _mean(row["attention"], row["attention_sample"], TENTH),
        "live_minutes": _cents(row["live"]),
        "recording_minutes": _cents(row["recording"]),
        "as_of": None if pulled_at is None else EPOCH + timedelta(microseconds=int(pulled_at)),
    }


def _session_figures(row: dict[str, Any], anonymous: dict[str, Any]) -> SessionFigures:
    sources = {name: int(row[f"from_{name}"] or 0) for name in Source.values}
    return SessionFigures(
        **_common(row),
        **anonymous,
        scheduled_percent=_mean(row["tenths"], row["attended"], TENTH),
        timed=int(row["timed"] or 0),
        retained={n: int(row[f"retained_{n}"] or 0) for n in RETENTION_MINUTES},
        stayed_to_end=int(row["stayed_to_end"] or 0),
        sources={name: people for name, people in sources.items() if people},
    )


def _anonymous(session_pks: Iterable[int]) -> dict[int, dict[str, Any]]:
    rows = ViewerTotal.objects.filter(session__in=session_pks, is_anonymous=True).order_by()
    sums = rows.values_list("session_id").annotate(Sum("live_minutes"), Sum("plays"))
    return {
        pk: {"anonymous_minutes": minutes.quantize(CENT, ROUND_HALF_UP), "anonymous_plays": plays}
        for pk, minutes, plays in sums
        if pk is not None
    }


def _mean(total: Any, count: Any, unit: Decimal) -> Decimal | None:
    """The mean of whole ``unit``s, halves rounded up; None over nothing."""
    if not count:
        return None
    return (Decimal(total or 0) * unit / int(count)).quantize(unit, ROUND_HALF_UP)


def _cents(total: Any) -> Decimal | None:
    return None if total is None else (Decimal(total) * CENT).quantize(CENT)
