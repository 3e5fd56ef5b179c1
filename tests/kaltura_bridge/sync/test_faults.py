"""Every remote call can fail half-way, twice and late; nothing is lost or doubled."""

from __future__ import annotations

import pytest

from events.models import Session
from kaltura_bridge.models import Account, RemoteLink, SyncTarget
from kaltura_bridge.sync import batch, pause, service
from tests.factories import WebcastFactory
from tests.kaltura_bridge.support.planning import (
    exactly_planned,
    in_step,
    planned_event,
    settle,
    states,
)

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgres]

ADDS = [
    "category.add",
    "liveStream.add",
    "room.add",
    "metadata.add",
    "scheduleEvent.add",
    "categoryEntry.add",
]


def test_tests_run_on_the_database_they_say(settings):
    from django.db import connection

    assert connection.vendor in settings.DATABASES["default"]["ENGINE"]


@pytest.mark.parametrize("action", ADDS)
@pytest.mark.parametrize("mode", ["lose_reply", "cut_reply"])
def test_add_whose_reply_is_lost_is_found_again(simulator, settings, action, mode):
    settings.KALTURA_INDEX_DELAY_S = 0.6
    simulator.set_index_delay(0.3)
    event = planned_event()
    simulator.fault(action, mode, times=1)

    settle(event, 30)

    assert (exactly_planned(event, simulator), in_step(event)) == (True, True)


@pytest.mark.parametrize("action", ["category.update", "metadata.update", "scheduleEvent.update"])
def test_update_whose_reply_is_lost_is_sent_again(simulator, action):
    event = planned_event()
    settle(event)
    simulator.lose_reply(action)
    event.title, event.timezone = "Autumn", "Europe/Paris"
    event.save()
    session = event.sessions.get(title="Keynote")
    session.title = "Opening"
    session.save()

    settle(event, 30)

    assert (exactly_planned(event, simulator), in_step(event)) == (True, True)
    assert "Autumn" in {row["name"] for row in simulator.objects("category")}


@pytest.mark.parametrize("action", ["baseEntry.delete", "scheduleEvent.delete", "category.delete"])
def test_delete_whose_reply_is_lost_is_done(simulator, action):
    event = planned_event()
    settle(event)
    simulator.lose_reply(action)

    event.sessions.get(title="Keynote").delete()
    event.tracks.get().delete()
    settle(event, 30)

    assert (exactly_planned(event, simulator), in_step(event)) == (True, True)


@pytest.mark.parametrize(
    ("mode", "how"),
    [
        ("status_429", {"retry_after": 1}),
        ("status_429", {}),
        ("status_5xx", {}),
        ("rate_limited", {}),
        ("expired_ks", {}),
        ("api_error", {"code": "CATEGORIES_LOCKED", "message": "Categories are locked"}),
        ("refuse", {}),
    ],
)
def test_passing_trouble_passes_by_itself(simulator, mode, how):
    event = planned_event()
    simulator.fault("*", mode, times=3, **how)

    settle(event, 40)

    assert (exactly_planned(event, simulator), in_step(event)) == (True, True)


def test_stale_list_makes_no_double(simulator, settings):
    """Kaltura's lists lag: our own fresh objects must not look missing."""
    settings.KALTURA_INDEX_DELAY_S = 2
    simulator.set_index_delay(1)
    event = planned_event()
    settle(event)
    session = event.sessions.get(title="Keynote")
    session.title = "Opening"
    session.save()

    settle(event)
    work = service.sync_event(event, 20)

    assert (exactly_planned(event, simulator), work.writes, in_step(event)) == (True, 0, True)


def test_lost_database_finds_its_objects_again_by_key(simulator):
    event = planned_event()
    settle(event)
    SyncTarget.objects.all().delete()

    service.sync_event(event, 20)

    assert (exactly_planned(event, simulator), in_step(event)) == (True, True)
    assert RemoteLink.objects.count() == 12


def test_outage_says_why_it_waits_and_ends_by_itself(simulator):
    event = planned_event()
    simulator.kill()

    service.sync_due()
    WebcastFactory(event=event, title="Saved while Kaltura is down")
    waiting = SyncTarget.objects.get(title="Keynote")
    account = Account.objects.get()
    resting = pause.is_paused()
    simulator.restart()
    Account.objects.update(paused_until=None)  # as when its rest has passed
    service.sync_due()

    assert (waiting.state, waiting.error) == (
        "pending",
        "Kaltura does not answer (connection refused); we keep trying.",
    )
    assert (resting, account.error_kind, account.failures) == (True, "unavailable", 1)
    assert (exactly_planned(event, simulator), in_step(event)) == (True, True)
    assert Account.objects.get().failures == 0


def test_wrong_secret_stops_the_account_without_a_storm(simulator, settings):
    settings.KALTURA_ADMIN_SECRET = "f" * 32
    event = planned_event()

    service.sync_due()
    calls = simulator.calls()
    service.sync_due()

    account = Account.objects.get()
    assert (account.error_kind, pause.is_paused(), simulator.calls()) == (
        "credentials",
        True,
        calls,
    )
    assert set(states(event).values()) == {("pending", "credentials")}


def test_ks_that_runs_out_is_made_anew_once(simulator):
    event = planned_event()
    simulator.fault("category.add", "expired_ks", times=1)

    settle(event)

    assert (exactly_planned(event, simulator), in_step(event)) == (True, True)


def test_change_to_what_is_on_air_waits_for_the_end_of_the_broadcast(simulator):
    event = planned_event()
    settle(event)
    link = RemoteLink.objects.get(kind="entry")
    simulator.switch(link.remote_id, "on_air")

    event.sessions.get(title="Keynote").delete()
    settle(event, 0)
    waiting = states(event)["Keynote"]
    simulator.switch(link.remote_id, "off")
    simulator.advance(10)
    settle(event, 30)

    assert waiting == ("pending", "on air")
    assert (exactly_planned(event, simulator), in_step(event)) == (True, True)


def test_edit_during_send_is_sent_too(simulator, monkeypatch):
    """The edit comes after the sender read the domain and before it ended."""
    event = planned_event()
    original = batch.release

    def edit_first(state, holder):
        if not Session.objects.filter(title="Edited").exists():
            session = Session.objects.get(title="Keynote")
            session.title = "Edited"
            session.save()
        original(state, holder)

    monkeypatch.setattr(batch, "release", edit_first)
    settle(event)

    assert "Edited" in {row["name"] for row in simulator.objects("entry")}
    assert (exactly_planned(event, simulator), in_step(event)) == (True, True)


@pytest.mark.parametrize("is_unknown", [True, False])
def test_account_that_kaltura_blocks_or_does_not_know_rests(simulator, settings, is_unknown):
    """Nothing fails object by object, and people read which setting to look at."""
    event = planned_event()
    if is_unknown:
        settings.KALTURA_PARTNER_ID = 99999
    else:
        simulator.block()

    settle(event, 0)
    told = Account.objects.get(partner_id=settings.KALTURA_PARTNER_ID)
    waiting = set(states(event).values())
    settings.KALTURA_PARTNER_ID = simulator.partner_id
    simulator.block(False)
    settle(event)

    assert (told.error_kind, "KALTURA_PARTNER_ID" in told.error) == ("credentials", True)
    assert waiting == {("pending", "credentials")}
    assert (exactly_planned(event, simulator), in_step(event)) == (True, True)
