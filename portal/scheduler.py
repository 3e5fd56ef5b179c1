"""The scheduler, with a sign of life for whoever asks why nothing happens by itself."""

from typing import Any

from celery.beat import Scheduler

from portal import heartbeat


class BeatingScheduler(Scheduler):
    """Celery's own scheduler. It ticks whenever something is due, so every few seconds."""

    def tick(self, *args: Any, **kwargs: Any) -> float:
        """Send what is due; the seconds until the next."""
        wait_s: float = super().tick(*args, **kwargs)
        # After the tick: one that cannot reach its broker sends nothing, and is not alive.
        heartbeat.beat(heartbeat.SCHEDULER)
        return wait_s
