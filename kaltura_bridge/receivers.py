"""Thin: what the domain says becomes a touch in the same transaction, then a wake on commit."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import models
from django.db.models.signals import post_delete, post_save
from django.dispatch import receiver

from events import signals
from events.models import Event, Session, Track
from kaltura_bridge.models import EventDelivery, SessionDelivery, SyncTarget, TargetKind
from kaltura_bridge.queue import notify_worker_on_commit
from kaltura_bridge.sync import states


@receiver(signals.session_changed)
def session_changed(sender: type, instance: Session, **kwargs: Any) -> None:
    states.touch(instance)
    notify_worker_on_commit()


@receiver(signals.track_changed)
def track_changed(sender: type, instance: Track, **kwargs: Any) -> None:
    """The track's name stands in the tags of its sessions, so these are due as well."""
    uuids = list(instance.sessions.values_list("uuid", flat=True))
    states.touch_all(SyncTarget.objects.filter(kind=TargetKind.SESSION, object_uuid__in=uuids))
    states.touch(instance)
    notify_worker_on_commit()


@receiver(signals.event_changed)
def event_changed(sender: type, instance: Event, **kwargs: Any) -> None:
    """The event's zone and name stand in its sessions' metadata and tags, so all are due."""
    states.touch_all(SyncTarget.objects.filter(event_uuid=instance.uuid, removed=False))
    states.touch(instance)
    notify_worker_on_commit()


@receiver([signals.event_removed, signals.track_removed, signals.session_removed])
def planned_object_removed(sender: type, instance: Any, **kwargs: Any) -> None:
    states.touch(instance, removed=True)
    notify_worker_on_commit()


@receiver(post_save, sender=EventDelivery)
@receiver(post_save, sender=SessionDelivery)
def delivery_saved(
    sender: type[models.Model], instance: EventDelivery | SessionDelivery, **kwargs: Any
) -> None:
    delivery_changed(instance)


@receiver(post_delete, sender=EventDelivery)
@receiver(post_delete, sender=SessionDelivery)
def delivery_deleted(
    sender: type[models.Model],
    instance: EventDelivery | SessionDelivery,
    origin: Any = None,
    **kwargs: Any,
) -> None:
    """Back to what is inherited. An event or session that goes too tells of itself."""
    begun_with = origin.model if isinstance(origin, models.QuerySet) else type(origin)
    if begun_with is sender:
        delivery_changed(instance)


def delivery_changed(delivery: EventDelivery | SessionDelivery) -> None:
    if isinstance(delivery, EventDelivery):
        event_changed(Event, delivery.event)
    else:
        session_changed(Session, delivery.session)


@receiver(signals.event_cloned)
def copy_delivery(
    sender: type, original: Event, copy: Event, sessions: Mapping[int, Session], **kwargs: Any
) -> None:
    """What an event and its sessions decided counts for the copy too."""
    for decided in EventDelivery.objects.filter(event=original):
        _save_copy(decided, event=copy)
    for own in SessionDelivery.objects.filter(session__in=sessions).order_by("pk"):
        _save_copy(own, session=sessions[own.session_id])


def _save_copy(delivery: EventDelivery | SessionDelivery, **belongs_to: Event | Session) -> None:
    same = {
        field.attname: getattr(delivery, field.attname)
        for field in delivery._meta.concrete_fields
        if not field.primary_key and field.name not in belongs_to
    }
    type(delivery)(**same, **belongs_to).save()
