"""Serves the application through gunicorn: one process, many threads, keep-alive."""

from __future__ import annotations

import contextlib
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from gunicorn.app.base import BaseApplication  # type: ignore[import-untyped]

from kaltura_simulator.app import App, open_world
from kaltura_simulator.options import SimulatorOptions
from kaltura_simulator.provision import accounts
from kaltura_simulator.state.store import StoreInUse

THREADS = 32
WORKER_BOOT_ERROR = 3  # tells gunicorn to give up rather than try again


class Server(BaseApplication):  # type: ignore[misc]
    """A gunicorn with one worker, which loads the application."""

    def __init__(self, options: SimulatorOptions):
        self.options = options
        super().__init__()

    def load_config(self) -> None:
        """Fixed settings; no file and no environment variable is read."""
        settings: dict[str, Any] = {
            "bind": [self.options.bind],
            "workers": 1,
            "worker_class": "gthread",
            "threads": THREADS,
            "keepalive": 75,
            # The arbiter must never think a slow fault is a hung worker.
            "timeout": 0,
            "graceful_timeout": 1,
            "control_socket_disable": True,
            "limit_request_line": 0,
            "limit_request_field_size": 0,
            "loglevel": "warning",
            "proc_name": "kaltura-simulator",
        }
        for name, value in settings.items():
            self.cfg.set(name, value)

    def load(self) -> App:
        """Open the data file in the worker, after the fork, and print what is served."""
        options = self.options
        try:
            app = App(open_world(options))
        except StoreInUse as problem:
            print(problem, file=sys.stderr, flush=True)
            raise SystemExit(WORKER_BOOT_ERROR) from problem
        print(
            f"Local Kaltura on http://{options.bind}, partner {options.partner_id},"
            f" data in {options.data}",
            flush=True,
        )
        line = accounts.reach_line(app.world)
        if line:
            print(f'RECORDINGS_REACH="{line}"', flush=True)
        return app


def serve(options: SimulatorOptions) -> None:
    """Serve until stopped. Data file ``:memory:`` is a temporary one."""
    with _data_file(options) as ready:
        Server(ready).run()


@contextlib.contextmanager
def _data_file(options: SimulatorOptions) -> Iterator[SimulatorOptions]:
    if options.data not in {"", ":memory:"}:
        Path(options.data).parent.mkdir(parents=True, exist_ok=True)
        yield options
        return
    with tempfile.TemporaryDirectory(prefix="kaltura-simulator-") as folder:
        yield replace(options, data=str(Path(folder) / "kaltura.sqlite3"))
