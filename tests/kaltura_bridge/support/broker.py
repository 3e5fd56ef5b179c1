"""What the broker is given, and a broker that nobody reaches."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from celery import Celery
from celery.signals import before_task_publish

from kaltura_bridge.queue import TaskName
from portal.celery import app

Sent = tuple[str, tuple[Any, ...]]


@contextmanager
def listening(*tasks: TaskName) -> Iterator[list[Sent]]:
    """Names and arguments of those of these tasks that the broker is given meanwhile."""
    sent: list[Sent] = []

    def hear(sender: str, body: tuple[Any, ...], **_: Any) -> None:
        if sender in tasks:
            sent.append((sender.removeprefix("kaltura_bridge."), tuple(body[0])))

    before_task_publish.connect(hear)
    try:
        yield sent
    finally:
        before_task_publish.disconnect(hear)


@contextmanager
def unreachable() -> Iterator[None]:
    """This thread's tasks go to a port on which nobody listens."""
    dead = Celery("dead", broker="redis://127.0.0.1:9/0", set_as_current=False)
    dead.conf.task_publish_retry = False
    dead.set_current()
    try:
        yield
    finally:
        app.set_current()
