"""Writes many reported rows at once: into a temporary table, and from there only what differs.

On PostgreSQL they come by COPY, on SQLite by many INSERTs; the statements after that are the
same. A row that is there already and the same is not written again. Rows of which none should
be there go to their table by COPY alone, and the longer way only if one is there after all.

Rows are written as text once: what COPY sends is what a digest of them is made of.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from typing import Any, Final

from django.db import IntegrityError, connection, models, transaction

from analytics.figures.dialect import dialect
from analytics.models import MatchedBy
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

# Person's id, line, and the row itself where the database takes no lines.
Line = tuple[str, str, Sequence[Any]]


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
    by that id on the way, which saves writing the row twice. ``rows`` are asked for as they
    are needed: the database reads the first while Python writes the next.
    """

    def __init__(self, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
        self.columns = columns
        #: How many were asked for: all of them, once something was made of the last chunk.
        self.number = 0
        self._person = columns.index("remote_user_id")
        self._made: list[list[Line]] = []
        self._coming = iter(rows)
        self._writers = _writers()

    def chunks(self) -> Iterator[list[Line]]:
        """Lines as COPY has them, each with the person's id; some thousand in each chunk."""
        yield from self._made
        person, writers = self._person, self._writers
        takes_lines = connection.vendor == "postgresql"
        while rows := list(islice(self._coming, _LINES_A_CHUNK)):
            chunk = [(row[person], _line(row, writers), () if takes_lines else row) for row in rows]
            self.number += len(chunk)
            self._made.append(chunk)
            yield chunk

    def digest(self, written_as: str) -> str:
        """The same for the same rows in the same order, and ``written_as`` alike."""
        said = hashlib.blake2b(written_as.encode(), digest_size=32)
        for chunk in self.chunks():
            said.update("\n".join([line for _person, line, _row in chunk]).encode())
        return said.hexdigest()


class _Accounts(dict[str, "str | None"]):
    """The UUID of the account in each id, looked for once."""

    def __missing__(self, remote_user_id: str) -> str | None:
        found = self[remote_user_id] = account_uuid(remote_user_id)
        return found


def merge(
    model: type[models.Model], keys: Sequence[str], rows: ReportedRows, pulled_at: datetime
) -> WriteCounts:
    """Write rows by their ``keys``; whoever calls makes others wait meanwhile, in a transaction."""
    statements = _statements(model, [*rows.columns, "pulled_at"], keys)
    with connection.cursor() as cursor:
        cursor.execute(statements["staged"])
        _fill(cursor, rows, pulled_at)
        counts = {}
        for name, statement in statements.items():
            if name != "staged":
                cursor.execute(statement)
                counts[name] = cursor.rowcount
        cursor.execute("DROP TABLE reported_rows")
    return WriteCounts(**counts)


def add(
    model: type[models.Model],
    keys: Sequence[str],
    rows: ReportedRows,
    people: Iterable[str],
    pulled_at: datetime,
) -> WriteCounts:
    """The same for rows none of which should be there; ``people``: all their ids of people."""
    if connection.vendor != "postgresql":
        return merge(model, keys, rows, pulled_at)
    try:
        with transaction.atomic():
            return _copied(model, rows, people, pulled_at)
    except IntegrityError:  # One of them is there: perhaps it was reported of another place.
        return merge(model, keys, rows, pulled_at)


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
    goes_on = {"prolonged": PROLONGED.format(**words)} if "left_at" in columns else {}
    return {
        "staged": STAGED.format(columns=", ".join(f"t.{name}" for name in columns), **words),
        "changed": CHANGED.format(**words),
        **goes_on,
        "new": NEW.format(columns=plain, **words),
    }


def _fill(cursor: Any, rows: ReportedRows, pulled_at: datetime) -> None:
    names, accounts = ", ".join([*rows.columns, "account"]), _Accounts()
    if connection.vendor == "postgresql":
        # The same in every row, and so not sent with each.
        cursor.execute(
            "ALTER TABLE reported_rows ALTER COLUMN pulled_at SET DEFAULT %s", [pulled_at]
        )
        _copy(cursor, f"reported_rows ({names})", rows, lambda who: accounts[who] or _NONE)
        return
    marks = ", ".join(["%s"] * (len(rows.columns) + 2))
    at = _sqlite_value(pulled_at)
    cursor.executemany(
        f"INSERT INTO reported_rows ({names}, pulled_at) VALUES ({marks})",  # noqa: S608  (names of columns)
        (
            [*map(_sqlite_value, row), accounts[person], at]
            for chunk in rows.chunks()
            for person, _line, row in chunk
        ),
    )


# --- PostgreSQL ------------------------------------------------------------------------------

# https://www.postgresql.org/docs/current/sql-copy.html, "Text Format". Written here rather than
# by the driver, which looks for the way to write each value anew.
_NONE: Final = r"\N"
_ESCAPED: Final = str.maketrans({"\\": r"\\", "\t": r"\t", "\n": r"\n", "\r": r"\r"})
_LINES_A_CHUNK: Final = 1000
_ACCOUNTS_AT_ONCE: Final = 2000

Writers = dict[type, Callable[[Any], str]]


def _copied(
    model: type[models.Model], rows: ReportedRows, people: Iterable[str], pulled_at: datetime
) -> WriteCounts:
    """Write rows to their own table. Raises IntegrityError when one of them is there."""
    accounts = _account_pks(people)
    at = _Moments()[pulled_at]
    nobody = f"{at}\t{_NONE}\t"
    told = {person: f"{at}\t{pk}\t{MatchedBy.USER_ID.value}" for person, pk in accounts.items()}
    names = ", ".join([*rows.columns, "pulled_at", "user_id", "matched_by"])
    # COPY is psycopg's own: Django turns its errors into Django's only when asked to.
    with connection.cursor() as cursor, connection.wrap_database_errors:
        _copy(cursor, f"{model._meta.db_table} ({names})", rows, lambda who: told.get(who, nobody))
    return WriteCounts(new=rows.number)


def _account_pks(people: Iterable[str]) -> dict[str, int]:
    """The id of a person, as reported -> their account."""
    found = {text: uuid for text in set(people) if (uuid := account_uuid(text))}
    pks: dict[str, int] = {}
    wanted = sorted(set(found.values()))
    for start in range(0, len(wanted), _ACCOUNTS_AT_ONCE):
        some = User.objects.filter(uuid__in=wanted[start : start + _ACCOUNTS_AT_ONCE])
        pks |= {uuid.hex: pk for uuid, pk in some.values_list("uuid", "pk")}
    return {text: pks[uuid] for text, uuid in found.items() if uuid in pks}


def _copy(cursor: Any, into: str, rows: ReportedRows, about: Callable[[str], str]) -> None:
    """COPY each line, with what there is to say ``about`` its person at the end."""
    told: dict[str, str] = {}
    with cursor.copy(f"COPY {into} FROM STDIN") as copy:
        for chunk in rows.chunks():
            # Nobody comes once only.
            told |= {who: f"\t{about(who)}\n" for who, _, _ in chunk if who not in told}
            copy.write("".join([line + told[who] for who, line, _ in chunk]).encode())


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
