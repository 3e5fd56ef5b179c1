"""Heartbeats of the worker and the scheduler, kept in the cache.

The worker's is written by the consumer that takes messages from the broker, not by a
task: a worker whose slots are all busy is alive, and one that lost its broker is not.
The scheduler's is written with each of its ticks (scheduler.py).
"""

import logging
from typing import Any, Final

from celery import bootsteps
from django.core.cache import cache
from django.utils import timezone

logger = logging.getLogger(__name__)

EVERY_S: Final = 3.0
# Three beats may go missing before we call the worker dead.
STALE_AFTER_S: Final = 12.0
# The scheduler has something to send every five seconds.
SCHEDULER_STALE_AFTER_S: Final = 20.0
WORKER: Final = "worker"
SCHEDULER: Final = "scheduler"


def beat(who: str = WORKER) -> None:
    """Record that the worker, or the scheduler, is alive now."""
    try:
        cache.set(_key(who), timezone.now().timestamp(), timeout=60)
    except Exception as error:  # An exception would end the timer; the next beat may succeed.
        logger.warning("The %s could not write its heartbeat to the cache: %s", who, error)


def forget(who: str = WORKER) -> None:
    """Delete the heartbeat: the worker stops, or lost its broker."""
    try:
        cache.delete(_key(who))
    except Exception as error:  # It expires by itself.
        logger.warning("The %s could not remove its heartbeat from the cache: %s", who, error)


def is_unknown() -> bool:
    """Whether nobody can tell: Redis holds the heartbeats, and it did not answer just now."""
    outage = getattr(cache, "outage", None)
    return outage is not None and bool(outage.is_on)


def _key(who: str) -> str:
    return f"{who}-heartbeat"


def age_s(who: str = WORKER) -> float | None:
    """Seconds since the last heartbeat of any worker or scheduler; None when there is none."""
    last: float | None = cache.get(_key(who))
    return None if last is None else max(0.0, timezone.now().timestamp() - last)


class HeartbeatStep(bootsteps.StartStopStep):
    """Beats from the moment the consumer takes messages until it stops."""

    requires = ("celery.worker.consumer.tasks:Tasks",)

    def __init__(self, consumer: Any, **_: Any) -> None:
        """Celery makes one for each consumer."""
        self._timer: Any = None

    def start(self, consumer: Any) -> None:
        """Beat at once and then every few seconds."""
        beat()
        self._timer = consumer.timer.call_repeatedly(EVERY_S, beat)

    def stop(self, consumer: Any) -> None:
        """Celery calls this when the broker is lost, too."""
        if self._timer:
            self._timer.cancel()
            self._timer = None
