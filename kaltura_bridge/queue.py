"""Wakes workers by the names of tasks, so that whoever wakes one imports none.

The database is the queue and the broker only a doorbell: a message that gets lost costs
seconds, because the scheduler looks into the database for itself.
"""

from __future__ import annotations

import logging
import threading
from enum import StrEnum
from functools import partial

from celery import current_app
from django.db import transaction

logger = logging.getLogger(__name__)


class TaskName(StrEnum):
    """The background tasks of this package, as tasks.py registers them with Celery."""

    SYNC_DUE = "kaltura_bridge.sync_due"
    SWEEP = "kaltura_bridge.sweep"
    FIND_ORPHANS = "kaltura_bridge.find_orphans"
    DELETE_ORPHANS = "kaltura_bridge.delete_orphans"
    CHECKUP = "kaltura_bridge.checkup"
    MAKE_PLAN = "kaltura_bridge.make_plan"
    APPLY_PLAN = "kaltura_bridge.apply_plan"
    LOOK_UP = "kaltura_bridge.look_up"
    LOOK_FOR_RECORDINGS = "kaltura_bridge.look_for_recordings"
    LOOK_AT_GALLERIES = "kaltura_bridge.look_at_galleries"
    CLEAR_TICKETS = "kaltura_bridge.clear_tickets"
    CAPTIONS = "kaltura_bridge.captions"
    JOIN_TESTS = "kaltura_bridge.join_tests"


def enqueue(task: TaskName, *arguments: object) -> bool:
    """Give work to a worker. False when the broker does not take it."""
    try:
        current_app.signature(str(task), args=arguments).apply_async()
    except Exception as error:  # the broker's own errors differ by broker
        logger.warning("The broker did not take %s (%s)", task, error)
        return False
    return True


def notify_worker() -> None:
    """Have a worker look at once for what is due."""
    enqueue(TaskName.SYNC_DUE)


class _Wake:
    """The message that one transaction owes the workers, and whether it was sent."""

    sent = False


class _Thread(threading.local):
    """What this thread owes; its database connection is its own as well."""

    wake: _Wake | None = None


_thread = _Thread()


def notify_worker_on_commit() -> None:
    """Wake a worker after the commit; once, however much the transaction changes.

    Every call registers a callback, for any of them may be discarded with its savepoint.
    Those of one transaction share a wake, which the first that runs sends. After a
    rollback nothing was sent, and the next transaction takes the wake over.
    """
    if _thread.wake is None or _thread.wake.sent:
        _thread.wake = _Wake()
    transaction.on_commit(partial(_send, _thread.wake))


def _send(wake: _Wake) -> None:
    if not wake.sent:
        wake.sent = True
        notify_worker()
