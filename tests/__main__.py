"""``python -m tests``: all tests on SQLite, and those of the database again on PostgreSQL.

The last line says how many passed in both runs together.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from portal.demo.services import Postgres, Redis, ServiceError

_OUTCOMES = ("failed", "error", "passed", "skipped", "xfailed", "xpassed")


def main() -> int:
    """Run both, sum up, and answer 1 when anything failed in either."""
    home = Path(tempfile.mkdtemp(prefix="portal-"))
    home.chmod(0o755)
    try:
        return _run_both(home, sys.argv[1:])
    finally:
        shutil.rmtree(home, ignore_errors=True)


def _run_both(home: Path, arguments: list[str]) -> int:
    started = time.monotonic()
    counts: Counter[str] = Counter()
    print("On SQLite:", flush=True)
    failed = _pytest(home / "sqlite.json", {}, arguments, counts)
    print("\nOn PostgreSQL and Redis:", flush=True)
    postgres = redis = None
    try:
        postgres, redis = Postgres(home / "pg", home / "pg", durable=False), Redis(home / "redis")
        servers = {"TEST_DATABASE_URL": postgres.url, "TEST_REDIS_URL": redis.url}
        failed |= _pytest(home / "postgres.json", servers, arguments, counts)
    except ServiceError as error:
        print(error, file=sys.stderr)
        failed = True
    finally:
        for server in (redis, postgres):
            if server:
                server.stop()
    # "passed" first: it is what the reader looks for; failures follow when there are any.
    parts = [f"{counts['passed']} passed"]
    parts += [f"{counts[name]} {name}" for name in _OUTCOMES if counts[name] and name != "passed"]
    print(f"{', '.join(parts)}, in {time.monotonic() - started:.0f} s")
    return int(failed)


def _pytest(report: Path, env: dict[str, str], arguments: list[str], counts: Counter[str]) -> bool:
    """Whether it failed; no test found is a failure as well."""
    command = [sys.executable, "-m", "pytest", "-q", "-n", "auto", "--maxprocesses", "6"]
    command += ["--counts", str(report), *arguments]
    done = subprocess.run(command, env={**os.environ, **env}, check=False)
    if report.exists():
        counts.update(json.loads(report.read_text()))
    return done.returncode != 0


if __name__ == "__main__":
    sys.exit(main())
