"""Whoever comes to an event or leaves it becomes due at once, in the same transaction.

What the event itself chooses is followed by the worker that sends the event (following.py).
What these signals do not tell (restored data, a speaker's page that gets another account, the
shell) the sweep finds: those who were never told of every ten minutes, the rest within an hour.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any
from uuid import UUID

from django.db import models
from django.db.models.signals import post_delete, post_save
from django.dispatch import receiver

from events import signals
from events.models import Event, Registration, SessionSpeaker, Speaker, TeamMember, User
from kaltura_bridge.members.people import events_with_members, member_uuid, members_of
from kaltura_bridge.models import SyncTarget, TargetKind
from kaltura_bridge.queue import notify_worker_on_commit
from kaltura_bridge.sync import states


def touch_people(event_id: int, people: Collection[UUID]) -> None:
    """Tell the sync that these came, left or got another role. Free where nobody is told of."""
    event = events_with_members().filter(pk=event_id).first()
    if event is None:
        return
    present = members_of([event], people)
    states.touch_together(present, [], also=SyncTarget.objects.none())
    gone = set(people) - {member.user_uuid for member in present}
    states.remove_all(_targets_of(event.uuid, gone))
    notify_worker_on_commit()


def _targets_of(event_uuid: UUID, people: Collection[UUID]) -> models.QuerySet[SyncTarget]:
    uuids = [member_uuid(event_uuid, person) for person in people]
    return SyncTarget.objects.filter(kind=TargetKind.MEMBER, object_uuid__in=uuids)


# One person


@receiver(post_save, sender=Registration)
@receiver(post_save, sender=TeamMember)
@receiver(post_save, sender=Speaker)
def note_person(instance: Registration | TeamMember | Speaker, raw: bool, **_: Any) -> None:
    """Somebody came, left, or got another role."""
    if not raw and instance.user is not None:
        touch_people(instance.event_id, [instance.user.uuid])


@receiver(post_delete, sender=Registration)
@receiver(post_delete, sender=TeamMember)
@receiver(post_delete, sender=Speaker)
def note_person_gone(
    sender: type[models.Model],
    instance: Registration | TeamMember | Speaker,
    origin: Any,
    **_: Any,
) -> None:
    """Somebody's row is deleted by itself; with event or account, those are told of instead."""
    if _is_of(origin, sender) and instance.user is not None:
        touch_people(instance.event_id, [instance.user.uuid])


def _is_of(origin: Any, model: type[models.Model]) -> bool:
    """Whether a deletion began with objects of this model."""
    began_with = origin.model if isinstance(origin, models.QuerySet) else type(origin)
    return began_with is model


@receiver(post_save, sender=SessionSpeaker)
def note_stage(instance: SessionSpeaker, raw: bool, **_: Any) -> None:
    """Who moderates a session is a moderator of the category."""
    speaker = instance.speaker
    if not raw and speaker.user_id and speaker.user is not None:
        touch_people(speaker.event_id, [speaker.user.uuid])


@receiver(post_delete, sender=User)
def note_erased(instance: User, **_: Any) -> None:
    """Nobody whose account is gone stays a member anywhere."""
    _leave_everywhere(instance)


@receiver(post_save, sender=User)
def note_deactivated(instance: User, created: bool, **_: Any) -> None:
    """Nor anybody who may not sign in any more."""
    if not instance.is_active and not created:
        _leave_everywhere(instance)


def _leave_everywhere(user: User) -> None:
    members = SyncTarget.objects.filter(kind=TargetKind.MEMBER, removed=False).order_by()
    uuids = [
        member_uuid(event_uuid, user.uuid)
        for event_uuid in members.values_list("event_uuid", flat=True).distinct()
    ]
    if uuids and states.remove_all(members.filter(object_uuid__in=uuids)):
        notify_worker_on_commit()


# Many at once


@receiver(signals.people_registered)
@receiver(signals.people_withdrew)
def note_people(event: Event, user_ids: Collection[int], **_: Any) -> None:
    """Many people came or left, of whom Django's own signals tell nothing."""
    people = User.objects.filter(pk__in=user_ids).values_list("uuid", flat=True)
    touch_people(event.pk, list(people))
