"""The database and the broker are the ones this run was started for."""

import os

import pytest
from django.conf import settings
from django.core.cache import cache
from django.core.cache.backends.redis import RedisCache
from django.db import connection

from portal.postgresql.base import DatabaseWrapper


@pytest.mark.postgres
@pytest.mark.django_db
def test_database_is_the_one_this_run_asked_for():
    asked = "postgresql" if os.environ.get("TEST_DATABASE_URL") else "sqlite"

    assert connection.vendor == asked


@pytest.mark.postgres_only
@pytest.mark.django_db
def test_postgres_run_has_a_shared_cache_and_a_real_broker():
    cache.set("shared", "yes")

    options = settings.CACHES["default"]
    server = RedisCache(options["LOCATION"], {"KEY_PREFIX": options["KEY_PREFIX"]})
    # Asked of the server itself: while it is away, the portal's cache answers from memory.
    assert (connection.vendor, server.get("shared")) == ("postgresql", "yes")
    assert settings.CELERY_BROKER_URL.startswith("redis+socket://")


@pytest.mark.postgres_only
@pytest.mark.django_db
def test_pool_hands_out_no_connection_that_the_server_has_closed():
    """And it asks the server nothing to know that."""
    pooled = connection.settings_dict | {"OPTIONS": {"pool": {"min_size": 1, "max_size": 1}}}
    wrapper = DatabaseWrapper(pooled, alias="pooled")
    try:
        seen = [_backend_of(wrapper) for _ in range(2)]
        with connection.cursor() as other:
            other.execute("SELECT pg_terminate_backend(%s, 5000)", [seen[-1]])
        seen += [_backend_of(wrapper) for _ in range(2)]
    finally:
        wrapper.close()
        wrapper.close_pool()

    first, second, third, fourth = seen
    assert (first == second, second != third, third == fourth) == (True, True, True)


def _backend_of(wrapper: DatabaseWrapper) -> int:
    """The server's process for the next connection from the pool, which gets it back."""
    with wrapper.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        (found,) = cursor.fetchone()
    wrapper.close()
    return int(found)


@pytest.mark.django_db
def test_sqlite_waits_for_its_turn_to_write():
    if connection.vendor != "sqlite":
        pytest.fail("This test belongs to the SQLite run.")
    with connection.cursor() as cursor:
        pragmas = {
            name: cursor.execute(f"PRAGMA {name}").fetchone()[0]
            for name in ("journal_mode", "synchronous")
        }

    assert pragmas == {"journal_mode": "wal", "synchronous": 1}
    assert connection.transaction_mode == "IMMEDIATE"
