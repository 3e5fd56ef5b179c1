"""No sync leaves a ghost: a category that Kaltura makes anew under a name that was changed.

An entry at Kaltura keeps the full names of its categories as text, renewed some time after a
rename. Whoever deletes a place before writes the old names back.
"""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from events.models import Event, Session, Track
from kaltura_bridge.api.client import new
from kaltura_bridge.models import RemoteLink, SyncTarget
from kaltura_bridge.specs import key_for
from kaltura_bridge.sync import places, service
from tests.factories import EventFactory, StudioFactory, TrackFactory, WebcastFactory
from tests.kaltura_bridge.support.at_kaltura import at_kaltura
from tests.kaltura_bridge.support.oracle import differences
from tests.kaltura_bridge.support.planning import in_step, settle

pytestmark = [pytest.mark.django_db(transaction=True)]

RENEWED_AFTER_S = 60
PROVISIONED = {"KAF", "KAF>site", "KAF>site>channels"}


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    monkeypatch.setattr(places, "LOOK_AGAIN_S", 0.05)
    monkeypatch.setattr(service, "POLL_S", 0.02)


@pytest.fixture
def keynote(simulator) -> Session:
    """A webcast in the first of two tracks, in sync; names are renewed a minute later."""
    simulator.set_background(RENEWED_AFTER_S)
    event = EventFactory(title="Spring")
    law, _ = (TrackFactory(event=event, name=name) for name in ("Law", "Arts"))
    session = WebcastFactory(event=event, track=law, title="Keynote")
    settle(event)
    simulator.advance(RENEWED_AFTER_S + 1)
    return session


def rename(planned: Event | Track, name: str) -> None:
    setattr(planned, "title" if isinstance(planned, Event) else "name", name)
    planned.save()


def move(session: Session, name: str) -> None:
    fresh = Session.objects.get(pk=session.pk)
    fresh.track = fresh.event.tracks.get(name=name)
    fresh.save()


def categories(simulator) -> set[str]:
    """The full names of all categories but the account's own."""
    return {row["fullName"] for row in simulator.objects("category")} - PROVISIONED


def homes(simulator) -> set[str]:
    """The full names of the categories that hold an entry."""
    names = {row["id"]: row["fullName"] for row in simulator.objects("category")}
    return {names[row["categoryId"]] for row in simulator.objects("categoryEntry")}


def below(*names: str) -> set[str]:
    return {f"KAF>site>channels>{name}" for name in names}


def messages() -> set[str]:
    return set(SyncTarget.objects.exclude(error="").values_list("error", flat=True))


def test_renaming_a_track_and_moving_its_session_in_one_sync(simulator, keynote):
    rename(keynote.track, "Rights")
    move(keynote, "Arts")

    settle(keynote.event)

    assert in_step(keynote.event)
    assert categories(simulator) == below("Spring", "Spring>Rights", "Spring>Arts")
    assert homes(simulator) == below("Spring>Arts")


def test_renaming_an_event_and_moving_a_session_in_one_sync(simulator, keynote):
    rename(keynote.event, "Summer")
    move(keynote, "Arts")

    settle(keynote.event)

    assert in_step(keynote.event)
    assert categories(simulator) == below("Summer", "Summer>Law", "Summer>Arts")


def test_a_place_waits_until_kaltura_has_renewed_the_names(simulator, keynote):
    rename(keynote.track, "Rights")
    settle(keynote.event)
    move(keynote, "Arts")

    settle(keynote.event, 0.5)

    assert messages() == {
        "“Keynote” stays in its old category too until Kaltura has renewed the names of "
        "categories; leaving it now would bring a category back under its old name."
    }
    assert homes(simulator) == below("Spring>Rights", "Spring>Arts")
    simulator.advance(RENEWED_AFTER_S + 1)
    SyncTarget.objects.update(next_attempt_at=timezone.now())
    settle(keynote.event)
    assert (in_step(keynote.event), homes(simulator)) == (True, below("Spring>Arts"))
    assert categories(simulator) == below("Spring", "Spring>Rights", "Spring>Arts")


def test_the_wait_grows_and_has_an_end(simulator, keynote, monkeypatch):
    monkeypatch.setattr(places, "LOOK_AGAIN_S", 5.0)
    rename(keynote.track, "Rights")
    settle(keynote.event)
    move(keynote, "Arts")

    waits = []
    for _ in range(8):
        service.sync_due(SyncTarget.objects.all())
        target = SyncTarget.objects.get(title="Keynote")
        waits.append(round((target.next_attempt_at - timezone.now()) / timedelta(seconds=1)))
        SyncTarget.objects.update(next_attempt_at=timezone.now())

    assert waits == [5, 10, 20, 40, 80, 160, 300, 300]


def test_the_new_track_may_be_the_renamed_one(simulator, keynote):
    """To leave one category costs the place in another whose name is not renewed yet."""
    simulator.answer_with("categoryEntry.delete", "INTERNAL_SERVERL_ERROR")
    move(keynote, "Arts")
    service.sync_due(SyncTarget.objects.all())
    rename(keynote.event.tracks.get(name="Arts"), "Music")
    service.sync_due(SyncTarget.objects.filter(kind="track"))

    settle(keynote.event, 0.5)
    before = homes(simulator)
    simulator.advance(RENEWED_AFTER_S + 1)
    SyncTarget.objects.update(next_attempt_at=timezone.now())
    settle(keynote.event)

    assert (before, differences(simulator, keynote.event)) == (
        below("Spring>Law", "Spring>Music"),
        [],
    )
    assert categories(simulator) == below("Spring", "Spring>Law", "Spring>Music")


def test_a_deleted_track_waits_for_the_places_in_it(simulator, keynote):
    rename(keynote.track, "Rights")
    settle(keynote.event)
    Track.objects.get(name="Rights").delete()

    settle(keynote.event, 0.5)
    before = categories(simulator)
    simulator.advance(RENEWED_AFTER_S + 1)
    SyncTarget.objects.update(next_attempt_at=timezone.now())
    settle(keynote.event)

    assert before == below("Spring", "Spring>Rights", "Spring>Arts")
    assert categories(simulator) == below("Spring", "Spring>Arts")
    assert (homes(simulator), differences(simulator, keynote.event)) == (below("Spring"), [])


def test_a_session_deleted_after_a_rename_leaves_no_ghost(simulator, keynote):
    rename(keynote.event, "Summer")
    settle(keynote.event)
    keynote.delete()

    settle(keynote.event, 0.5)
    simulator.advance(RENEWED_AFTER_S + 1)
    SyncTarget.objects.update(next_attempt_at=timezone.now())
    settle(keynote.event)

    assert differences(simulator, keynote.event) == []
    assert categories(simulator) == below("Summer", "Summer>Law", "Summer>Arts")


def test_an_event_deleted_after_a_rename_leaves_nothing(simulator, keynote):
    rename(keynote.event, "Summer")
    settle(keynote.event)
    Event.objects.get(pk=keynote.event_id).delete()

    service.settle(SyncTarget.objects.all(), 0.5)
    simulator.advance(RENEWED_AFTER_S + 1)
    SyncTarget.objects.update(next_attempt_at=timezone.now())
    service.settle(SyncTarget.objects.all(), 20)

    assert (categories(simulator), SyncTarget.objects.count()) == (set(), 0)


def test_two_rooms_of_a_studio_move_together(simulator, keynote):
    studio = StudioFactory(event=keynote.event, track=keynote.track, title="Studio")
    settle(keynote.event)
    rename(keynote.track, "Rights")
    move(studio, "Arts")

    settle(keynote.event)

    assert (in_step(keynote.event), differences(simulator, keynote.event)) == (True, [])
    assert categories(simulator) == below("Spring", "Spring>Rights", "Spring>Arts")


def test_another_type_after_a_rename(simulator, keynote):
    """What belongs to the old entry goes, and the entry itself only after it left its place."""
    rename(keynote.track, "Rights")
    settle(keynote.event)
    fresh = Session.objects.get(pk=keynote.pk)
    fresh.session_type = "interactive"
    fresh.save()

    settle(keynote.event, 0.5)
    before = [row["name"] for row in simulator.objects("liveStream")]
    simulator.advance(RENEWED_AFTER_S + 1)
    SyncTarget.objects.update(next_attempt_at=timezone.now())
    settle(keynote.event)

    assert (before, differences(simulator, keynote.event)) == (["Keynote"], [])
    assert categories(simulator) == below("Spring", "Spring>Rights", "Spring>Arts")


def test_a_rename_waits_for_another_sender_of_sessions_and_ends(simulator, keynote):
    SyncTarget.objects.filter(title="Keynote").update(
        state="sending", holder="elsewhere|1|x", lease_until=timezone.now() + timedelta(hours=1)
    )
    rename(keynote.track, "Rights")

    service.sync_due(SyncTarget.objects.all())
    before = messages(), categories(simulator)
    SyncTarget.objects.update(state="pending", holder="", lease_until=None)
    SyncTarget.objects.update(next_attempt_at=timezone.now())
    settle(keynote.event)

    assert before == (
        {"The category “Rights” gets its new name once its sessions have been sent."},
        below("Spring", "Spring>Law", "Spring>Arts"),
    )
    assert categories(simulator) == below("Spring", "Spring>Rights", "Spring>Arts")


def test_a_place_waits_for_another_sender_who_renames(simulator, keynote):
    SyncTarget.objects.filter(title="Law").update(
        state="sending", holder="elsewhere|1|x", lease_until=timezone.now() + timedelta(hours=1)
    )
    move(keynote, "Arts")

    service.sync_due(SyncTarget.objects.all())
    before = messages(), homes(simulator)
    SyncTarget.objects.update(state="pending", holder="", lease_until=None)
    SyncTarget.objects.update(next_attempt_at=timezone.now())
    settle(keynote.event)

    assert before == (
        {"“Keynote” leaves its old category once a new name of one is written."},
        below("Spring>Law", "Spring>Arts"),
    )
    assert homes(simulator) == below("Spring>Arts")


def test_tracks_that_exchange_their_names_while_a_session_moves(simulator, keynote):
    law, arts = (keynote.event.tracks.get(name=name) for name in ("Law", "Arts"))
    move(keynote, "Arts")
    rename(law, "Between")
    rename(arts, "Law")
    rename(law, "Arts")

    settle(keynote.event, 5)
    simulator.advance(RENEWED_AFTER_S + 1)
    settle(keynote.event)

    assert (in_step(keynote.event), differences(simulator, keynote.event)) == (True, [])


def test_a_rename_by_somebody_else_is_waited_for_as_well(simulator, keynote):
    link = RemoteLink.objects.get(kind="category", key=key_for(keynote.track.uuid))
    at_kaltura(lambda c: c.category.update(link.remote_id, new("KalturaCategory", name="Theirs")))
    move(keynote, "Arts")

    settle(keynote.event, 0.5)
    before = homes(simulator)
    simulator.advance(RENEWED_AFTER_S + 1)
    SyncTarget.objects.update(next_attempt_at=timezone.now())
    settle(keynote.event)

    assert (before, homes(simulator)) == (
        below("Spring>Theirs", "Spring>Arts"),
        below("Spring>Arts"),
    )
    assert categories(simulator) == below("Spring", "Spring>Theirs", "Spring>Arts")
