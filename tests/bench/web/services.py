"""PostgreSQL and Redis of one run; without Django, whose settings are read after these are there."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from portal.demo.services import Postgres, Redis


@contextmanager
def services() -> Iterator[None]:
    """PostgreSQL and Redis of this run alone, put into the environment."""
    with tempfile.TemporaryDirectory(prefix="portal-") as folder:
        home = Path(folder)
        home.chmod(0o755)
        postgres = Postgres(home / "pg", home / "pg", durable=False)
        try:
            redis = Redis(home / "redis")
            try:
                os.environ |= {"TEST_DATABASE_URL": postgres.url, "TEST_REDIS_URL": redis.url}
                yield
            finally:
                redis.stop()
        finally:
            postgres.stop()
