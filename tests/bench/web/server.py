"""gunicorn as an installation runs it: two web processes on PostgreSQL and Redis."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.bench.web.load import Connection

WORKERS = 2
_START_S = 60


class WebServer:
    """One gunicorn; ``workers`` are its web processes."""

    def __init__(self, process: subprocess.Popen[bytes], port: int) -> None:
        self.process, self.port = process, port

    @property
    def workers(self) -> list[int]:
        """Their process ids."""
        pid = self.process.pid
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text()
        return [int(child) for child in children.split()]


@contextmanager
def web_server(path: str, application: str = "portal.wsgi", **settings: str) -> Iterator[WebServer]:
    """A server that answers at ``path``, with these settings instead of the environment's."""
    port = _free_port()
    env = {**os.environ, "BIND": f"127.0.0.1:{port}", "WEB_CONCURRENCY": str(WORKERS), **settings}
    env |= {"ACCESS_LOG": "false", "DATABASE_POOL": "true"}
    command = [sys.executable, "-m", "gunicorn", "-c", "python:portal.gunicorn", application]
    process = subprocess.Popen(command, env=env, stdout=subprocess.DEVNULL)
    try:
        _wait_for(port, path, process)
        yield WebServer(process, port)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(30)


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def _wait_for(port: int, path: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + _START_S
    while time.monotonic() < deadline and process.poll() is None:
        try:
            if Connection(port).ask(path, {})[0] < 500:
                return
        except OSError:
            time.sleep(0.2)
    raise RuntimeError("The web server did not start.")
