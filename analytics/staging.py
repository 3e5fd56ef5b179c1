"""Writes many reported rows at once: into a temporary table, and from there only what differs.

On PostgreSQL they come by COPY, on SQLite by many INSERTs; the statements after that are the
same. A row that is there already and the same is not written again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Final

from django.db import connection, models

from analytics.figures.dialect import dialect
from events.models import User
from kaltura_bridge.join.identity import account_uuid

STAGED: Final = """
CREATE TEMPORARY TABLE reported_rows {temporary} AS
SELECT {columns}, u.uuid AS account FROM {table} t, {users} u WHERE 1 = 0"""
# A known row keeps the person it was matched to, unless the source now names another.
CHANGED: Final = """
UPDATE {table} SET {assignments}, pulled_at = s.pulled_at,
    user_id = CASE WHEN {table}.remote_user_id = s.remote_user_id
        THEN {table}.user_id ELSE u.id END,
    matched_by = CASE WHEN {table}.remote_user_id = s.remote_user_id THEN {table}.matched_by
        WHEN u.id IS NULL THEN '' ELSE 'user_id' END
FROM reported_rows s LEFT JOIN {users} u ON u.uuid = s.account
WHERE {same_key} AND ({ours}) {differs} ({theirs})"""
PROLONGED: Final = """
UPDATE {table} SET pulled_at = s.pulled_at FROM reported_rows s
WHERE {same_key} AND s.left_at IS NULL AND {table}.pulled_at <> s.pulled_at"""
NEW: Final = """
INSERT INTO {table} ({columns}, user_id, matched_by)
SELECT {staged}, u.id, CASE WHEN u.id IS NULL THEN '' ELSE 'user_id' END
FROM reported_rows s LEFT JOIN {users} u ON u.uuid = s.account
WHERE NOT EXISTS (SELECT 1 FROM {table} WHERE {same_key})"""


@dataclass
class WriteCounts:
    """How many rows were new, and how many changed.

    ``prolonged`` stays go on, and all that is new is that they were still there.
    """

    new: int = 0
    changed: int = 0
    prolonged: int = 0

    @property
    def total(self) -> int:
        return self.new + self.changed + self.prolonged

    def __add__(self, other: WriteCounts) -> WriteCounts:
        return WriteCounts(
            self.new + other.new, self.changed + other.changed, self.prolonged + other.prolonged
        )


def merge(
    model: type[models.Model],
    columns: Sequence[str],
    keys: Sequence[str],
    rows: Iterable[Sequence[Any]],
) -> WriteCounts:
    """Write rows of ``columns`` by their ``keys``; whoever calls makes others wait meanwhile.

    The columns are those of the table, ``remote_user_id`` and ``pulled_at`` among them, and
    JSON is given as text. Who
    has an account is matched by the user id on the way, which saves writing the row twice.
    """
    person = columns.index("remote_user_id")
    with_account = ((*row, account_uuid(row[person])) for row in rows)
    statements = _statements(model, columns, keys)
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS reported_rows")
        cursor.execute(statements["staged"])
        _fill(cursor, [*columns, "account"], with_account)
        counts = {}
        for name in ("changed", "prolonged", "new"):
            counts[name] = 0
            if name in statements:
                cursor.execute(statements[name])
                counts[name] = cursor.rowcount
        cursor.execute("DROP TABLE reported_rows")
    return WriteCounts(**counts)


def _statements(
    model: type[models.Model], columns: Sequence[str], keys: Sequence[str]
) -> dict[str, str]:
    table, own = model._meta.db_table, dialect()
    compared = [name for name in columns if name not in (*keys, "pulled_at")]
    words = {
        "table": table,
        "users": User._meta.db_table,
        "temporary": own.temporary,
        "differs": own.differs,
        "same_key": " AND ".join(f"{table}.{name} = s.{name}" for name in keys),
        "assignments": ", ".join(f"{name} = s.{name}" for name in compared),
        "ours": ", ".join(f"{table}.{name}" for name in compared),
        "theirs": ", ".join(f"s.{name}" for name in compared),
        "staged": ", ".join(f"s.{name}" for name in columns),
    }
    plain = ", ".join(columns)
    statements = {
        "staged": STAGED.format(columns=", ".join(f"t.{name}" for name in columns), **words),
        "changed": CHANGED.format(**words),
        "new": NEW.format(columns=plain, **words),
    }
    if "left_at" in columns:
        statements["prolonged"] = PROLONGED.format(**words)
    return statements


def _fill(cursor: Any, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    names = ", ".join(columns)
    if connection.vendor == "postgresql":
        with cursor.copy(f"COPY reported_rows ({names}) FROM STDIN") as copy:
            for chunk in _lines(rows):
                copy.write(chunk)
        return
    marks = ", ".join(["%s"] * len(columns))
    cursor.executemany(
        f"INSERT INTO reported_rows ({names}) VALUES ({marks})",  # noqa: S608  (names of columns)
        ([_sqlite_value(value) for value in row] for row in rows),
    )


# --- PostgreSQL ------------------------------------------------------------------------------

# https://www.postgresql.org/docs/current/sql-copy.html, "Text Format". Written here rather than
# by the driver, which looks for the way to write each value anew.
_ESCAPES: Final = (("\\", "\\\\"), ("\t", "\\t"), ("\n", "\\n"), ("\r", "\\r"))
_LINES_A_CHUNK: Final = 1000


def _lines(rows: Iterable[Sequence[Any]]) -> Iterable[str]:
    lines: list[str] = []
    for row in rows:
        lines.append("\t".join([_WRITERS[type(value)](value) for value in row]))
        if len(lines) == _LINES_A_CHUNK:
            yield "\n".join(lines) + "\n"
            lines.clear()
    if lines:
        yield "\n".join(lines) + "\n"


class _Writers(dict[type, Callable[[Any], str]]):
    """How each type of value is written; what is not named is text."""

    def __missing__(self, kind: type) -> Callable[[Any], str]:
        return _text


def _text(value: Any) -> str:
    text = str(value)
    # Hardly any text holds one of them, and to look is quicker than to translate each letter.
    for letter, escaped in _ESCAPES:
        if letter in text:
            text = text.replace(letter, escaped)
    return text


_WRITERS: Final = _Writers(
    {
        str: _text,
        Decimal: str,
        type(None): lambda value: r"\N",
        bool: lambda value: "t" if value else "f",
        int: str,
        datetime: str,
    }
)


# --- SQLite ----------------------------------------------------------------------------------


def _sqlite_value(value: Any) -> Any:
    """A value as Django stores it: moments in UTC without the zone, decimals as text."""
    match value:
        case datetime():
            return str(value.astimezone(UTC).replace(tzinfo=None))
        case bool() | int() | None:
            return value
        case _:
            return str(value)
