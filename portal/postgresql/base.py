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
from psycopg import Connection, Error

_AT_ONCE_MS = 0


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
