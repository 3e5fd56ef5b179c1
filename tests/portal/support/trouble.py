"""Tasks and troubles of a worker under test: ``celery -A portal worker --include`` this module."""

import os
import time
from pathlib import Path

from celery import shared_task
from celery.signals import worker_ready


@shared_task(name="tests.sleep", acks_late=True)
def sleep(seconds: float) -> None:
    """Work that lasts through an outage."""
    time.sleep(seconds)


@worker_ready.connect
def break_once(sender, **_) -> None:
    """Once, if BREAK_ONCE names a file to remember it by: an error that Celery did not foresee."""
    mark = os.environ.get("BREAK_ONCE")
    if mark and not Path(mark).exists():
        Path(mark).touch()

        def fail() -> None:
            raise AttributeError("'NoneType' object has no attribute 'hostname'")

        sender.hub.on_tick.add(fail)
