"""The background worker and the scheduler as threads of the web process.

With the in-memory broker this is the whole product in one process: fit for one
machine, with the same tasks as on Redis. The database is the queue, so work that
is cut off by a stop or a crash is found and done again.
"""

import logging
import os
import signal
import threading
import time
from collections.abc import Callable
from typing import Final

from celery.beat import Service
from celery.worker import WorkController, state

from portal import heartbeat
from portal.celery import app

logger = logging.getLogger(__name__)

_TASK_THREADS: Final = 4
# How long running tasks may take to end when the process is asked to stop.
_GRACE_S: Final = 1.5


class EmbeddedServices:
    """The two threads, started together and watched: neither may die unnoticed."""

    def __init__(self) -> None:
        """Nothing runs before ``start``."""
        self._stopping = threading.Event()
        self._beat = Service(app, scheduler_cls=app.conf.beat_scheduler)

    def start(self) -> None:
        """Call after the fork: threads do not survive one."""
        app.loader.import_default_modules()
        app.finalize()
        # WorkController installs no signal handlers; those stay gunicorn's.
        worker = WorkController(
            app=app,
            pool="threads",
            concurrency=_TASK_THREADS,
            without_heartbeat=True,
            without_mingle=True,
            without_gossip=True,
            hostname="embedded@portal",
        )
        self._run("worker", worker.start)
        self._run("scheduler", self._beat.start)

    def stop(self) -> None:
        """Take no new task, give running ones a moment to finish, then return.

        If a task still runs then, this ends the process at once: Python would wait
        for its thread. The task's claim expires, and its work is done again.
        """
        self._stopping.set()
        state.should_stop = 0
        self._beat.stop(wait=False)
        heartbeat.forget()
        deadline = time.monotonic() + _GRACE_S
        while state.active_requests and time.monotonic() < deadline:
            time.sleep(0.02)
        if state.active_requests:
            names = sorted({request.name for request in state.active_requests})
            logger.warning("Stopped during %s; claimed work will be done again.", ", ".join(names))
            logging.shutdown()
            os._exit(0)

    def _run(self, name: str, target: Callable[[], object]) -> None:
        thread = threading.Thread(target=self._watched, args=(name, target), name=name, daemon=True)
        thread.start()

    def _watched(self, name: str, target: Callable[[], object]) -> None:
        try:
            target()
        except Exception:
            logger.exception("The embedded %s failed.", name)
        if not self._stopping.is_set():
            # gunicorn then starts a new process with both threads. With only one of them this
            # process would look alive and do half of its work.
            logger.critical("The embedded %s ended by itself; restarting this process.", name)
            os.kill(os.getpid(), signal.SIGTERM)
