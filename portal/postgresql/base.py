"""A pool whose connections are looked at before each request, and asked only when in doubt.

Django has the pool send an empty query each time, which costs a page of one query as much as
its own. When a server closes a connection, it says so: there is something to read on a
connection on which nobody has asked anything.
"""

from __future__ import annotations

import select
from typing import Any

from django.db import DatabaseError
from django.db.backends.postgresql import base
from psycopg import Connection, Cursor, Error
from psycopg.errors import FeatureNotSupported
from psycopg.pq import TransactionStatus

_AT_ONCE_MS = 0
# Any number will do: only a cursor that asks for it prepares anything.
_AFTER_FIRST = 1


class PreparedCursor(base.ServerBindingCursor, Cursor[Any]):
    """Has the server plan each statement once for the connection, and only run it from then on.

    Planning a query with several subqueries takes the server longer than running it.
    """

    def execute(self, query: Any, params: Any = None, **more: Any) -> Any:
        """As ever. Where a migration has changed a column since, the old plan is left alone.

        https://www.postgresql.org/docs/current/sql-prepare.html, "cached plan must not change".
        """
        try:
            return super().execute(query, params, **{**more, "prepare": True})
        except FeatureNotSupported:
            if self.connection.info.transaction_status != TransactionStatus.IDLE:
                raise
            return super().execute(query, params, **{**more, "prepare": False})


class DatabaseWrapper(base.DatabaseWrapper):
    """As Django's, with CONN_HEALTH_CHECKS off: what they do for a pool is done here."""

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        """A connection that the server has not closed, as far as anybody can know."""
        while True:
            connection = super().get_new_connection(conn_params)
            if self.pool is None or _is_open(connection):
                return connection
            connection.close()
            self.pool.putconn(connection)  # Which opens another in its place.

    def prepared_cursor(self) -> Any:
        """A cursor for statements that are asked again and again with other values."""
        self.ensure_connection()
        opened: Any = self.connection
        usual, opened.prepare_threshold = opened.cursor_factory, _AFTER_FIRST
        opened.cursor_factory = PreparedCursor
        try:
            return self.cursor()
        finally:
            opened.cursor_factory = usual


def _is_open(connection: Connection[Any]) -> bool:
    if not _has_news(connection):
        return True
    try:
        # A notice, or a setting that was changed; or the server's last words.
        connection.execute("")
    except (Error, DatabaseError):
        return False
    return True


def _has_news(connection: Connection[Any]) -> bool:
    """Whether there is something to read, or nobody left to read from; no time is spent."""
    # Not select(): that knows no descriptor above 1023, and a web process may have more.
    looking = select.poll()
    looking.register(connection.fileno(), select.POLLIN)
    return bool(looking.poll(_AT_ONCE_MS))
