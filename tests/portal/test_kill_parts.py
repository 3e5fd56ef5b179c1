"""``kill -9`` of every part in turn, on PostgreSQL and Redis: all come back, nothing is lost or doubled."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psycopg
import pytest
from redis import Redis

from kaltura_simulator.testing import Simulator
from portal.demo.services import Postgres
from tests import environment
from tests.portal.support.outages import BreakableRedis
from tests.portal.test_gunicorn import children, free_port, readiness

ROOT = Path(__file__).resolve().parents[2]
BIN = Path(sys.executable).parent
PROGRAMS = {
    "portal": [str(BIN / "gunicorn"), "-c", "python:portal.gunicorn", "portal.wsgi"],
    "worker": [str(BIN / "celery"), "-A", "portal", "worker", "--concurrency", "2"],
    "scheduler": [str(BIN / "celery"), "-A", "portal", "beat"],
}
AWAY_S = 3  # How long a server stays away before its own service manager has restarted it.
BACK_S = 120  # The machine may be busy; the figures are printed.


class Stack:
    """The whole product as an installation runs it, each program under its supervisor."""

    def __init__(self, home: Path, simulator: Simulator, redis: BreakableRedis) -> None:
        """Everything but the programs runs afterwards, on an empty database."""
        self.home, self.simulator, self.redis = home, simulator, redis
        self.postgres = Postgres(home / "pg", home / "pg")
        self.port = free_port()
        self._supervisors: dict[str, subprocess.Popen[bytes]] = {}
        self.env = {
            "PATH": os.environ["PATH"],
            **environment.SETTINGS,
            "DATABASE_URL": self.postgres.url,
            "REDIS_URL": redis.url,
            "BIND": f"127.0.0.1:{self.port}",
            "WEB_CONCURRENCY": "1",
            "KALTURA_SERVICE_URL": simulator.url,
            "KALTURA_KAF_URL": simulator.url,
        }
        self.manage("migrate", "-v", "0")
        self.manage("seed_demo", "--sessions", "40", "--attendees", "3")

    def manage(self, *arguments: str) -> None:
        """``manage.py``."""
        command = [sys.executable, "manage.py", *arguments]
        subprocess.run(command, cwd=ROOT, env=self.env, check=True, stdout=subprocess.DEVNULL)

    def start(self) -> None:
        """Start the programs."""
        for name, command in PROGRAMS.items():
            with (self.home / f"{name}.log").open("wb") as log:
                self._supervisors[name] = subprocess.Popen(
                    [sys.executable, "-m", "portal.supervise", *command],
                    cwd=ROOT,
                    env=self.env,
                    stdout=log,
                    stderr=log,
                )

    def stop(self) -> None:
        """Stop the programs and PostgreSQL."""
        for _ in range(2):
            for supervisor in self._supervisors.values():
                supervisor.terminate()
            time.sleep(1)
        for supervisor in self._supervisors.values():
            supervisor.wait(30)
        self.postgres.stop()

    def kill(self, name: str) -> None:
        """``kill -9`` of a program, with all of its processes: what the kernel does without memory."""
        [pid] = children(self._supervisors[name].pid)
        os.killpg(pid, signal.SIGKILL)
        if name != "portal":
            self._forget_heartbeat(name)

    def kill_postgres(self) -> None:
        """Its first process; the others end by themselves. Then it is started again."""
        os.kill(self.postgres.pid, signal.SIGKILL)
        time.sleep(AWAY_S)
        self.postgres.stop()
        self.postgres = Postgres(self.home / "pg", self.home / "pg")

    def kill_redis(self) -> None:
        """And start it again, empty."""
        self.redis.kill()
        time.sleep(AWAY_S)
        self.redis.start()

    def kill_kaltura(self) -> None:
        """And start it again with what it had stored."""
        self.simulator.kill()
        time.sleep(AWAY_S)
        self.simulator.launch()

    def is_ready(self) -> bool:
        """As /health/ready says."""
        return bool(readiness(self.port).get("ready"))

    def is_in_step(self) -> bool:
        """Whether every object's last change has reached Kaltura."""
        with suppress(psycopg.Error), self._connect() as database:
            rows = database.execute(
                "SELECT count(*) FILTER (WHERE state <> 'synced'), count(*)"
                " FROM kaltura_bridge_synctarget"
            ).fetchone()
            return bool(rows) and rows[0] == 0 and rows[1] > 40
        return False

    def edit(self) -> None:
        """All objects have changed and wait to be sent."""
        with self._connect() as database:
            database.execute(
                "UPDATE kaltura_bridge_synctarget SET state = 'pending', version = version + 1,"
                " next_attempt_at = now(), changed_at = now()"
            )

    def _connect(self) -> psycopg.Connection:
        return psycopg.connect(
            host=str(self.home / "pg"), user="postgres", dbname="portal", autocommit=True
        )

    def _forget_heartbeat(self, who: str) -> None:
        with Redis(unix_socket_path=self.redis.url.removeprefix("unix://")) as client:
            client.delete(f"portal:1:{who}-heartbeat")


@pytest.fixture
def stack(simulator: Simulator) -> Iterator[Stack]:
    """The running product, in step with the local Kaltura."""
    with open_home() as home, BreakableRedis() as redis:
        running = Stack(home, simulator, redis)
        running.start()
        try:
            yield running
        finally:
            running.stop()


@contextmanager
def open_home() -> Iterator[Path]:
    """A short path that PostgreSQL's user may enter."""
    with tempfile.TemporaryDirectory(prefix="portal-kill-") as name:
        Path(name).chmod(0o755)
        yield Path(name)


def seconds_until(what: Callable[[], bool]) -> float:
    """How long it takes."""
    began = time.monotonic()
    while not what():
        assert time.monotonic() - began < BACK_S, f"Not {what.__name__} within {BACK_S} s."
        time.sleep(0.1)
    return time.monotonic() - began


@pytest.mark.proof
def test_every_part_comes_back_and_nothing_is_lost_or_doubled(stack):
    seconds_until(stack.is_ready)
    seconds_until(stack.is_in_step)
    before = {kind: sorted(stack.simulator.keys(kind)) for kind in ("category", "entry")}
    kills: dict[str, Callable[[], None]] = {
        **{name: (lambda name=name: stack.kill(name)) for name in PROGRAMS},
        "Redis": stack.kill_redis,
        "PostgreSQL": stack.kill_postgres,
        "Kaltura": stack.kill_kaltura,
    }
    for name, kill in kills.items():
        stack.edit()
        time.sleep(1)
        kill()
        ready_s = seconds_until(stack.is_ready)
        step_s = ready_s + seconds_until(stack.is_in_step)
        print(f"{name}: ready after {ready_s:.1f} s, in step after {step_s:.1f} s")

    after = {kind: sorted(stack.simulator.keys(kind)) for kind in ("category", "entry")}
    assert after == before
    assert [len(keys) == len(set(keys)) > 0 for keys in after.values()] == [True, True]
