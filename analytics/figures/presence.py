"""When people were present, as common table expressions that every statement starts with.

``scope``     the sessions asked about, with their plan and window
``reported``  their stays: who (``account``, or ``guest`` for those without one), from when
              to when, clipped to the window; ``inside`` is 0 for stays that do not touch it
``covered``   the same in order, each with the end of all that came before it, and whether
              the source said the same already

From the start of a stay, or the end of all before it if that is later, to its own end is
time that no other stay of the person has covered: these pieces add up to the union.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from analytics.figures.dialect import dialect, numbers, source_number, written
from analytics.figures.left_out import but_left_out
from analytics.privacy.tokens import TOKEN_LENGTH
from analytics.remote_people import NAMED_BY_SQL

SCOPE: Final = """
scope AS (
    SELECT session_id, event_id, track_id, plan_start, plan_end,
        plan_start - early * 60000000 AS opens, plan_end + late * 60000000 AS closes
    FROM (
        SELECT s.id AS session_id, s.event_id, s.track_id,
            {starts} AS plan_start, {ends} AS plan_end,
            CAST(e.doors_open_minutes AS bigint) AS early,
            CAST(e.overrun_minutes AS bigint) AS late
        FROM {Session} s JOIN {Event} e ON e.id = s.event_id
        WHERE s.id IN ({sessions})
    ) planned
)"""

# Whose name is not kept has one token in all sources (privacy/unnamed.py).
# An id of "0" is none, as it is with times. Only where a source has no id at all do equal
# names count as one guest.
ACCOUNT: Final = "COALESCE({row}.user_id, 0)"
# No percent sign: files put their own values into the statement.
_GUEST: Final = """CASE
            WHEN {row}.user_id IS NOT NULL THEN ''
            WHEN SUBSTR({row}.remote_user_id, 1, 8) = 'unnamed:'
            THEN SUBSTR({row}.remote_user_id, 1, {token_length})
            WHEN {row}.remote_user_id NOT IN ('', '0')
            THEN {named_by} || ':' || {row}.remote_user_id
            ELSE {row}.source || ':name:' || {row}.name
        END"""

REPORTED: Final = """
reported AS (
    SELECT *, CASE WHEN a <= b THEN 1 ELSE 0 END AS inside
    FROM (
        SELECT *, {greatest}(joined, opens) AS a,
            {least}({greatest}(known, joined), closes) AS b
        FROM (
            SELECT {account} AS account, {guest} {bytewise} AS guest,
                c.session_id, c.event_id, c.track_id,
                c.plan_start, c.plan_end, c.opens, c.closes,
                st.source, st.name, st.email, st.matched_by, st.pulled_at,
                st.joined_at, st.left_at,
                COALESCE(CAST(ROUND(st.attention * 100) AS bigint), -1) AS attention,
                {joined} AS joined, {known} AS known, {number} AS source_number
            FROM {Stay} st
            JOIN {RoomRun} ru ON ru.id = st.run_id
            JOIN scope c ON c.session_id = ru.session_id{but_left_out}
            {fence}
        ) stays
    ) clipped
)"""

# ``saying`` is who reported a stay until when, and whether it has ended, in one number.
COVERED: Final = """
covered AS (
    SELECT *,
        MAX(b) OVER same_person AS reach,
        CASE WHEN LAG(joined) OVER same_person = joined AND LAG(saying) OVER same_person = saying
            THEN 1 ELSE 0 END AS same_join,
        LAG(attention) OVER same_person AS attention_before
    FROM (
        SELECT *, known * 16 + source_number * 2 + CASE WHEN left_at IS NULL THEN 1 ELSE 0 END
            AS saying
        FROM reported
    ) said
    WINDOW same_person AS (
        PARTITION BY {group}, account, guest, inside
        ORDER BY a, b, joined, saying, attention
        ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
    )
)"""


def guest_sql(row: str) -> str:
    """Who a reported row is about that has no account: as aggregate.person_key; else nothing."""
    is_no_number = dialect().is_no_number.replace("?", f"{row}.remote_user_id")
    named_by = NAMED_BY_SQL.format(row=row, is_no_number=is_no_number)
    return _GUEST.format(row=row, named_by=named_by, token_length=TOKEN_LENGTH)


def scope_sql(session_pks: Iterable[int]) -> str:
    """``scope``: these sessions, with plan and window in microseconds."""
    unix = dialect().unix
    return written(
        SCOPE,
        starts=unix("s.starts_at"),
        ends=unix("s.ends_at"),
        sessions=numbers(session_pks),
    )


def reported_sql(session_pks: Iterable[int]) -> str:
    """``reported``: the stays of ``scope``, clipped, but of who counts nowhere."""
    unix = dialect().unix
    return written(
        REPORTED,
        account=ACCOUNT.format(row="st"),
        guest=guest_sql("st"),
        joined=unix("st.joined_at"),
        known=unix("COALESCE(st.left_at, ru.ended_at, st.pulled_at)"),
        number=source_number("st.source"),
        but_left_out=but_left_out("st", "c.session_id", session_pks),
    )
