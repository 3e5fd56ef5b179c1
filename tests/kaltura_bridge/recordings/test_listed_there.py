"""Kaltura lists what is published and nothing else, whoever put it there; the desk says when not."""

from __future__ import annotations

import pytest
from django.urls import reverse

from kaltura_bridge.api.client import Kaltura, Request, new
from kaltura_bridge.models import EventDelivery, Recording, RemoteLink, SyncState, SyncTarget
from kaltura_bridge.recordings.behind import behind
from kaltura_bridge.recordings.showing import hide, publish
from kaltura_bridge.specs import Kind, key_for
from kaltura_bridge.sync import service
from tests.factories import EventFactory, TrackFactory
from tests.kaltura_bridge.recordings.test_desk import confirm, planner_of, worked
from tests.kaltura_bridge.support.recorded import broadcast, held_session, look, processed, rows

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgres]


def recorded(simulator, **chosen):
    """A session of a track with a recording that is ready, in an event with a gallery."""
    event = EventFactory()
    EventDelivery.objects.create(event=event, gallery=True, **chosen)
    session = held_session(event=event, track=TrackFactory(event=event))
    broadcast(simulator, session)
    processed(simulator)
    look(session)
    return session, rows(session)[0]


def settled(session) -> str:
    """Bring the session in step; what it lacks then."""
    targets = SyncTarget.objects.filter(object_uuid=session.uuid)
    service.settle(targets, 20, force=True)
    return targets.get().error


def homes(simulator, recording) -> set[str]:
    """In which categories the recording stands: "event", "track", or an id."""
    session = recording.session
    names = {key_for(session.event.uuid): "event", key_for(session.track.uuid): "track"}
    links = RemoteLink.objects.filter(kind=Kind.CATEGORY, key__in=names)
    known = {link.remote_id: names[link.key] for link in links}
    return {
        known.get(str(row["categoryId"]), str(row["categoryId"]))
        for row in simulator.objects("categoryEntry")
        if row["entryId"] == recording.entry_id
    }


def test_a_recording_is_listed_while_it_is_published(simulator):
    session, row = recorded(simulator, recordings_by_hand=True)
    # Kaltura has copied the place of the broadcast, of which no link of ours knows.
    assert homes(simulator, row) == {"event", "track"}

    assert settled(session) == ""
    assert (homes(simulator, row), behind([session])) == (set(), {})
    for change, listed in ((publish, {"event", "track"}), (hide, set())):
        assert change(row)
        assert behind([session])[session.pk].text.startswith("Kaltura is just being told")
        assert settled(session) == ""
        assert (homes(simulator, row), behind([session])) == (listed, {})
        row.refresh_from_db()
    # In step is in step: nothing is written again.
    writes = simulator.writes()
    settled(session)
    assert simulator.writes() == writes


@pytest.mark.parametrize("lost", ["categoryEntry.delete", "categoryEntry.add"])
def test_an_answer_that_is_lost_changes_nothing(simulator, lost):
    session, row = recorded(simulator)
    settled(session)
    hide(row)
    settled(session)
    if lost == "categoryEntry.add":
        row.refresh_from_db()
        publish(row)
    else:
        publish(row)
        settled(session)
        row.refresh_from_db()
        hide(row)
    simulator.lose_reply(lost)
    settled(session)
    assert settled(session) == ""

    assert homes(simulator, row) == ({"event", "track"} if lost == "categoryEntry.add" else set())


def test_the_desk_says_that_kaltura_does_not_follow(simulator):
    session, row = recorded(simulator)
    settled(session)
    simulator.answer_with(
        "categoryEntry.delete",
        "SERVICE_FORBIDDEN",
        times=None,
        SERVICE="categoryentry",
        ACTION="delete",
    )
    client = planner_of(session)
    confirm(client, session, "hide", recording=row.pk)
    assert "SERVICE_FORBIDDEN" in settled(session)

    for name, pk in (
        ("kaltura_bridge_recording_session", session.pk),
        ("kaltura_bridge_recordings", session.event_id),
    ):
        page = client.get(reverse(f"admin:{name}", args=[pk])).content.decode()
        assert "Kaltura does not follow yet" in page
        assert "SERVICE_FORBIDDEN" in page
    assert homes(simulator, row) == {"event", "track"}
    simulator.clear_faults()
    assert settled(session) == ""
    assert (homes(simulator, row), behind([session])) == (set(), {})


def test_what_somebody_lists_at_kaltura_goes_and_what_they_take_out_comes_back(simulator):
    session, row = recorded(simulator)
    settled(session)
    home = RemoteLink.objects.get(kind=Kind.CATEGORY, key=key_for(session.track.uuid)).remote_id
    elsewhere = Kaltura().ask(
        [Request(lambda c: c.category.add(new("KalturaCategory", name="Ours alone")), write=True)]
    )[0]

    def add(category_id):
        place = new("KalturaCategoryEntry", categoryId=category_id, entryId=row.entry_id)
        Kaltura().ask([Request(lambda c: c.categoryEntry.add(place), write=True)])

    add(elsewhere.id)
    Kaltura().ask([Request(lambda c: c.categoryEntry.delete(row.entry_id, home), write=True)])
    settled(session)
    settled(session)
    assert homes(simulator, row) == {"event", "track", str(elsewhere.id)}

    hide(row)
    settled(session)
    add(home)
    settled(session)
    # What stands in a category of somebody else's is theirs.
    assert homes(simulator, row) == {str(elsewhere.id)}


def test_a_video_that_the_portal_cut_is_listed_and_one_of_the_account_is_left_alone(simulator):
    session, row = recorded(simulator)
    client = planner_of(session)
    fields = {"recording": row.pk, "start": "1:00", "end": "4:00", "name": "Cut", "replaces": "on"}
    confirm(client, session, "clip", **fields)
    confirm(client, session, "link", entry_id="0_videoone")
    for _ in range(2):
        worked()
        processed(simulator)
    worked()
    settled(session)

    made, linked = Recording.objects.get(name="Cut"), Recording.objects.get(entry_id="0_videoone")
    assert [homes(simulator, each) for each in (made, row)] == [{"event", "track"}, set()]
    before = homes(simulator, linked)
    hide(linked)
    settled(session)
    assert homes(simulator, linked) == before


def test_a_session_that_moves_takes_its_recording_along(simulator):
    session, row = recorded(simulator)
    settled(session)
    session.track = TrackFactory(event=session.event)
    session.save()
    service.settle(service.targets_of(session.event), 20)
    row = Recording.objects.get(pk=row.pk)
    assert homes(simulator, row) == {"event", "track"}


def test_a_recording_that_was_deleted_at_kaltura_holds_nothing_up(simulator):
    session, row = recorded(simulator)
    settled(session)
    Kaltura().ask([Request(lambda c: c.baseEntry.delete(row.entry_id), write=True)])
    for each in simulator.objects("categoryEntry"):
        if each["entryId"] == row.entry_id:
            category_id = each["categoryId"]
            Kaltura().ask(
                [
                    Request(
                        lambda c, i=category_id: c.categoryEntry.delete(row.entry_id, i),
                        write=True,
                    )
                ]
            )
    type(session).objects.filter(pk=session.pk).update(title="Another title")
    settled(session)
    settled(session)
    worked()
    assert settled(session) == ""
    assert SyncTarget.objects.get(object_uuid=session.uuid).state == SyncState.SYNCED
    assert Recording.objects.get(pk=row.pk).state == "gone"
