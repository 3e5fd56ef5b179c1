"""The periodic safety net: reads Kaltura back and finds what slipped by."""

from __future__ import annotations

from datetime import timedelta
from math import inf

from django.db.models import Q
from django.utils import timezone

from events.models import Event
from kaltura_bridge.models import (
    Notification,
    OrphanScan,
    RelinkLookup,
    SyncAttempt,
    SyncState,
    SyncTarget,
)
from kaltura_bridge.sync import states
from kaltura_bridge.sync.dependants import left_behind
from kaltura_bridge.sync.service import ensure_targets, sync_due
from kaltura_bridge.sync.work import Work

READ_BACK_EVERY = timedelta(minutes=10)
READ_BACK_PAST_EVERY = timedelta(days=1)
PAST = timedelta(days=7)
KEEP_HISTORY = timedelta(days=30)


def sweep(for_s: float = inf) -> Work:
    """Touch what was never touched and what was not read back lately, then sync.

    An object in sync is read and compared, and written only if the plan differs from
    what we last wrote; what someone changed at Kaltura is reported, not overwritten. Ends
    after ``for_s`` seconds; the next sweep goes on.
    """
    # Restored data came without a signal.
    for event in Event.objects.all():
        ensure_targets(event)
    states.touch_all(SyncTarget.objects.filter(read_long_ago(), state=SyncState.SYNCED, holder=""))
    states.touch_all(left_behind())
    SyncAttempt.objects.filter(at__lt=timezone.now() - KEEP_HISTORY).delete()
    Notification.objects.filter(received_at__lt=timezone.now() - Notification.KEPT_FOR).delete()
    OrphanScan.objects.filter(asked_at__lt=timezone.now() - KEEP_HISTORY).delete()
    RelinkLookup.objects.filter(asked_at__lt=timezone.now() - RelinkLookup.FRESH_FOR).delete()
    return sync_due(for_s=for_s)


def read_long_ago() -> Q:
    """Targets to read back: of current events every ten minutes, of past ones once a day."""
    now = timezone.now()
    past = Event.objects.filter(ends_on__lt=(now - PAST).date()).values("uuid")
    return Q(synced_at__lt=now - READ_BACK_PAST_EVERY) | (
        Q(synced_at__lt=now - READ_BACK_EVERY) & ~Q(event_uuid__in=past)
    )
