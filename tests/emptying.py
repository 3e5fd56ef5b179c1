"""Empties the database after a test that commits, in a tenth of the time of Django's ``flush``.

Django deletes from (on PostgreSQL: truncates) every table, full or not, and then makes
content types and permissions anew. Nothing but migrations writes those two, so they stay;
of the others only those that hold something are deleted from.
"""

from __future__ import annotations

from functools import cache
from typing import Final

from django.db import connection, transaction
from django.test import TransactionTestCase

_MADE_BY_MIGRATE: Final = {"django_migrations", "django_content_type", "auth_permission"}


def install() -> None:
    """Use it in place of ``flush`` from now on."""
    TransactionTestCase._fixture_teardown = lambda self: empty()


def empty() -> None:
    """Delete all rows that tests made, in whatever order: constraints look only at the end."""
    with transaction.atomic(), connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("PRAGMA defer_foreign_keys = ON")
        else:
            cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(_which_hold_something())
        for (table,) in cursor.fetchall():
            cursor.execute(f"DELETE FROM {connection.ops.quote_name(table)}")


@cache
def _which_hold_something() -> str:
    names = connection.introspection.django_table_names(only_existing=True, include_views=False)
    tables = sorted(set(names) - _MADE_BY_MIGRATE)
    quoted = ((name, connection.ops.quote_name(name)) for name in tables)
    return " UNION ALL ".join(
        f"SELECT '{name}' WHERE EXISTS (SELECT 1 FROM {table})" for name, table in quoted
    )
