"""The little in which the two databases differ when they compute with moments.

All computing is done in whole microseconds since 1970 (Unix time, UTC), so that both
databases, and Python, come to the very same figures: no floats, no rounding on the way.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from django.db import connection

from analytics.models import (
    MarkedTester,
    RoomRun,
    SessionAttendance,
    Source,
    StageStandIn,
    Stay,
    StoredFigures,
    ViewerTotal,
)
from events.models import (
    Event,
    Registration,
    Session,
    SessionSpeaker,
    Speaker,
    TeamMember,
    User,
)


@dataclass(frozen=True)
class Dialect:
    """How one database writes what the other writes differently."""

    greatest: str
    least: str
    micros: str
    moment: str
    no_moment: str
    bytewise: str
    temporary: str
    differs: str
    fence: str
    account_id: str
    is_no_number: str
    much_work: tuple[str, ...]

    def unix(self, column: str) -> str:
        """A stored moment as whole microseconds."""
        return self.micros.replace("?", column)

    def account(self, remote_user_id: str) -> str:
        """The UUID of the account, as stored, in an id that came back; NULL in one not ours.

        As ``account_uuid`` in kaltura_bridge/join/identity.py.
        """
        return self.account_id.replace("?", remote_user_id)

    def stored(self, micros: str) -> str:
        """Whole microseconds as the database stores a moment."""
        return self.moment.replace("?", micros)


POSTGRESQL: Final = Dialect(
    greatest="GREATEST",
    least="LEAST",
    # A double, which is quicker than the numeric of EXTRACT. It is exact for whole seconds, and
    # rounds to the very microsecond until the year 2106; no report is later.
    micros="CAST(ROUND(DATE_PART('epoch', ?) * 1000000) AS bigint)",
    moment="(TIMESTAMPTZ 'epoch' + (?) * INTERVAL '1 microsecond')",
    no_moment="CAST(NULL AS timestamptz)",
    # In the order of bytes, as SQLite compares anyway, and quicker than by a language's rules.
    bytewise='COLLATE "C"',
    temporary="ON COMMIT DROP",
    differs="IS DISTINCT FROM",
    # Without it, PostgreSQL merges a subquery into the one around it, and works its columns
    # out again wherever they are named.
    fence="OFFSET 0",
    account_id="CASE WHEN ? ~* '^portal-[0-9a-f]{32}$' THEN CAST(SUBSTR(?, 8) AS uuid) END",
    is_no_number="? ~ '[^0-9]'",
    # Sorts in memory, for this transaction only. The planner knows nothing of how many rows a
    # common table expression has: it takes a loop in a loop for quick, sorts wide rows for
    # a merge with nobody, and by the same wrong numbers it would compile the expressions.
    much_work=(
        "SET LOCAL work_mem = '128MB'",
        "SET LOCAL enable_nestloop = off",
        "SET LOCAL enable_mergejoin = off",
        "SET LOCAL jit = off",
    ),
)
SQLITE: Final = Dialect(
    greatest="MAX",
    least="MIN",
    # Django stores "2026-03-29 09:00:00", and six decimals of the second unless they are zero.
    # SQLite rounds to milliseconds, so strftime gets whole seconds: .9996 would be the next one.
    micros=(
        "(CAST(strftime('%s', substr(?, 1, 19)) AS INTEGER) * 1000000"
        " + CAST(substr(substr(?, 21) || '000000', 1, 6) AS INTEGER))"
    ),
    moment=(
        "(datetime((?) / 1000000, 'unixepoch') || CASE WHEN (?) % 1000000 = 0 THEN ''"
        " ELSE '.' || printf('%06d', (?) % 1000000) END)"
    ),
    no_moment="NULL",
    bytewise="",
    temporary="",
    differs="IS NOT",
    fence="",
    account_id=(
        "CASE WHEN LENGTH(?) = 39 AND LOWER(SUBSTR(?, 1, 7)) = 'portal-'"
        " AND LOWER(SUBSTR(?, 8)) NOT GLOB '*[^0-9a-f]*' THEN LOWER(SUBSTR(?, 8)) END"
    ),
    is_no_number="? GLOB '*[^0-9]*'",
    much_work=(),
)
TABLES: Final = {
    model.__name__: model._meta.db_table
    for model in (
        Event,
        MarkedTester,
        Registration,
        RoomRun,
        Session,
        SessionAttendance,
        SessionSpeaker,
        Speaker,
        StageStandIn,
        Stay,
        StoredFigures,
        TeamMember,
        User,
        ViewerTotal,
    )
}


def dialect() -> Dialect:
    """The dialect of the database in use."""
    return POSTGRESQL if connection.vendor == "postgresql" else SQLITE


def numbers(pks: Iterable[int]) -> str:
    """Row numbers as an SQL list; ``NULL`` for none, which equals nothing."""
    return ", ".join(str(int(pk)) for pk in sorted(set(pks))) or "NULL"


def written(template: str, **values: str) -> str:
    """A statement with the names of our tables and the dialect's own words filled in.

    ``template`` and ``values`` are code and row numbers, never text that somebody typed.
    """
    own = dialect()
    words = {
        "greatest": own.greatest,
        "least": own.least,
        "bytewise": own.bytewise,
        "temporary": own.temporary,
        "fence": own.fence,
    }
    return template.format(**TABLES, **words, **values)


def for_sources(template: str, between: str, sources: Iterable[str] = tuple(Source.values)) -> str:
    """``template`` written for each source ({source}), with ``between`` between them."""
    return between.join(template.format(source=source) for source in sources)


def source_number(column: str) -> str:
    """A source as a small number, in the order of Source."""
    cases = " ".join(f"WHEN '{source}' THEN {n}" for n, source in enumerate(Source.values, start=1))
    return f"CASE {column} {cases} ELSE 0 END"
