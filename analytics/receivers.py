"""When a session's window moves, or what somebody is there, attendance is computed again."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from functools import partial
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.db.models.signals import post_delete, post_save
from django.dispatch import receiver

from analytics.figures.basis import moved_among
from analytics.figures.left_out import sessions_under_tokens
from analytics.figures.versions import note_changed
from analytics.match import in_batches
from analytics.models import Coverage, EventPrivacy, PresenceSetting, SessionAttendance
from analytics.privacy.consent import forget
from events.models import Event, Registration, Session, TeamMember, Track
from events.signals import event_cloned, people_registered, people_withdrew, programme_changed

logger = logging.getLogger(__name__)


@receiver(programme_changed)
def renew_on_commit(sender: None, changed: Sequence[Event | Track | Session], **_: Any) -> None:
    """Have sessions computed again, once the change is committed.

    Their own times may have changed, or how early their event opens its doors and how long
    it lets them overrun. Sessions without coverage need nothing: no source was ever asked
    about them. Nor do those whose titles or texts were edited.
    """
    sessions = [thing.pk for thing in changed if isinstance(thing, Session)]
    events = [thing.pk for thing in changed if isinstance(thing, Event)]
    asked = Coverage.objects.filter(Q(session__in=sessions) | Q(session__event__in=events))
    pks = sorted(set(asked.order_by().values_list("session_id", flat=True)))
    for batch in in_batches(pks, 50):
        transaction.on_commit(partial(_renew_moved, list(batch)))


def _renew_moved(session_pks: list[int]) -> None:
    if moved := moved_among(session_pks):
        notify_worker(moved)


@receiver(post_save, sender=Registration)
@receiver(post_delete, sender=Registration)
@receiver(post_save, sender=TeamMember)
@receiver(post_delete, sender=TeamMember)
def renew_where_seen(sender: type, instance: Registration | TeamMember, **_: Any) -> None:
    """Have the sessions computed again in which this person was seen.

    Figures tell registered people from others, and count the staff apart.
    """
    _renew_where_seen(instance.event_id, [instance.user_id])
    if isinstance(instance, TeamMember):
        pks = sorted(sessions_under_tokens(instance.event, [instance.user_id]))
        for batch in in_batches(pks, 50):
            transaction.on_commit(partial(notify_worker, list(batch)))


@receiver(people_registered)
@receiver(people_withdrew)
def renew_where_many_were_seen(
    sender: type[Event], event: Event, user_ids: Sequence[int], **_: Any
) -> None:
    """The same for people who are registered together, and for who withdraws."""
    _renew_where_seen(event.pk, user_ids)


def _renew_where_seen(event_pk: int, user_ids: Sequence[int]) -> None:
    seen = SessionAttendance.objects.filter(session__event=event_pk, user__in=user_ids)
    pks = list(seen.order_by().values_list("session_id", flat=True).distinct())
    if pks:
        transaction.on_commit(partial(notify_worker, pks))


def notify_worker(session_pks: list[int]) -> None:
    """Wake a worker. If the message is lost, the next pull computes the sessions again."""
    # Not in the transaction of the edit, which would wait for whoever computes just now.
    note_changed(session_pks)
    # Imported here: apps.py imports this module, and Celery's tasks need all apps loaded.
    from analytics.tasks import renew_figures

    try:
        renew_figures.delay(session_pks)
    except Exception as error:  # the broker's own errors differ by broker
        logger.warning(
            "The broker did not take the wake-up (%s); the next pull will do the work", error
        )


@receiver(event_cloned)
def copy_presence_setting(sender: type[Event], original: Event, copy: Event, **_: Any) -> None:
    """A copy asks and counts as its original does; what people answered is not copied."""
    if found := PresenceSetting.objects.filter(event=original).first():
        PresenceSetting.objects.create(
            event=copy, is_on=found.is_on, enough_percent=found.enough_percent
        )


@receiver(post_save, sender=PresenceSetting)
@receiver(post_save, sender=EventPrivacy)
def forget_whether_asked(sender: type, instance: PresenceSetting | EventPrivacy, **_: Any) -> None:
    """Join pages learn at once, in this process; in others within half a minute."""
    transaction.on_commit(partial(forget, instance.event))
