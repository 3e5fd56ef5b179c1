"""The worker outlives its broker: real Redis, real worker, real outages."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest
from redis import Redis
from redis.exceptions import RedisError

from tests.portal.support.outages import BreakableRedis

ROOT = Path(__file__).resolve().parents[2]
START_S = 90  # The machine may be busy.
BACK_S = 30
# 50 outages of 1 to 60 s. They are mostly waiting, so that two cores carry ten workers.
LENGTHS = [1 + number * 59 / 49 for number in range(50)]
WORKERS = 10


@contextmanager
def worker(env: dict[str, str], log: Path) -> Iterator[subprocess.Popen[bytes]]:
    """As an installation runs it, with the tasks of these tests."""
    command = [sys.executable, "-m", "celery", "-A", "portal", "worker", "--concurrency", "2"]
    with log.open("wb") as out:
        process = subprocess.Popen(
            [*command, "--include", "tests.portal.support.trouble"],
            cwd=ROOT,
            env=env,
            stdout=out,
            stderr=out,
        )
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def heartbeat(url: str) -> bytes | None:
    """The worker's last, as it stands in Redis."""
    with Redis(unix_socket_path=url.removeprefix("unix://")) as client:
        try:
            return client.get("portal:1:worker-heartbeat")
        except RedisError:
            return None


def seconds_until_alive(process: subprocess.Popen[bytes], url: str, limit_s: float) -> float:
    """How long until the worker takes messages; Redis was emptied, so any heartbeat is new."""
    began = time.monotonic()
    while time.monotonic() - began < limit_s:
        assert process.poll() is None, f"The worker ended with {process.returncode}."
        if heartbeat(url):
            return time.monotonic() - began
        time.sleep(0.1)
    raise AssertionError(f"The worker did not come back within {limit_s} s.")


def outages(env: dict[str, str], folder: Path, lengths: list[float]) -> list[tuple[float, float]]:
    """Each outage's length, and how long the worker took to come back; it is never idle."""
    found = []
    with BreakableRedis() as redis:
        env = env | {"REDIS_URL": redis.url}
        with worker(env, folder / "worker.log") as process:
            seconds_until_alive(process, redis.url, START_S)
            for length_s in lengths:
                give_work(env)
                redis.kill()
                time.sleep(length_s)
                redis.start()
                found.append((length_s, seconds_until_alive(process, redis.url, START_S)))
    return found


def lengths_of(number: int) -> list[float]:
    """One worker's share: there and back again, so that all have about as long to go."""
    there, back = number, 2 * WORKERS - 1 - number
    return [s for turn, s in enumerate(LENGTHS) if turn % (2 * WORKERS) in (there, back)]


def give_work(env: dict[str, str]) -> None:
    """Two tasks for each slot, so that some run and some are in the hands of the worker."""
    code = (
        "from portal.celery import app\n"
        "for seconds in (3, 8, 20, 40): app.send_task('tests.sleep', args=[seconds])"
    )
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=env, check=True)
    time.sleep(1)


def test_worker_comes_back_when_redis_does(portal_env, tmp_path):
    found = outages(portal_env(), tmp_path, [1, 6])

    assert [back_s < BACK_S for _, back_s in found] == [True, True], found


@pytest.mark.proof
def test_worker_comes_back_after_each_of_fifty_outages(portal_env, tmp_path):
    env = portal_env()
    folders = [tmp_path / str(number) for number in range(WORKERS)]
    for folder in folders:
        folder.mkdir()
    with ThreadPoolExecutor(WORKERS) as pool:
        runs = [
            pool.submit(outages, env, folder, lengths_of(number))
            for number, folder in enumerate(folders)
        ]
    found = sorted(each for run in runs for each in run.result())
    print("\n".join(f"away {length:.0f} s, back after {back:.1f} s" for length, back in found))
    anew = sum((folder / "worker.log").read_text().count("starting it anew") for folder in folders)
    print(f"{anew} times by starting anew")

    assert len(found) == 50
    assert max(back for _, back in found) < BACK_S


def test_worker_that_cannot_go_on_starts_anew(portal_env, tmp_path):
    with BreakableRedis() as redis:
        env = portal_env() | {"REDIS_URL": redis.url, "BREAK_ONCE": str(tmp_path / "broken")}
        with worker(env, tmp_path / "log") as process:
            seconds_until_alive(process, redis.url, START_S)
            while "starting it anew" not in (tmp_path / "log").read_text():
                assert process.poll() is None
                time.sleep(0.1)
            with Redis(unix_socket_path=redis.url.removeprefix("unix://")) as client:
                client.delete("portal:1:worker-heartbeat")
            seconds_until_alive(process, redis.url, START_S)

            process.terminate()
            assert process.wait(20) == 0
    log = (tmp_path / "log").read_text()
    assert "Unrecoverable error: AttributeError" in log
    assert log.count("starting it anew") == 1


HUNG = """
import sys, time, django
django.setup()
from kaltura_bridge.queue import TaskName, enqueue
enqueue(TaskName.SYNC_DUE)
print("connected", flush=True)
sys.stdin.readline()
began = time.monotonic()
print(enqueue(TaskName.SYNC_DUE), time.monotonic() - began)
"""


def test_saving_does_not_wait_for_a_broker_that_hangs(portal_env):
    with BreakableRedis() as redis:
        env = portal_env() | {
            "REDIS_URL": redis.url,
            "DJANGO_SETTINGS_MODULE": "portal.settings",
            "DATABASE_POOL": "true",
        }
        process = subprocess.Popen(
            [sys.executable, "-c", HUNG],
            cwd=ROOT,
            env=env,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        with process:
            assert process.stdout.readline() == "connected\n"
            redis.hang()
            said, _ = process.communicate("go\n", timeout=60)
        redis.go_on()

    taken, seconds = said.split()
    assert taken == "False"
    assert float(seconds) < 10
