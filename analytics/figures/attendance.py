"""SessionAttendance by set-based SQL: computed for many sessions at once, written where different.

The definitions are those of metrics.py, statement by statement: metrics_from_stays for whom
times of joining are known, metrics_from_totals for all others.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from django.db import connection
from django.db.models import QuerySet

from analytics.figures.dialect import TABLES, dialect, for_sources, numbers, written
from analytics.figures.left_out import but_left_out
from analytics.figures.presence import ACCOUNT, COVERED, guest_sql, reported_sql, scope_sql
from analytics.models import SessionAttendance, Source, Stay, ViewerTotal

MICROSECONDS_A_CENT: Final = 600_000

# Pieces are what a stay adds to the union: from where all before it ended, to its own end.
BY_STAYS: Final = """
pieces AS (
    SELECT *, {greatest}(a, COALESCE(reach, a)) AS fresh,
        {greatest}(b, COALESCE(reach, b)) AS until
    FROM {covered}
),
by_stays AS (
    SELECT session_id, account, guest,
        MIN(NULLIF(name, '') {bytewise}) AS name, MIN(NULLIF(email, '') {bytewise}) AS email,
        MIN(NULLIF(matched_by, '') {bytewise}) AS matched_by, MIN(pulled_at) AS pulled_at,
        COUNT(*) AS stays,
        MIN(CASE WHEN inside = 1 THEN joined_at END) AS first_joined,
        MAX(CASE WHEN inside = 1 THEN left_at END) AS last_left,
        MAX(CASE WHEN inside = 1 AND left_at IS NULL THEN 1 ELSE 0 END) AS is_open,
        {greatest}(0, {joins}) AS joins,
        SUM(CASE WHEN inside = 1 THEN until - fresh ELSE 0 END) AS present,
        SUM(CASE WHEN inside = 1 THEN
            {greatest}(0, {least}(until, plan_end) - {greatest}(fresh, plan_start))
            ELSE 0 END) AS in_plan,
        MIN(CASE WHEN inside = 1 THEN a END) AS present_from,
        MAX(CASE WHEN inside = 1 THEN b END) AS present_until,
        SUM(CASE WHEN {is_said} THEN (b - a) / 1000 ELSE 0 END) AS weight,
        SUM(CASE WHEN {is_said} THEN (b - a) / 1000 * attention ELSE 0 END) AS attention,
        {sources}
    FROM pieces
    GROUP BY session_id, account, guest
)"""
# Where several sources report stays, each one's own union as well: another sort of all of them.
COVERED_BY_SOURCE: Final = """(
        SELECT *, MAX(b) OVER (
            PARTITION BY session_id, account, guest, inside, source ORDER BY a, b
            ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
        ) AS own_reach FROM covered
    ) covered_by_source"""
IS_SAID: Final = (
    "inside = 1 AND attention >= 0 AND NOT (same_join = 1 AND attention = attention_before)"
)

# A report's minutes have four decimals; a ten-thousandth of a minute is 6,000 microseconds.
# What one source says of several entries adds up; several sources speak of the same minutes.
BY_TOTALS: Final = """
totals AS (
    SELECT c.session_id, {account} AS account, {guest} {bytewise} AS guest, vt.source,
        vt.name, vt.matched_by, vt.pulled_at,
        CAST(ROUND(vt.live_minutes * 10000) AS bigint) AS live,
        CAST(ROUND(vt.recording_minutes * 10000) AS bigint) AS recording,
        COALESCE(CAST(ROUND(vt.engaged * 100) AS bigint), -1) AS engaged
    FROM {ViewerTotal} vt JOIN scope c ON c.session_id = vt.session_id
    WHERE NOT vt.is_anonymous{but_left_out}
),
by_source AS (
    SELECT session_id, account, guest, source,
        MIN(NULLIF(name, '') {bytewise}) AS name,
        MIN(NULLIF(matched_by, '') {bytewise}) AS matched_by, MIN(pulled_at) AS pulled_at,
        SUM(live) AS live, SUM(recording) AS recording,
        SUM(CASE WHEN engaged >= 0 THEN live ELSE 0 END) AS weight,
        SUM(CASE WHEN engaged >= 0 THEN live * engaged ELSE 0 END) AS attention
    FROM totals
    GROUP BY session_id, account, guest, source
),
by_totals AS (
    SELECT session_id, account, guest,
        MIN(name {bytewise}) AS name, MIN(matched_by {bytewise}) AS matched_by,
        MIN(pulled_at) AS pulled_at, MAX(live) AS live, MAX(recording) AS recording,
        SUM(weight) AS weight, SUM(attention) AS attention, {sources}
    FROM by_source
    GROUP BY session_id, account, guest
)"""

# What either kind of report knows of a person, in the same columns.
OF_STAYS: Final = """
SELECT session_id, account, guest, name, email, matched_by, pulled_at, stays,
    first_joined, last_left, is_open, joins,
    CAST(present AS bigint) AS present, CAST(in_plan AS bigint) AS in_plan,
    present_from, present_until,
    CAST(weight AS bigint) AS weight, CAST(attention AS bigint) AS attention,
    CAST(NULL AS bigint) AS live, CAST(NULL AS bigint) AS recording,
    CAST(NULL AS bigint) AS live_weight, CAST(NULL AS bigint) AS live_attention, {own_sources}
FROM by_stays"""
OF_TOTALS: Final = """
SELECT session_id, account, guest, name, CAST(NULL AS varchar) {bytewise} AS email, matched_by,
    pulled_at, CAST(0 AS bigint) AS stays,
    {no_moment} AS first_joined, {no_moment} AS last_left, 0 AS is_open,
    CAST(NULL AS bigint) AS joins, CAST(NULL AS bigint) AS present,
    CAST(NULL AS bigint) AS in_plan, CAST(NULL AS bigint) AS present_from,
    CAST(NULL AS bigint) AS present_until, CAST(NULL AS bigint) AS weight,
    CAST(NULL AS bigint) AS attention,
    CAST(live AS bigint) AS live, CAST(recording AS bigint) AS recording,
    CAST(weight AS bigint) AS live_weight, CAST(attention AS bigint) AS live_attention,
    {own_sources}
FROM by_totals"""
# Only where there are both kinds: to group everybody once more costs as much as the sums did.
OF_BOTH: Final = """
SELECT session_id, account, guest,
    MIN(name {bytewise}) AS name, MIN(email {bytewise}) AS email,
    MIN(matched_by {bytewise}) AS matched_by,
    MIN(pulled_at) AS pulled_at, SUM(stays) AS stays, MIN(first_joined) AS first_joined,
    MAX(last_left) AS last_left, MAX(is_open) AS is_open, MAX(joins) AS joins,
    MAX(present) AS present, MAX(in_plan) AS in_plan,
    MIN(present_from) AS present_from, MAX(present_until) AS present_until,
    MAX(weight) AS weight, MAX(attention) AS attention,
    MAX(live) AS live, MAX(recording) AS recording,
    MAX(live_weight) AS live_weight, MAX(live_attention) AS live_attention,
    {either_source}
FROM ({of_stays} UNION ALL {of_totals}) both_kinds
GROUP BY session_id, account, guest"""

FRESH: Final = """
CREATE TEMPORARY TABLE fresh_attendance {temporary} AS
WITH {scope}, {reports},
people AS ({people}
),
stage AS (
    SELECT ss.session_id, sp.user_id
    FROM {SessionSpeaker} ss JOIN {Speaker} sp ON sp.id = ss.speaker_id
    WHERE ss.session_id IN ({sessions}) AND sp.user_id IS NOT NULL
    UNION
    SELECT session_id, user_id FROM {StageStandIn} WHERE session_id IN ({sessions})
),
timed AS (
    SELECT p.*, CASE WHEN account > 0 THEN 'user:' || account ELSE guest END AS person_key,
        c.event_id, c.plan_end - c.plan_start AS planned, c.closes - c.opens AS window_length,
        CASE WHEN stays > 0 THEN present
            ELSE {least}(live * 6000, c.closes - c.opens) END AS length,
        CASE WHEN stays > 0 THEN in_plan
            ELSE {least}(live * 6000, c.closes - c.opens, c.plan_end - c.plan_start)
            END AS plan_length
    FROM people p JOIN scope c ON c.session_id = p.session_id
)
SELECT {row_id} AS row_id, t.session_id, NULLIF(t.account, 0) AS user_id, t.person_key,
    COALESCE(t.name, '') AS name, COALESCE(t.email, '') AS email,
    t.length > 0 AS attended,
    t.first_joined AS first_joined_at,
    CASE WHEN t.is_open = 0 THEN t.last_left END AS last_left_at,
    {present_from} AS present_from, {present_until} AS present_until,
    CASE WHEN t.stays > 0 THEN t.joins END AS join_count,
    {minutes} AS minutes_present, {scheduled_minutes} AS scheduled_minutes, {by_source},
    CASE WHEN t.planned > 0
        THEN {least}(1000, (2000 * t.plan_length + t.planned) / (2 * t.planned)) / 10.0
        ELSE 0.0 END AS scheduled_percent,
    t.is_open = 1 AS open_interval,
    CASE WHEN t.stays > 0 THEN {attention} ELSE {live_attention} END AS attention_percent,
    {live} AS live_minutes, {recording} AS recording_minutes,
    {sources} AS sources, COALESCE(t.matched_by, '') AS matched_by,
    CASE WHEN test.user_id IS NOT NULL THEN 'test'
        WHEN stage.user_id IS NOT NULL THEN 'stage'
        WHEN team.user_id IS NOT NULL OR u.is_superuser THEN 'staff'
        ELSE 'audience' END AS counted_as,
    t.pulled_at
FROM timed t
{known}
LEFT JOIN {User} u ON u.id = t.account
LEFT JOIN stage ON stage.session_id = t.session_id AND stage.user_id = t.account
LEFT JOIN {MarkedTester} test
    ON test.event_id = t.event_id AND test.user_id = t.account AND test.undone_at IS NULL
LEFT JOIN {TeamMember} team
    ON team.event_id = t.event_id AND team.user_id = t.account AND team.role <> 'analyst'
"""
# The rows that were there before are joined once, while there are few or their number is known:
# PostgreSQL has no figures about a table that it is filling.
KNOWN: Final = """
LEFT JOIN {SessionAttendance} a
    ON a.session_id = t.session_id AND a.person_key = t.person_key {bytewise}"""
COLUMNS: Final = (
    "user_id name email attended first_joined_at last_left_at present_from present_until "
    "join_count minutes_present scheduled_minutes scheduled_percent open_interval "
    "attention_percent live_minutes recording_minutes sources matched_by counted_as pulled_at"
).split() + [f"{source}_minutes" for source in Source.values]

GONE: Final = """
DELETE FROM {SessionAttendance} WHERE session_id IN ({sessions}) AND NOT EXISTS (
    SELECT 1 FROM fresh_attendance f WHERE f.row_id = {SessionAttendance}.id
)"""
CHANGED: Final = """
UPDATE {SessionAttendance} SET {assignments} FROM fresh_attendance f
WHERE f.row_id = {SessionAttendance}.id AND {SessionAttendance}.session_id IN ({sessions})
    AND {different}"""
NEW: Final = """
INSERT INTO {SessionAttendance} (session_id, person_key, {columns})
SELECT session_id, person_key, {columns} FROM fresh_attendance WHERE row_id IS NULL
"""


@dataclass(frozen=True)
class RowCounts:
    """How many rows of SessionAttendance a renewal removed, changed and added."""

    gone: int = 0
    changed: int = 0
    new: int = 0

    def __add__(self, other: RowCounts) -> RowCounts:
        return RowCounts(self.gone + other.gone, self.changed + other.changed, self.new + other.new)


def write_attendance(session_pks: Sequence[int]) -> RowCounts:
    """Compute the sessions' SessionAttendance and write what differs. Needs a transaction.

    Two at once must not write the same session: see versions.locked().
    """
    are_known = SessionAttendance.objects.filter(session__in=session_pks).exists()
    with connection.cursor() as cursor:
        for statement in dialect().much_work:
            cursor.execute(statement)
        cursor.execute("DROP TABLE IF EXISTS fresh_attendance")
        cursor.execute(_fresh_sql(session_pks, are_known=are_known))
        if are_known:
            cursor.execute("ANALYZE fresh_attendance")
        counts = {}
        for name, statement in _write_sql(session_pks).items():
            if are_known or name == "new":
                cursor.execute(statement)
                counts[name] = cursor.rowcount
        cursor.execute("DROP TABLE fresh_attendance")
    return RowCounts(**counts)


def _sources_in(rows: QuerySet[Stay] | QuerySet[ViewerTotal]) -> list[str]:
    """Who reported these rows. Seldom more than one, and fewer sums to make."""
    found = set(rows.order_by().values_list("source", flat=True).distinct())
    return [source for source in Source.values if source in found]


def _fresh_sql(session_pks: Sequence[int], *, are_known: bool = True) -> str:
    """``are_known``: there are rows of these sessions, which may stay as they are."""
    of_totals = _sources_in(ViewerTotal.objects.filter(session__in=session_pks))
    of_stays = _sources_in(Stay.objects.filter(run__session__in=session_pks))
    # Of nobody at all, too, there is a statement.
    of_stays = of_stays if of_stays or of_totals else [Source.NEWROW.value]
    reports = [_stays_sql(of_stays, session_pks)] if of_stays else []
    reports += [_totals_sql(of_totals, session_pks)] if of_totals else []
    known = [source for source in Source.values if source in {*of_stays, *of_totals}]
    return written(
        FRESH,
        sessions=numbers(session_pks),
        scope=scope_sql(session_pks),
        reports=", ".join(reports),
        people=_people_sql(of_stays, of_totals),
        row_id="a.id" if are_known else "CAST(NULL AS bigint)",
        known=written(KNOWN) if are_known else "",
        present_from=dialect().stored("t.present_from"),
        present_until=dialect().stored("t.present_until"),
        minutes=_cents("t.length", MICROSECONDS_A_CENT),
        scheduled_minutes=_cents("t.plan_length", MICROSECONDS_A_CENT),
        by_source=", ".join(_minutes_of(source, known) for source in Source.values),
        attention=_share("t.attention", "t.weight"),
        live_attention=_share("t.live_attention", "t.live_weight"),
        live=_cents("t.live", 100),
        recording=_cents("t.recording", 100),
        sources="SUBSTR("
        + for_sources("CASE WHEN t.from_{source} = 1 THEN '+{source}' ELSE '' END", " || ", known)
        + ", 2)",
    )


def _minutes_of(source: str, known: Sequence[str]) -> str:
    """The minutes that a source alone says somebody was there, at most the window's."""
    if source not in known:
        return f"CAST(NULL AS numeric) AS {source}_minutes"
    # In SQLite the least of something and nothing is nothing; PostgreSQL would skip it.
    length = f"{dialect().least}(t.in_{source}, t.window_length)"
    minutes = _cents(length, MICROSECONDS_A_CENT)
    return f"CASE WHEN t.in_{source} IS NOT NULL THEN {minutes} END AS {source}_minutes"


FROM_SOURCE: Final = "MAX(CASE WHEN source = '{source}' THEN 1 ELSE 0 END) AS from_{source}"
# What each source alone knows of somebody's presence, in microseconds; NULL of who it knows not.
STAYED: Final = """SUM(CASE WHEN source <> '{{source}}' THEN NULL WHEN inside = 1
            THEN {greatest}(b, COALESCE(own_reach, b)) - {greatest}(a, COALESCE(own_reach, a))
            ELSE 0 END) AS in_{{source}}"""
STAYED_THERE_ALONE: Final = "SUM(CASE WHEN inside = 1 THEN until - fresh ELSE 0 END) AS in_{source}"
WATCHED: Final = "MAX(CASE WHEN source = '{source}' THEN live * 6000 END) AS in_{source}"
OWN: Final = "CAST(in_{source} AS bigint) AS in_{source}"
OWN_UNKNOWN: Final = "CAST(NULL AS bigint) AS in_{source}"
JOINS: Final = (
    "SUM(CASE WHEN inside = 1 AND same_join = 0 AND source = '{source}' THEN 1 ELSE 0 END)"
)


def _stays_sql(sources: Sequence[str], session_pks: Sequence[int]) -> str:
    """From the stays to ``by_stays``."""
    several = len(sources) > 1
    stayed = written(STAYED) if several else STAYED_THERE_ALONE
    by_stays = written(
        BY_STAYS,
        covered=COVERED_BY_SOURCE if several else "covered",
        joins=for_sources(JOINS, ", ", sources),
        is_said=IS_SAID,
        sources=for_sources(f"{FROM_SOURCE}, {stayed}", ", ", sources),
    )
    return ", ".join([reported_sql(session_pks), written(COVERED, group="session_id"), by_stays])


def _totals_sql(sources: Sequence[str], session_pks: Sequence[int]) -> str:
    """From the viewers' totals to ``by_totals``."""
    return written(
        BY_TOTALS,
        account=ACCOUNT.format(row="vt"),
        guest=guest_sql("vt"),
        but_left_out=but_left_out("vt", "c.session_id", session_pks),
        sources=for_sources(f"{FROM_SOURCE}, {WATCHED}", ", ", sources),
    )


def _people_sql(of_stays: Sequence[str], of_totals: Sequence[str]) -> str:
    """Everybody whom either kind of report knows of, each once."""
    known = [source for source in Source.values if source in {*of_stays, *of_totals}]
    by_stays = written(OF_STAYS, own_sources=_own_sql(known, of_stays))
    by_totals = written(
        OF_TOTALS, own_sources=_own_sql(known, of_totals), no_moment=dialect().no_moment
    )
    if not (of_stays and of_totals):
        return by_stays if of_stays else by_totals
    either = for_sources(
        "MAX(from_{source}) AS from_{source}, MAX(in_{source}) AS in_{source}", ", ", known
    )
    return written(OF_BOTH, of_stays=by_stays, of_totals=by_totals, either_source=either)


def _own_sql(known: Sequence[str], own: Sequence[str]) -> str:
    """Who reported somebody, and what of their minutes; of all sources in the same order."""
    return ", ".join(
        (f"from_{source}, {OWN}" if source in own else f"0 AS from_{source}, {OWN_UNKNOWN}").format(
            source=source
        )
        for source in known
    )


def _cents(value: str, per: int) -> str:
    """``value``, of which ``per`` make a hundredth, with two decimals, halves rounded up."""
    return f"({value} + {per // 2}) / {per} / 100.0"


def _share(weighted: str, weight: str) -> str:
    """An average of hundredths of a percent with one decimal; NULL without any weight."""
    return (
        f"CASE WHEN {weight} > 0 THEN (2 * {weighted} + 10 * {weight}) / (20 * {weight}) / 10.0 END"
    )


def _write_sql(session_pks: Sequence[int]) -> dict[str, str]:
    """Delete who is gone, update who differs, add who is new. What is the same stays as it is."""
    sessions, columns = numbers(session_pks), ", ".join(COLUMNS)
    ours = ", ".join(f"{TABLES['SessionAttendance']}.{name}" for name in COLUMNS)
    theirs = ", ".join(f"f.{name}" for name in COLUMNS)
    return {
        "gone": written(GONE, sessions=sessions),
        "changed": written(
            CHANGED,
            sessions=sessions,
            assignments=", ".join(f"{name} = f.{name}" for name in COLUMNS),
            different=f"({ours}) {dialect().differs} ({theirs})",
        ),
        "new": written(NEW, columns=columns),
    }
