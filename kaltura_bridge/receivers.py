"""What the domain says becomes a touch in the same transaction, and a wake on commit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import models
from django.db.models import Q
from django.db.models.signals import post_delete, post_save
from django.dispatch import receiver

from events import signals
from events.changes import note_changed
from events.models import Event, Session, Track
from kaltura_bridge.captions.asking import copy_rules
from kaltura_bridge.models import (
    EventDelivery,
    RoomSharing,
    SessionDelivery,
    SyncTarget,
    TargetKind,
)
from kaltura_bridge.queue import notify_worker_on_commit
from kaltura_bridge.recipes.shared import MODES
from kaltura_bridge.sync import states


@receiver(signals.programme_changed)
def touch_targets(
    sender: None, changed: Sequence[states.Planned], removed: Sequence[states.Planned], **_: Any
) -> None:
    """Each target once, however much of it the transaction changed."""
    one = changed[0] if len(changed) == 1 and not removed else None
    if isinstance(one, Session) and not _may_share(one):
        states.touch(one)  # What is done most often takes one query.
    else:
        states.touch_together(changed, removed, also=_followers(changed, removed))
    notify_worker_on_commit()


def _may_share(session: Session) -> bool:
    """Whether the track may have to make a room for it, or no longer."""
    return session.track_id is not None and session.session_type in MODES


def _followers(
    changed: Sequence[states.Planned], removed: Sequence[states.Planned]
) -> models.QuerySet[SyncTarget]:
    """What stands at Kaltura with something of these objects in it, and so is due as well.

    The event's name and zone stand in its sessions' metadata and tags, a track's name in
    the tags of its sessions; a track that shares its rooms makes one for them.
    """
    sessions = [thing for thing in (*changed, *removed) if isinstance(thing, Session)]
    sharing = Track.objects.filter(
        pk__in=[session.track_id for session in sessions if _may_share(session)],
        event__delivery__room_sharing=RoomSharing.TRACK,
    ).values("uuid")
    events = [thing.uuid for thing in changed if isinstance(thing, Event)]
    tracks = [thing.pk for thing in changed if isinstance(thing, Track)]
    in_tracks = Session.objects.filter(track__in=tracks).values("uuid")
    return SyncTarget.objects.filter(
        Q(event_uuid__in=events, removed=False) & ~Q(kind=TargetKind.MEMBER)
        | Q(kind=TargetKind.SESSION, object_uuid__in=in_tracks)
        | Q(kind=TargetKind.TRACK, object_uuid__in=sharing)
    )


@receiver(post_save, sender=EventDelivery)
@receiver(post_save, sender=SessionDelivery)
def note_saved_delivery(
    sender: type[models.Model],
    instance: EventDelivery | SessionDelivery,
    using: str,
    **_: Any,
) -> None:
    """How something is delivered is part of it."""
    _note_delivered(instance, using)


@receiver(post_delete, sender=EventDelivery)
@receiver(post_delete, sender=SessionDelivery)
def note_deleted_delivery(
    sender: type[models.Model],
    instance: EventDelivery | SessionDelivery,
    using: str,
    **_: Any,
) -> None:
    """Back to what is inherited. What is deleted with it is not reported as changed."""
    _note_delivered(instance, using)


def _note_delivered(delivery: EventDelivery | SessionDelivery, using: str) -> None:
    if isinstance(delivery, EventDelivery):
        note_changed(Event, [delivery.event_id], using)
    else:
        note_changed(Session, [delivery.session_id], using)


@receiver(signals.event_cloned)
def copy_delivery(
    sender: type, original: Event, copy: Event, sessions: Mapping[int, Session], **kwargs: Any
) -> None:
    """What an event and its sessions decided counts for the copy too."""
    for decided in EventDelivery.objects.filter(event=original):
        _save_copy(decided, event=copy)
    for own in SessionDelivery.objects.filter(session__in=sessions).order_by("pk"):
        _save_copy(own, session=sessions[own.session_id])
    copy_rules(original, copy)


def _save_copy(delivery: EventDelivery | SessionDelivery, **belongs_to: Event | Session) -> None:
    same = {
        field.attname: getattr(delivery, field.attname)
        for field in delivery._meta.concrete_fields
        if not field.primary_key and field.name not in belongs_to
    }
    type(delivery)(**same, **belongs_to).save()
