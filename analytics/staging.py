"""Writes many reported rows at once: into a temporary table, and from there only what differs.

On PostgreSQL they come by COPY, on SQLite by many INSERTs; the statements after that are the
same. A row that is there already and the same is not written again.

Rows are written as text once: what COPY sends is what a digest of them is made of.
"""

from __future__ import annotations

import hashlib
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
# Where none of them is known: nothing is looked up but by the key, as it is written.
ALL_NEW: Final = """
INSERT INTO {table} ({columns}, user_id, matched_by)
SELECT {staged}, u.id, CASE WHEN u.id IS NULL THEN '' ELSE 'user_id' END
FROM reported_rows s LEFT JOIN {users} u ON u.uuid = s.account
WHERE true ON CONFLICT ({keys}) DO NOTHING"""


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


class ReportedRows:
    """Rows of ``columns``, which are those of the table, on their way into it.

    ``remote_user_id`` is among them, and JSON is given as text. Who has an account is matched
    by that id on the way, which saves writing the row twice.
    """

    def __init__(self, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
        person = columns.index("remote_user_id")
        self.columns = columns
        self.lines: list[str] = []
        #: The same as values, where the database does not take lines.
        self.values: list[Sequence[Any]] = []
        keeps_values = connection.vendor != "postgresql"
        for row in rows:
            whole = (*row, account_uuid(row[person]))
            self.lines.append(_line(whole))
            if keeps_values:
                self.values.append(whole)

    def __len__(self) -> int:
        return len(self.lines)

    def digest(self, written_as: str) -> str:
        """The same for the same rows in the same order, and ``written_as`` alike."""
        said = hashlib.sha256(written_as.encode())
        for start in range(0, len(self.lines), _LINES_A_CHUNK):
            said.update("\n".join(["", *self.lines[start : start + _LINES_A_CHUNK]]).encode())
        return said.hexdigest()


def merge(
    model: type[models.Model],
    keys: Sequence[str],
    rows: ReportedRows,
    pulled_at: datetime,
    *,
    all_new: bool = False,
) -> WriteCounts:
    """Write rows by their ``keys``; whoever calls makes others wait meanwhile, in a transaction.

    ``all_new``: none of them should be there yet. It is quicker, and right if one is.
    """
    statements = _statements(model, [*rows.columns, "pulled_at"], keys)
    with connection.cursor() as cursor:
        cursor.execute(statements["staged"])
        _fill(cursor, rows, pulled_at)
        counts: dict[str, int] = {}
        for name in _wanted(all_new):
            if name in statements and not _are_all(counts, rows):
                cursor.execute(statements[name])
                kind = "new" if name == "all_new" else name
                counts[kind] = counts.get(kind, 0) + cursor.rowcount
        cursor.execute("DROP TABLE reported_rows")
    return WriteCounts(**counts)


def _wanted(all_new: bool) -> Sequence[str]:
    return ("all_new", "changed", "prolonged") if all_new else ("changed", "prolonged", "new")


def _are_all(counts: dict[str, int], rows: ReportedRows) -> bool:
    """Whether every row was new, so that none is left that may have changed."""
    return counts.get("new") == len(rows)


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
        "keys": ", ".join(keys),
    }
    plain = ", ".join(columns)
    statements = {
        "staged": STAGED.format(columns=", ".join(f"t.{name}" for name in columns), **words),
        "changed": CHANGED.format(**words),
        "new": NEW.format(columns=plain, **words),
        "all_new": ALL_NEW.format(columns=plain, **words),
    }
    if "left_at" in columns:
        statements["prolonged"] = PROLONGED.format(**words)
    return statements


def _fill(cursor: Any, rows: ReportedRows, pulled_at: datetime) -> None:
    names = ", ".join([*rows.columns, "account"])
    if connection.vendor == "postgresql":
        # The same in every row, and so not sent with each.
        cursor.execute(
            "ALTER TABLE reported_rows ALTER COLUMN pulled_at SET DEFAULT %s", [pulled_at]
        )
        with cursor.copy(f"COPY reported_rows ({names}) FROM STDIN") as copy:
            for start in range(0, len(rows.lines), _LINES_A_CHUNK):
                copy.write("\n".join([*rows.lines[start : start + _LINES_A_CHUNK], ""]))
        return
    marks = ", ".join(["%s"] * (len(rows.columns) + 2))
    at = _sqlite_value(pulled_at)
    cursor.executemany(
        f"INSERT INTO reported_rows ({names}, pulled_at) VALUES ({marks})",  # noqa: S608  (names of columns)
        ([*map(_sqlite_value, row), at] for row in rows.values),
    )


# --- PostgreSQL ------------------------------------------------------------------------------

# https://www.postgresql.org/docs/current/sql-copy.html, "Text Format". Written here rather than
# by the driver, which looks for the way to write each value anew.
_ESCAPES: Final = (("\\", "\\\\"), ("\t", "\\t"), ("\n", "\\n"), ("\r", "\\r"))
_LINES_A_CHUNK: Final = 1000


def _line(row: Sequence[Any]) -> str:
    return "\t".join([_WRITERS[type(value)](value) for value in row])


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
