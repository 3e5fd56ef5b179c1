"""What the sweep asks Kaltura and how often: what changed, and once an hour everything."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from events.models import Session
from kaltura_bridge.api import changes
from kaltura_bridge.api.account import resources_for
from kaltura_bridge.api.client import Kaltura, new, wire
from kaltura_bridge.api.whole_lists import CATEGORIES, Window, rest_of
from kaltura_bridge.models import Account, RemoteLink, SyncAttempt, SyncTarget
from kaltura_bridge.sync import pause, reconcile, service
from tests.factories import EventFactory, TrackFactory, WebcastFactory
from tests.kaltura_bridge.support.planning import in_step, planned_event, settle, states
from tests.kaltura_bridge.support.recipe_cases import planned

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgres]

EARLIER_S = 3600


@pytest.fixture
def event(simulator: Any) -> Any:
    """In sync and read back, as Kaltura dates it an hour ago."""
    return read_back(simulator, planned_event())


@pytest.fixture
def legacy_room(simulator: Any) -> Any:
    return read_back(simulator, planned("legacy interactive").event)


def read_back(simulator: Any, event: Any) -> Any:
    now = timezone.now().timestamp()
    simulator.set_clock(now - EARLIER_S)
    settle(event)
    service.sync_event(event, 20)
    simulator.set_clock(now)
    assert in_step(event)
    return event


def sweep_after(**ago: Any) -> Any:
    """A sweep as if this had passed since anything was read or written."""
    then = timezone.now() - timedelta(**ago)
    SyncTarget.objects.update(synced_at=then)
    # A second object is no double while lists may still show what ours has replaced.
    RemoteLink.objects.exclude(pushed_at=None).update(pushed_at=then)
    Account.objects.update(changes_read_at=None)
    return reconcile.sweep()


def remote_id(kind: str) -> str:
    return str(RemoteLink.objects.filter(kind=kind).exclude(remote_id=None)[0].remote_id)


def versions() -> dict[str, int]:
    return dict(SyncTarget.objects.values_list("title", "version"))


def drifted() -> set[str]:
    return set(SyncTarget.objects.exclude(changed_there="").values_list("changed_there", flat=True))


def test_nothing_changed_costs_one_request_and_moves_nobody(simulator, event):
    before, history = versions(), SyncAttempt.objects.count()

    work = sweep_after(minutes=11)

    assert (work.calls, work.writes, versions()) == (1, 0, before)
    assert SyncAttempt.objects.count() == history


def test_it_asks_no_more_often_than_every_ten_minutes(simulator, event):
    asked = [sweep_after(minutes=11).calls, reconcile.sweep().calls]
    Account.objects.update(changes_read_at=timezone.now() - timedelta(minutes=9))
    asked.append(reconcile.sweep().calls)
    Account.objects.update(changes_read_at=timezone.now() - timedelta(minutes=11))
    SyncTarget.objects.update(synced_at=timezone.now() - timedelta(minutes=12))
    asked.append(reconcile.sweep().calls)

    assert asked == [1, 0, 0, 1]


def _rename(what: str, kind: str, update: Any) -> Any:
    return pytest.param(kind, update, what, id=what)


CHANGES = [
    _rename(
        "Category description",
        "category",
        lambda c, i: c.category.update(i, new("KalturaCategory", description="Theirs")),
    ),
    _rename(
        "Live entry name",
        "entry",
        lambda c, i: c.liveStream.update(i, new("KalturaLiveStreamEntry", name="Theirs")),
    ),
    _rename(
        "Room name",
        "room",
        lambda c, i: c.room.room.update(i, new("KalturaRoomEntry", name="Theirs")),
    ),
    _rename(
        "Schedule event title",
        "schedule_event",
        lambda c, i: c.schedule.scheduleEvent.update(
            i, new("KalturaLiveStreamScheduleEvent", summary="Theirs")
        ),
    ),
]


@pytest.mark.parametrize(("kind", "update", "told"), CHANGES)
def test_change_of_each_kind_is_noticed_within_minutes(simulator, event, kind, update, told):
    Kaltura().one(lambda c: update(c, remote_id(kind)))

    work = sweep_after(minutes=11)

    assert (drifted(), work.writes) == ({told}, 0)


def test_change_of_a_record_is_noticed_though_its_entry_did_not_change(simulator, event):
    link = RemoteLink.objects.filter(kind="metadata", key__endswith="KMS_EVENTS3").first()
    assert link is not None
    record = Kaltura().one(lambda c: c.metadata.metadata.get(link.remote_id))
    theirs = record.xml.replace("<StartTime>", "<StartTime>1")
    Kaltura().one(lambda c: c.metadata.metadata.update(link.remote_id, theirs))

    sweep_after(minutes=11)

    assert any("Metadata start" in told for told in drifted())


def test_change_of_an_older_room_is_noticed(simulator, legacy_room):
    resource = remote_id("schedule_resource")
    theirs = new("KalturaLocationScheduleResource", name="Theirs")
    Kaltura().one(lambda c: c.schedule.scheduleResource.update(resource, theirs))

    sweep_after(minutes=11)

    assert drifted() == {"Room resource name"}


def test_cancelled_event_is_noticed_within_minutes(simulator, event):
    cancelled = remote_id("schedule_event")
    Kaltura().one(lambda c: c.schedule.scheduleEvent.cancel(cancelled))

    sweep_after(minutes=11)

    assert set(states(event).values()) == {("synced", ""), ("failed", "cancelled")}


def test_copy_with_our_key_is_noticed_within_minutes(simulator, event):
    key = RemoteLink.objects.get(kind="entry").key
    copy = new("KalturaLiveStreamEntry", name="Copy", mediaType=201, referenceId=key)
    Kaltura().one(lambda c: c.liveStream.add(copy, 32))

    sweep_after(minutes=11)

    assert states(event)["Keynote"] == ("failed", "doubles")


DELETIONS = [
    ("entry", lambda c, i: c.baseEntry.delete(i)),
    ("schedule_event", lambda c, i: c.schedule.scheduleEvent.delete(i)),
    ("metadata", lambda c, i: c.metadata.metadata.delete(i)),
    ("category_entry", lambda c, i: c.categoryEntry.delete(*reversed(i.split("|")))),
]


@pytest.mark.parametrize(("kind", "delete"), DELETIONS, ids=[kind for kind, _ in DELETIONS])
def test_deletion_is_noticed_within_the_hour(simulator, event, kind, delete):
    Kaltura().one(lambda c: delete(c, remote_id(kind)))

    sweep_after(minutes=59)

    assert ("failed", "gone") in states(event).values()


def test_look_at_everything_moves_nobody_when_nothing_differs(simulator, event):
    before, history = versions(), SyncAttempt.objects.count()
    RemoteLink.objects.update(seen_at=timezone.now() - timedelta(hours=1))
    began = timezone.now()

    work = sweep_after(minutes=59)

    assert (work.writes, versions(), SyncAttempt.objects.count()) == (0, before, history)
    assert set(SyncTarget.objects.filter(synced_at__lt=began)) == set()
    assert set(RemoteLink.objects.filter(seen_at__lt=began)) == set()


def test_what_is_due_soon_is_looked_at_together_with_what_is_due(simulator, event):
    later = timezone.now() - timedelta(minutes=50)
    SyncTarget.objects.update(synced_at=later)
    too_early = reconcile.sweep().calls
    SyncTarget.objects.filter(title="Spring").update(
        synced_at=timezone.now() - timedelta(minutes=59)
    )
    reconcile.sweep()

    assert too_early == 1  # what changed is asked for all the same
    assert not SyncTarget.objects.filter(synced_at__lte=later).exists()


def test_known_drift_is_told_once(simulator, event):
    entry = remote_id("entry")
    theirs = new("KalturaLiveStreamEntry", name="Theirs")
    Kaltura().one(lambda c: c.liveStream.update(entry, theirs))
    sweep_after(minutes=59)
    before, history = versions(), SyncAttempt.objects.count()

    sweep_after(minutes=59)

    assert (drifted(), versions()) == ({"Live entry name"}, before)
    assert SyncAttempt.objects.count() == history


def test_edit_that_no_signal_told_reaches_kaltura_within_the_hour(simulator, event):
    Session.objects.filter(title="Keynote").update(title="Renamed")

    sweep_after(minutes=59)

    assert "Renamed" in {row["name"] for row in simulator.objects("entry")}


def test_own_writes_are_read_back_once(simulator, event):
    simulator.set_clock(timezone.now().timestamp())
    session = event.sessions.get(title="Keynote")
    session.title = "Opening"
    session.save()
    settle(event)
    before = versions()

    sweep_after(minutes=11)
    moved = {title for title, version in versions().items() if version != before[title]}

    # A category changes with the entries in it, as Kaltura counts them.
    assert (moved - {"Ethics", "Spring"}, in_step(event)) == ({"Opening"}, True)


def test_kaltura_away_pauses_the_account_and_moves_nobody(simulator, event):
    before = versions()
    simulator.kill()

    sweep_after(minutes=59)
    account = Account.objects.get()

    assert (versions(), pause.is_paused(), account.error_kind) == (before, True, "unavailable")
    assert in_step(event)


def test_look_that_breaks_leaves_the_objects_to_the_sync(simulator, event, monkeypatch):
    def break_down(*args: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(reconcile, "prepare", break_down)

    work = sweep_after(minutes=59)

    assert (in_step(event), work.calls > 0) == (True, True)


def test_more_changes_than_a_page_are_all_found(simulator, event, monkeypatch):
    since = timezone.now() - timedelta(hours=3)
    kaltura = Kaltura()

    def found() -> set[tuple[str, str]]:
        rows = changes.changes_since(kaltura, since, {}, resources_for(kaltura))
        return {(row.kind, row.remote_id) for row in rows}

    whole = found()
    monkeypatch.setattr(changes, "PAGE", 2)
    by_pages = found()
    window = Window(CATEGORIES, "updatedAt", int(since.timestamp()))
    small_pages = {wire(row.id) for row in rest_of(kaltura, window, 1)}

    ours = set(RemoteLink.objects.filter(kind="entry").values_list("kind", "remote_id"))
    assert (by_pages, len(whole) > 2, ours < whole) == (whole, True, True)
    assert small_pages == {remote for kind, remote in whole if kind == "category"}


@pytest.mark.parametrize("sessions", [1, 12])
def test_finding_the_untouched_takes_a_query_for_each_kind(sessions):
    event = EventFactory()
    WebcastFactory.create_batch(sessions, event=event, track=TrackFactory(event=event))

    with CaptureQueriesContext(
        connection,
    ) as queries:
        found = service.touch_unknown()

    assert (found, len(queries)) == (0, 4)
