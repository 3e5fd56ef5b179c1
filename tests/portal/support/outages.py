"""A Redis of one's own, to take away and bring back."""

import os
import shutil
import signal
import tempfile
from pathlib import Path
from typing import Self

from portal.demo.services import Redis


class BreakableRedis:
    """A server on a Unix socket that keeps its address while it comes and goes."""

    def __init__(self) -> None:
        """Start it. The folder is short: a socket's path has room for 107 bytes."""
        self._home = Path(tempfile.mkdtemp(prefix="portal-redis-"))
        self._server = Redis(self._home)
        self.url = self._server.url

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._server.stop()
        shutil.rmtree(self._home, ignore_errors=True)

    def kill(self) -> None:
        """``kill -9``: connections break, new ones are refused."""
        os.kill(self._server.pid, signal.SIGKILL)
        self._server.stop()

    def hang(self) -> None:
        """It takes connections and says nothing, like a host behind a firewall."""
        os.kill(self._server.pid, signal.SIGSTOP)

    def go_on(self) -> None:
        """After ``hang``."""
        os.kill(self._server.pid, signal.SIGCONT)

    def start(self) -> None:
        """After ``kill``: empty, as Redis without persistence is."""
        self._server = Redis(self._home)
