"""Lists that lag longer than the setting says: nothing fails for good, nothing is made twice."""

from __future__ import annotations

import time
from datetime import timedelta

import pytest
from django.utils import timezone

from events import actions
from events.models import Session
from kaltura_bridge.api import account
from kaltura_bridge.api.client import new
from kaltura_bridge.models import Account, RemoteLink, SyncTarget
from kaltura_bridge.sync import lag, service
from tests.kaltura_bridge.support.at_kaltura import at_kaltura
from tests.kaltura_bridge.support.dying_cases import LIVES
from tests.kaltura_bridge.support.oracle import differences
from tests.kaltura_bridge.support.planning import settle
from tests.kaltura_bridge.support.recipe_cases import (
    CASES,
    SIMULIVE_PROFILE,
    become,
    decide,
    planned,
)

pytestmark = [pytest.mark.django_db(transaction=True)]

SETTING_S, LAG_S = 0.5, 2.0


@pytest.fixture(autouse=True)
def lagging(simulator, settings, monkeypatch):
    settings.KALTURA_SIMULIVE_ACCESS_CONTROL_ID = SIMULIVE_PROFILE
    settings.KALTURA_INDEX_DELAY_S = SETTING_S
    simulator.set_index_delay(LAG_S)
    monkeypatch.setattr(service, "POLL_S", 0.05)


def told():
    return set(SyncTarget.objects.values_list("state", "error"))


@pytest.mark.parametrize("life", ["first", "change", "another type", "end"])
@pytest.mark.parametrize("name", list(CASES))
def test_a_life_without_faults(simulator, name, life):
    session = planned(name)
    settle(session.event)
    LIVES[life](session)

    service.settle(SyncTarget.objects.all(), 30)

    events = [] if life == "end" else [session.event]
    assert (told(), differences(simulator, *events)) == ({("synced", "")} if events else set(), [])
    assert sum(service.sync_event(event, 20).writes for event in events) == 0


@pytest.mark.parametrize(
    "action",
    [
        "category.add",
        "liveStream.add",
        "metadata.add",
        "scheduleEvent.add",
        "categoryEntry.add",
        "scheduleEvent.delete",
        "baseEntry.delete",
    ],
)
@pytest.mark.parametrize("name", ["webcast", "simulive"])
def test_a_lost_reply(simulator, name, action):
    session = planned(name)
    if action.endswith("delete"):
        settle(session.event)
        LIVES["another type"](session)
    simulator.lose_reply(action)

    service.settle(SyncTarget.objects.all(), 40)
    first = told()
    simulator.advance(LAG_S)
    service.sync_event(session.event, 20)  # finds what lists had not shown in time

    assert (first, told()) == ({("synced", "")}, {("synced", "")})
    assert differences(simulator, session.event) == []
    assert service.sync_event(session.event, 20).writes == 0


@pytest.mark.parametrize("name", ["webcast", "simulive", "interactive", "legacy interactive"])
def test_there_and_back(simulator, name):
    session = planned(name)
    settle(session.event)
    for other in ("webinar", name, "webcast", name):
        become(session, other)
        service.sync_due(SyncTarget.objects.all())

    service.settle(SyncTarget.objects.all(), 40)

    assert (told(), differences(simulator, session.event)) == ({("synced", "")}, [])


def test_clips_put_in_and_taken_out(simulator):
    session = planned("simulive")
    settle(session.event)
    for clip in ("", "0_videotwo", ""):
        decide(session, pre_clip_id=clip)
        service.sync_due(SyncTarget.objects.all())

    service.settle(SyncTarget.objects.all(), 40)

    assert (told(), differences(simulator, session.event)) == ({("synced", "")}, [])


def test_moves_forth_and_back(simulator):
    session = planned("simulive")
    settle(session.event)
    for minutes in (30, -10, 50, -30):
        fresh = Session.objects.get(pk=session.pk)
        by = timedelta(minutes=minutes)
        actions.move_session(fresh, fresh.starts_at + by, fresh.ends_at + by)
        service.sync_due(SyncTarget.objects.all())

    service.settle(SyncTarget.objects.all(), 40)

    assert (told(), differences(simulator, session.event)) == ({("synced", "")}, [])


# What is seen, and what follows


def written_a_moment_ago(simulator):
    session = planned("webcast")
    settle(session.event)
    return session


def test_own_writes_that_no_list_shows_stretch_the_wait(simulator):
    session = written_a_moment_ago(simulator)
    before = lag.index_delay().total_seconds()
    time.sleep(SETTING_S)

    service.sync_event(session.event)

    seen = Account.objects.get().lag_s
    assert (before, seen > SETTING_S) == (SETTING_S, True)
    assert lag.index_delay().total_seconds() == pytest.approx(seen * lag.STRETCH, abs=0.05)


def test_what_was_seen_halves_by_the_hour_and_never_undercuts_the_setting(simulator):
    seen_at = timezone.now() - timedelta(hours=2)
    account.account()
    Account.objects.update(lag_s=8.0, lag_seen_at=seen_at)
    two_hours = lag.index_delay().total_seconds()
    Account.objects.update(lag_seen_at=seen_at - timedelta(hours=20))
    a_day = lag.index_delay().total_seconds()
    Account.objects.update(lag_s=10_000.0, lag_seen_at=timezone.now())

    assert (two_hours, a_day) == (pytest.approx(3.0, abs=0.1), SETTING_S)
    assert lag.index_delay() == lag.LONGEST


@pytest.mark.parametrize("kind", ["baseEntry.list", "category.list"])
def test_a_list_that_lost_something_says_nothing_about_the_lag(simulator, kind):
    simulator.set_index_delay(0)
    session = written_a_moment_ago(simulator)
    simulator.fault(kind, "lose_item")

    service.sync_event(session.event)

    assert Account.objects.get().lag_s == 0


def test_what_was_written_long_ago_and_is_not_listed_says_nothing_either(simulator):
    session = written_a_moment_ago(simulator)
    RemoteLink.objects.update(pushed_at=timezone.now() - timedelta(hours=1))

    service.sync_event(session.event)

    assert Account.objects.get().lag_s == 0


def test_a_deleted_object_that_a_list_shows_stretches_the_wait(simulator):
    simulator.set_index_delay(0)
    session = written_a_moment_ago(simulator)
    simulator.set_index_delay(LAG_S)
    actions.cancel_session(session)
    settle(session.event)
    time.sleep(SETTING_S)

    service.sync_event(session.event)

    assert Account.objects.get().lag_s > SETTING_S


def test_a_double_that_somebody_else_made_is_reported_and_stays(simulator):
    simulator.set_index_delay(0)
    simulator.lose_reply("liveStream.add")
    session = planned("webcast")
    settle(session.event)
    RemoteLink.objects.filter(kind="entry").update(doubts=[time.time() - 3600])
    key = RemoteLink.objects.get(kind="entry").key
    copy = new("KalturaLiveStreamEntry", name="Copy", referenceId=key, mediaType=201)
    made = at_kaltura(lambda c: c.liveStream.add(copy, "32"))
    RemoteLink.objects.update(pushed_at=timezone.now() - timedelta(hours=1))

    service.sync_event(session.event)

    target = SyncTarget.objects.get(title="Keynote")
    assert (target.state, target.error_kind) == ("failed", "doubles")
    assert made.id in [row["id"] for row in simulator.objects("liveStream")]
