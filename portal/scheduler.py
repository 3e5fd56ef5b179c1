"""Celery's scheduler with a heartbeat, so that the doctor can tell whether it runs."""

from typing import Any

from celery.beat import Scheduler

from portal import heartbeat


class BeatingScheduler(Scheduler):
    """Celery's own scheduler. It ticks whenever something is due: every few seconds."""

    def tick(self, *args: Any, **kwargs: Any) -> float:
        """Send what is due; the seconds until the next."""
        wait_s: float = super().tick(*args, **kwargs)
        # After the tick: a scheduler that cannot reach its broker at first waits in there. Later
        # failures to send are only logged by Celery, but the heartbeat goes to the same Redis.
        heartbeat.beat(heartbeat.SCHEDULER)
        return wait_s
