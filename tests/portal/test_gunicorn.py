"""The one embedded process, for real: it serves, works, survives and stops quickly."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import pytest

ROOT = Path(__file__).resolve().parents[2]


def free_port() -> int:
    """A port that nobody uses now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def gunicorn(
    env: dict[str, str], port: int, log: IO[bytes] | int = subprocess.DEVNULL
) -> Iterator["subprocess.Popen[bytes]"]:
    """The portal as the demo serves it."""
    server = subprocess.Popen(
        [sys.executable, "-m", "gunicorn", "-c", "python:portal.gunicorn", "portal.wsgi"],
        cwd=ROOT,
        env=env | {"BIND": f"127.0.0.1:{port}"},
        stderr=log,
    )
    try:
        yield server
    finally:
        server.kill()
        server.wait()


def readiness(port: int) -> dict[str, object]:
    """What /health/ready says; empty while nobody answers."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/health/ready", timeout=5) as answer:
            return json.load(answer)
    except urllib.error.HTTPError as refusal:
        return json.load(refusal)
    except OSError:
        return {}


def wait_until_ready(port: int, seconds: float = 20) -> bool:
    """Whether it gets ready in time."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if readiness(port).get("ready"):
            return True
        time.sleep(0.1)
    return False


def children(pid: int) -> list[int]:
    """The process ids of a process's children."""
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


@pytest.mark.parametrize("ask", [signal.SIGINT, signal.SIGTERM])
def test_embedded_portal_gets_ready_and_stops_quickly(portal_env, ask):
    port = free_port()
    with gunicorn(portal_env(), port) as server:
        assert wait_until_ready(port), readiness(port)
        asked = time.monotonic()
        server.send_signal(ask)
        server.wait(10)

        assert server.returncode == 0
        assert time.monotonic() - asked < 3


def test_embedded_portal_comes_back_after_its_process_is_killed(portal_env):
    port = free_port()
    with gunicorn(portal_env(), port) as server:
        assert wait_until_ready(port), readiness(port)
        [before] = children(server.pid)
        os.kill(before, signal.SIGKILL)
        while before in children(server.pid):
            time.sleep(0.02)

        assert wait_until_ready(port), readiness(port)
        assert children(server.pid) != [before]


@pytest.mark.parametrize("end", ["1 / 0", "None"])
def test_process_starts_anew_when_an_embedded_thread_ends(portal_env, end):
    code = (
        "import django; django.setup(); from portal.embedded import EmbeddedServices;"
        f"EmbeddedServices()._watched('scheduler', lambda: {end})"
    )
    env = portal_env() | {"DJANGO_SETTINGS_MODULE": "portal.settings"}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=env, capture_output=True, text=True, check=False
    )

    assert done.returncode == -signal.SIGTERM
    assert "The embedded scheduler ended by itself; restarting this process." in done.stderr
