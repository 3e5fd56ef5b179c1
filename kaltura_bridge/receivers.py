"""Thin: what the domain says becomes a touch in the same transaction, then a ring on commit."""

from __future__ import annotations

import logging
from typing import Any

from django.db import transaction
from django.dispatch import receiver

from events import signals
from events.models import Event
from kaltura_bridge import states
from kaltura_bridge.models import SyncTarget
from kaltura_bridge.tasks import sync_due

logger = logging.getLogger(__name__)


@receiver([signals.track_changed, signals.session_changed])
def planned_object_changed(sender: type, instance: Any, **kwargs: Any) -> None:
    states.touch(instance)
    ring_on_commit()


@receiver(signals.event_changed)
def event_changed(sender: type, instance: Event, **kwargs: Any) -> None:
    """The event's zone and name stand in its sessions' metadata and tags, so all are due."""
    states.touch_all(SyncTarget.objects.filter(event_uuid=instance.uuid, removed=False))
    states.touch(instance)
    ring_on_commit()


@receiver([signals.event_removed, signals.track_removed, signals.session_removed])
def planned_object_removed(sender: type, instance: Any, **kwargs: Any) -> None:
    states.touch(instance, removed=True)
    ring_on_commit()


def ring_on_commit() -> None:
    """Wake a worker after the commit; once, however much the transaction changes."""
    if ring not in (entry[1] for entry in transaction.get_connection().run_on_commit):
        transaction.on_commit(ring)


def ring() -> None:
    """Wake a worker. A lost ring costs seconds: the scheduler looks for itself."""
    try:
        sync_due.delay()
    except Exception as error:  # the broker's own errors differ by broker
        logger.warning(
            "The broker did not take the wake-up (%s); the scheduler will find it", error
        )
