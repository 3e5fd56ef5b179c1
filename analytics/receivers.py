"""When a session's window moves, its attendance must be computed again."""

from __future__ import annotations

import logging
from functools import partial
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.dispatch import receiver

from analytics.match import in_batches
from analytics.models import Coverage
from events.models import Event, Session
from events.signals import event_changed, session_changed

logger = logging.getLogger(__name__)


@receiver(session_changed)
def renew_moved_session(sender: type, instance: Session, **_: Any) -> None:
    """The session's own times may have changed."""
    renew_on_commit(Coverage.objects.filter(session=instance))


@receiver(event_changed)
def renew_sessions_of_event(sender: type, instance: Event, **_: Any) -> None:
    """How early doors open, or the overrun, may have changed."""
    renew_on_commit(Coverage.objects.filter(session__event=instance))


def renew_on_commit(asked: QuerySet[Coverage]) -> None:
    """Have these sessions computed again, once the change is committed.

    Sessions without coverage need none: no source was ever asked about them.
    """
    pks = sorted(set(asked.order_by().values_list("session_id", flat=True)))
    for batch in in_batches(pks, 50):
        transaction.on_commit(partial(notify_worker, list(batch)))


def notify_worker(session_pks: list[int]) -> None:
    """Wake a worker. If the message is lost, the next pull computes the sessions again."""
    # Imported here: apps.py imports this module, and Celery's tasks need all apps loaded.
    from analytics.tasks import renew_figures

    try:
        renew_figures.delay(session_pks)
    except Exception as error:  # the broker's own errors differ by broker
        logger.warning(
            "The broker did not take the wake-up (%s); the next pull will do the work", error
        )
