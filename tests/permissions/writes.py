"""Which tables a request may have written to, so that nobody needs to read all of them again."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Final

from django.db import connection

# What only reads, or only opens and closes transactions.
_READS: Final = re.compile(
    r"\s*(SELECT|SAVEPOINT|RELEASE|ROLLBACK|BEGIN|SET CONSTRAINTS|SHOW)\b", re.IGNORECASE
)
# On PostgreSQL a query may write: WITH gone AS (DELETE ...) SELECT ..., SELECT ... INTO.
_WRITES: Final = re.compile(
    r"\b(INSERT|UPDATE|DELETE|MERGE|REPLACE|TRUNCATE|INTO)\b", re.IGNORECASE
)
_NAMES: Final = re.compile(r"\w+")


class WatchedWrites:
    """The words of all statements that write, while this is entered.

    A table that was written to is named in one of them, so a superset of the tables comes out:
    statements are not understood, only read. ``unseen`` tells that rows were written past
    Django, by the driver itself; then nobody knows which.
    """

    def __init__(self) -> None:
        self.words: set[str] = set()

    def __enter__(self) -> WatchedWrites:
        self._before = _rows_written()
        self._seen = 0
        self._wrapper = connection.execute_wrapper(self._watch)
        self._wrapper.__enter__()
        return self

    def __exit__(self, *error: object) -> None:
        self._wrapper.__exit__(*error)

    @property
    def unseen(self) -> bool:
        """Whether more rows were written on this connection than by the statements watched."""
        return _rows_written() - self._before != self._seen

    def _watch(
        self, execute: Callable[..., Any], sql: Any, params: Any, many: bool, context: Any
    ) -> Any:
        text = str(sql)
        if _READS.match(text) and not _WRITES.search(text):
            return execute(sql, params, many, context)
        self.words.update(_NAMES.findall(text.lower()))
        before = _rows_written()
        try:
            return execute(sql, params, many, context)
        finally:
            self._seen += _rows_written() - before


def _rows_written() -> int:
    """How many rows SQLite has written on this connection, rolled back or not; others: 0."""
    return int(getattr(connection.connection, "total_changes", 0))
