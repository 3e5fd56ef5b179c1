"""The safety net: reads back what is in sync, without writing and without noise."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from kaltura_bridge.api.account import account
from kaltura_bridge.models import Account, SyncAttempt, SyncTarget
from kaltura_bridge.repair import actions
from kaltura_bridge.sync import reconcile, service
from tests.factories import EventFactory
from tests.kaltura_bridge.support.planning import in_step, planned_event, settle

pytestmark = [pytest.mark.django_db(transaction=True)]


def age(**ago):
    SyncTarget.objects.update(synced_at=timezone.now() - timedelta(**ago))


def test_sweep_reads_back_what_was_read_long_ago(simulator):
    event = planned_event()
    settle(event)
    history = SyncAttempt.objects.count()
    age(minutes=11)

    work = reconcile.sweep()

    assert (work.calls > 0, work.writes, in_step(event)) == (True, 0, True)
    assert SyncAttempt.objects.count() == history


def test_sweep_leaves_what_was_just_read(simulator):
    settle(planned_event())

    assert reconcile.sweep().calls == 0


def test_past_event_is_read_back_once_a_day(simulator):
    first_day = timezone.now().date() - timedelta(days=30)
    event = EventFactory(starts_on=first_day)
    settle(event)
    age(hours=2)
    within_the_day = reconcile.sweep().calls
    age(days=2)

    assert (within_the_day, reconcile.sweep().calls > 0) == (0, True)


def test_sweep_finds_what_no_signal_told(simulator):
    event = planned_event()
    SyncTarget.objects.all().delete()

    reconcile.sweep()

    assert in_step(event)


def test_old_history_goes(simulator):
    settle(planned_event())
    SyncAttempt.objects.update(at=timezone.now() - timedelta(days=31))

    reconcile.sweep()

    assert SyncAttempt.objects.count() == 0


def test_retry_ends_the_rest_of_the_account(simulator):
    event = planned_event()
    account()
    Account.objects.update(paused_until=timezone.now() + timedelta(minutes=5), failures=1)
    resting = service.sync_due().calls

    actions.retry(service.targets_of(event))
    service.sync_due()

    assert (resting, in_step(event), Account.objects.get().failures) == (0, True, 0)
