"""The background worker, which starts itself anew when Celery cannot go on.

When Redis goes away in the middle of tasks, reconnecting sometimes meets a process pool or a
channel in a state that Celery did not foresee (a pipe that is None, a connection that has been
closed). Celery then ends the worker, as it should: it cannot know what else is broken. A new
process can know, and the database holds the queue, so nothing is lost in between.
"""

import logging
import os
import sys
import time
from typing import Final, NoReturn

from celery.apps.worker import Worker
from celery.worker import state

logger = logging.getLogger(__name__)

_PAUSE_S: Final = 1.0


class RestartingWorker(Worker):
    """What ``celery -A portal worker`` runs."""

    def start(self) -> None:
        """Returns when somebody has asked the worker to stop, and only then."""
        super().start()
        if self.exitcode and not _was_asked():
            logger.critical("The worker could not go on; starting it anew.")
            _start_anew()


def _was_asked() -> bool:
    """By a signal or by remote control. Celery keeps an exit code there, 0 included."""
    return any(wish not in (None, False) for wish in (state.should_stop, state.should_terminate))


def _start_anew() -> NoReturn:
    """Replace this process by one like it: same id, so service managers see no end."""
    time.sleep(_PAUSE_S)
    logging.shutdown()
    os.execv(sys.executable, [sys.executable, "-m", "celery", *sys.argv[1:]])  # noqa: S606
