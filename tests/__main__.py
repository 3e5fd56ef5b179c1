"""``python -m tests [--proof]``: on SQLite, then what concerns databases on PostgreSQL and Redis.

Without ``--proof`` what ``make test`` runs, with it the rest; see ``tests/suites.py``. Other
arguments go to pytest. The last line says how many passed in both runs together.
"""

import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import pytest

from portal.demo.services import Postgres, Redis, ServiceError
from tests import suites

_OUTCOMES = ("failed", "error", "passed", "skipped", "xfailed", "xpassed")
_SEED = "--randomly-seed"


def main() -> int:
    """Run both, sum up, and answer 1 when anything failed in either."""
    home = Path(tempfile.mkdtemp(prefix="portal-"))
    home.chmod(0o755)
    try:
        return _run_both(home, _for_pytest(sys.argv[1:]))
    finally:
        shutil.rmtree(home, ignore_errors=True)


def _for_pytest(arguments: list[str]) -> list[str]:
    suite = suites.PROOF if "--proof" in arguments else suites.TEST
    rest = [argument for argument in arguments if argument != "--proof"]
    if not any(argument.startswith(_SEED) for argument in rest):
        rest.append(f"{_SEED}={random.getrandbits(32)}")
    return [f"--suite={suite}", *rest]


def _run_both(home: Path, arguments: list[str]) -> int:
    started = time.monotonic()
    counts: Counter[str] = Counter()
    print(f"pytest {' '.join(arguments)}\n\nOn SQLite:", flush=True)
    os.environ["COVERAGE_FILE"] = str(home / "coverage")
    failed = _pytest(home / "sqlite.json", {}, _without_report(arguments), counts)
    print("\nOn PostgreSQL and Redis:", flush=True)
    postgres = redis = None
    try:
        postgres, redis = Postgres(home / "pg", home / "pg", durable=False), Redis(home / "redis")
        servers = {"TEST_DATABASE_URL": postgres.url, "TEST_REDIS_URL": redis.url}
        failed |= _pytest(home / "postgres.json", servers, _adding_up(arguments), counts)
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
    return int(failed or not counts["passed"])


def _without_report(arguments: list[str]) -> list[str]:
    """With ``--cov``, the first run keeps its coverage for the second one's report."""
    if "--cov" not in arguments:
        return arguments
    return [*(each for each in arguments if "--cov-report" not in each), "--cov-report="]


def _adding_up(arguments: list[str]) -> list[str]:
    return [*arguments, "--cov-append"] if "--cov" in arguments else arguments


def _pytest(report: Path, env: dict[str, str], arguments: list[str], counts: Counter[str]) -> bool:
    """Whether it failed. Finding no test, as ``-k`` may on one database, is no failure yet."""
    command = [sys.executable, "-m", "pytest", "-q", "-n", str(_workers())]
    command += ["--dist", "worksteal", "--durations=12", "--durations-min=5"]
    command += ["--counts", str(report), *arguments]
    done = subprocess.run(command, env={**os.environ, **env}, check=False)
    if report.exists():
        counts.update(json.loads(report.read_text()))
    return done.returncode not in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED)


def _workers() -> int:
    """One more than there are cores: many a test waits for a clock, a browser or a server."""
    return min(6, len(os.sched_getaffinity(0)) + 1)


if __name__ == "__main__":
    sys.exit(main())
