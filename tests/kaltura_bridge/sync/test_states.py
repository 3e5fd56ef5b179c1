"""Claims, leases and edits in between: who may move a target, and when."""

from __future__ import annotations

import threading
import time
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.utils import timezone

from kaltura_bridge.models import SyncState, SyncTarget
from kaltura_bridge.sync import states
from tests.factories import EventFactory, SessionFactory

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgres]


@pytest.fixture
def event():
    return EventFactory()


def the_target():
    return SyncTarget.objects.get()


def claim(limit=10):
    return states.claim(SyncTarget.objects.all(), limit)


def test_new_object_waits_and_is_due(event):
    assert (the_target().state, SyncTarget.objects.filter(states.due()).count()) == ("pending", 1)


def test_claimed_target_is_nobody_elses(event):
    holder, mine = claim()
    _, others = claim()

    assert ([t.state for t in mine], others) == ([SyncState.SENDING], [])
    assert the_target().holder == holder


def test_edit_during_send_keeps_the_hold_and_the_edit(event):
    holder, (target,) = claim()
    states.touch(event)

    taken_early = claim()[1]
    ended = states.release(target, holder, SyncState.SYNCED)
    _, again = claim()

    assert (taken_early, ended) == ([], False)
    assert [t.pk for t in again] == [target.pk]


def test_end_moves_on_when_nobody_edited(event):
    holder, (target,) = claim()

    assert states.release(target, holder, SyncState.SYNCED, error="")
    assert (the_target().state, the_target().holder, the_target().lease_until) == (
        "synced",
        "",
        None,
    )


def test_step_that_does_not_exist_is_refused(event):
    holder, (target,) = claim()

    with pytest.raises(states.IllegalMove):
        states.release(target, holder, "never")


def test_lease_that_ran_out_is_claimed_by_another(event):
    holder, (target,) = claim()
    SyncTarget.objects.update(lease_until=timezone.now() - timedelta(seconds=1))

    other, taken = claim()

    assert [t.pk for t in taken] == [target.pk]
    assert states.renew(holder, [target]) == set()
    assert states.release(target, holder, SyncState.SYNCED) is False
    assert the_target().holder == other


def test_living_senders_are_not_freed(event):
    claim()

    assert states.expire_dead_leases() == 0


def test_many_claimers_get_every_target_once():
    for _ in range(30):
        EventFactory()
    claimed: list[int] = []
    begin = threading.Barrier(4)

    def work():
        begin.wait()
        try:
            while True:
                mine = claim(limit=4)[1]
                if not mine:
                    break
                claimed.extend(t.pk for t in mine)
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(claimed) == sorted(SyncTarget.objects.values_list("pk", flat=True))


def test_parents_are_claimed_before_children():
    from tests.factories import TrackFactory, WebcastFactory

    event = EventFactory()
    WebcastFactory(event=event, track=TrackFactory(event=event))
    kinds = [claim(limit=1)[1][0].kind for _ in range(3)]

    assert kinds == ["event", "track", "session"]


def test_targets_touched_together_are_touched_once_each():
    event = EventFactory(title="Event")
    kept, gone = (SessionFactory(event=event, title=title) for title in ("Kept", "Gone"))
    SyncTarget.objects.update(state=SyncState.SYNCED, version=10)
    unknown = SessionFactory.build(event=event, title="New")
    kept.title = "Renamed"

    mine = SyncTarget.objects.filter(event_uuid=event.uuid)
    states.touch_together([kept, unknown], removed=[gone], also=mine)

    rows = SyncTarget.objects.order_by("title")
    assert list(rows.values_list("title", "state", "version", "removed")) == [
        ("Event", "pending", 11, False),
        ("Gone", "pending", 11, True),
        ("New", "pending", 1, False),
        ("Renamed", "pending", 11, False),
    ]


@pytest.mark.parametrize("count", [2, 40])
def test_touching_together_takes_a_handful_of_queries(count, django_assert_num_queries):
    event = EventFactory()
    known = SessionFactory.create_batch(count, event=event)
    new = [SessionFactory.build(event=event) for _ in range(count)]

    # Begin, look, three updates, and an insert in a savepoint, commit.
    with django_assert_num_queries(8):
        states.touch_together([*known[1:], *new], removed=known[:1], also=SyncTarget.objects.none())


def test_target_that_another_edit_made_meanwhile_is_touched():
    event = EventFactory()
    session, other = (SessionFactory.build(event=event, title=title) for title in ("One", "Two"))
    states.touch(session)  # Somebody else's edit, after we looked for targets and saw none.

    states._add_targets([(session, False), (other, False)])

    rows = SyncTarget.objects.filter(kind="session").order_by("title")
    assert list(rows.values_list("title", "version")) == [("One", 2), ("Two", 1)]


@pytest.mark.postgres_only
def test_sender_waits_for_no_editor():
    """An edit that is not committed holds up neither a claim nor a renewal of the others."""
    EventFactory.create_batch(2)
    edited = EventFactory()
    holder, held = claim()
    edit_is_open, may_commit = threading.Event(), threading.Event()

    def edit():
        with transaction.atomic():
            states.touch(edited)
            edit_is_open.set()
            may_commit.wait(10)
        connection.close()

    editor = threading.Thread(target=edit)
    editor.start()
    edit_is_open.wait(10)
    began = time.monotonic()
    still_held = states.renew(holder, held)
    SyncTarget.objects.filter(pk=held[0].pk).update(lease_until=timezone.now())
    claimed = claim()[1]
    took = time.monotonic() - began
    may_commit.set()
    editor.join()

    assert still_held == {t.pk for t in held}
    assert ([t.pk for t in claimed], took < 5) == ([held[0].pk], True)
