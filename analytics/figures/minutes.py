"""How many people were there in each minute: of a session, an event or a track.

Only the audience counts, as in all figures; staff, people on stage and tests stand apart.
A person is counted once, however many of their stays overlap, and in an event's curve once
even when they are in two sessions at a time.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from django.db import connection, transaction

from analytics.figures.dialect import dialect, numbers, written
from analytics.figures.presence import reported_sql, scope_sql
from analytics.metrics import Headcount, Interval

MINUTE: Final = timedelta(minutes=1)
MINUTE_MICROS: Final = 60_000_000


class CurveOf(StrEnum):
    """Whose people are counted together."""

    SESSION = "session_id"
    TRACK = "track_id"
    EVENT = "event_id"


# Marks at every full minute carry a count into the minute in which nobody comes or goes.
# Sums for each moment: who leaves and who joins at the same one cancel out. The greatest
# ``packed`` of a minute is the most people, and of those the first moment.
CURVE: Final = """
WITH RECURSIVE {scope}, {reported},
marks AS (
    SELECT {group} AS grp, opens AS moment, closes FROM scope
    UNION
    SELECT grp, (moment / 60000000 + 1) * 60000000, closes FROM marks
    WHERE (moment / 60000000 + 1) * 60000000 < closes
),
apart AS (
    SELECT session_id, user_id FROM {SessionAttendance}
    WHERE session_id IN ({sessions}) AND user_id IS NOT NULL AND counted_as <> 'audience'
),
audience AS (
    SELECT r.{group} AS grp, {by_source} AS source, r.account, r.guest, r.a, r.b
    FROM reported r
    LEFT JOIN apart ON apart.session_id = r.session_id AND apart.user_id = r.account
    WHERE r.inside = 1 AND apart.user_id IS NULL
),
pieces AS (
    SELECT grp, source, b, {greatest}(a, COALESCE(MAX(b) OVER (
        PARTITION BY {partition}, account, guest ORDER BY a, b
        ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
    ), a)) AS a
    FROM audience
),
changes AS (
    SELECT grp, source, moment, SUM(people) AS people
    FROM (
        SELECT grp, source, CASE WHEN ends.people = 1 THEN a ELSE b END AS moment, ends.people
        FROM pieces CROSS JOIN (SELECT 1 AS people UNION ALL SELECT -1) ends
        WHERE b > a
        UNION ALL
        SELECT m.grp, s.source, m.moment, 0 FROM marks m JOIN ({told}) s ON s.grp = m.grp
    ) steps
    GROUP BY grp, source, moment
),
counts AS (
    SELECT grp, source, moment,
        CAST(SUM(people) OVER (PARTITION BY grp, source ORDER BY moment) AS bigint) AS present
    FROM changes
)
SELECT grp, source, moment / 60000000 AS minute,
    MAX(present * 60000000 + 59999999 - moment % 60000000) AS packed
FROM counts
GROUP BY grp, source, moment / 60000000
ORDER BY grp, source, minute
"""


# Whose minutes are counted where nobody came or went: of each source only where it knows anybody,
# which needs all stays to be kept and read once more.
TOLD: Final = "SELECT DISTINCT {group} AS grp, '' AS source FROM scope"
TOLD_BY_SOURCE: Final = "SELECT DISTINCT grp, source FROM audience"


@dataclass(frozen=True)
class Curve:
    """The most people present in each minute, from minute ``start`` (since 1970, UTC) on.

    ``by_source`` says the same of what each source alone reports: which one knows of whom,
    minute by minute. ``peak`` is the most people at one moment, ``peak_at`` the first such.
    """

    start: int = 0
    present: Sequence[int] = ()
    peak: int = 0
    peak_at: datetime | None = None
    by_source: dict[str, list[int]] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        return {
            "start": self.start,
            "present": list(self.present),
            "peak": self.peak,
            "peak_at": self.peak_at.isoformat() if self.peak_at else None,
            "by_source": self.by_source,
        }

    @classmethod
    def from_json(cls, stored: dict[str, Any]) -> Curve:
        """The curve as ``as_json`` wrote it; an empty one from nothing."""
        if not stored:
            return cls()
        peak_at = stored["peak_at"] and datetime.fromisoformat(stored["peak_at"])
        return cls(**{**stored, "peak_at": peak_at or None})

    def samples(self, window: Interval, step: timedelta = MINUTE) -> list[Headcount]:
        """The most people in each ``step`` (whole minutes) of the window; empty when nobody came.

        The greatest sample is always the true peak.
        """
        if not self.peak:
            return []
        width, first = max(1, step // MINUTE), _minute(window.start)
        last = _minute(window.end - timedelta(microseconds=1)) + 1
        found = []
        for minute in range(first, max(last, first), width):
            at = max(datetime.fromtimestamp(minute * 60, UTC), window.start)
            low, high = max(0, minute - self.start), minute + width - self.start
            most = max(self.present[low : max(0, high)], default=0)
            found.append(Headcount(at, most))
        return found


def _minute(moment: datetime) -> int:
    return int(moment.timestamp() // 60)


def curves_of(
    session_pks: Iterable[int], group: CurveOf, by_source: Iterable[int] = ()
) -> dict[int, Curve]:
    """The curve of each session, track or event, of these sessions alone, in one statement.

    For the sessions named in ``by_source`` also what each source reports, in another.
    """
    pks, several = sorted(set(session_pks)), sorted(set(by_source))
    minutes = _minutes_by_group(pks, group)
    sources = _minutes_by_group(several, group, by_source=True) if several else {}
    curves = {}
    for (key, _), cells in minutes.items():
        if not any(packed >= MINUTE_MICROS for _, packed in cells):
            continue  # Nobody came.
        own = {name: found for (other, name), found in sources.items() if other == key}
        curves[key] = _curve(cells, own)
    return curves


Cells = list[tuple[int, int]]


def _minutes_by_group(
    pks: Sequence[int], group: CurveOf, *, by_source: bool = False
) -> dict[tuple[int, str], Cells]:
    """(Whose, source) -> the minutes with their packed counts; one source, '', for all."""
    statement = written(
        CURVE,
        scope=scope_sql(pks),
        reported=reported_sql(pks),
        sessions=numbers(pks),
        group=group.value,
        by_source="r.source" if by_source else "''",
        partition="grp, source" if by_source else "grp",
        told=TOLD_BY_SOURCE if by_source else TOLD.format(group=group.value),
    )
    found: dict[tuple[int, str], Cells] = {}
    with transaction.atomic(), connection.cursor() as cursor:
        for preparation in dialect().much_work:
            cursor.execute(preparation)
        cursor.execute(statement)
        for key, name, minute, packed in cursor.fetchall():
            if key is not None:
                found.setdefault((key, name), []).append((minute, int(packed)))
    return found


def _curve(cells: Cells, sources: dict[str, Cells]) -> Curve:
    start = cells[0][0]
    length = cells[-1][0] - start + 1
    # Of equal counts the first minute, in which the first moment has the greatest ``packed``.
    minute, packed = max(cells, key=lambda cell: (cell[1] // MINUTE_MICROS, -cell[0]))
    peak, rest = divmod(packed, MINUTE_MICROS)
    micros = minute * MINUTE_MICROS + MINUTE_MICROS - 1 - rest
    by_source = {name: _series(found, start, length) for name, found in sources.items()}
    return Curve(
        start=start,
        present=_series(cells, start, length),
        peak=peak,
        peak_at=datetime.fromtimestamp(0, UTC) + timedelta(microseconds=micros) if peak else None,
        by_source=by_source if len(by_source) > 1 else {},
    )


def _series(cells: Cells, start: int, length: int) -> list[int]:
    """The people of each minute; none in those that no session covers."""
    people = [0] * length
    for minute, packed in cells:
        people[minute - start] = packed // MINUTE_MICROS
    return people
