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
        # Nobody comes once only, nor is alone in leaving when a room closes.
        accounts, writers = _Accounts(), _writers()
        self.columns = columns
        #: What COPY sends, some thousand lines in each.
        self.chunks: list[bytes] = []
        #: The same as values, where the database does not take lines.
        self.values: list[Sequence[Any]] = []
        keeps_values = connection.vendor != "postgresql"
        lines: list[str] = []
        for row in rows:
            whole = (*row, accounts[row[person]])
            lines.append(_line(whole, writers))
            if keeps_values:
                self.values.append(whole)
        self._number = len(lines)
        for start in range(0, len(lines), _LINES_A_CHUNK):
            self.chunks.append("\n".join([*lines[start : start + _LINES_A_CHUNK], ""]).encode())

    def __len__(self) -> int:
        return self._number

    def digest(self, written_as: str) -> str:
        """The same for the same rows in the same order, and ``written_as`` alike."""
        said = hashlib.blake2b(written_as.encode(), digest_size=32)
        for chunk in self.chunks:
            said.update(chunk)
        return said.hexdigest()


class _Accounts(dict[str, "str | None"]):
    """The UUID of the account in each id, looked for once."""

    def __missing__(self, remote_user_id: str) -> str | None:
        found = self[remote_user_id] = account_uuid(remote_user_id)
        return found


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
            for chunk in rows.chunks:
                copy.write(chunk)
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
_NONE: Final = r"\N"
_ESCAPED: Final = str.maketrans({"\\": r"\\", "\t": r"\t", "\n": r"\n", "\r": r"\r"})
_LINES_A_CHUNK: Final = 1000

Writers = dict[type, Callable[[Any], str]]


def _line(row: Sequence[Any], writers: Writers) -> str:
    # No stored text has a NUL, so that it can stand for nothing until the line is whole.
    line = "\t".join([v if type(v) is str else writers[type(v)](v) for v in row])
    # Hardly any line holds what must be escaped, and one look is quicker than one at each text.
    if "\\" in line or "\n" in line or "\r" in line or line.count("\t") != len(row) - 1:
        texts = (v if type(v) is str else writers[type(v)](v) for v in row)
        line = "\t".join([text.translate(_ESCAPED) for text in texts])
    return line.replace("\0", _NONE)


class _Moments(dict[datetime, str]):
    """How each moment is written."""

    def __missing__(self, at: datetime) -> str:
        at_utc = at.astimezone(UTC)
        # By hand in a third of the time that isoformat takes for a moment with a zone.
        text = (
            f"{at_utc.year:04}-{at_utc.month}-{at_utc.day} "
            f"{at_utc.hour}:{at_utc.minute}:{at_utc.second}.{at_utc.microsecond:06}Z"
        )
        self[at] = text
        return text


class _Writers(Writers):
    """How each type of value is written; what is not named is text."""

    def __missing__(self, kind: type) -> Callable[[Any], str]:
        return str


def _writers() -> Writers:
    return _Writers(
        {
            type(None): lambda value: "\0",
            bool: lambda value: "t" if value else "f",
            datetime: _Moments().__getitem__,
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
