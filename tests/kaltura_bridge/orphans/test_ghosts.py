"""Categories that Kaltura made again under an old name are found, named and deleted by choice."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from kaltura_bridge import tasks
from kaltura_bridge.api.client import Kaltura, new
from kaltura_bridge.models import OrphanScan, RemoteLink
from kaltura_bridge.orphans import removal, scan
from kaltura_bridge.specs import key_for
from tests.factories import EventFactory, TrackFactory, UserFactory, WebcastFactory
from tests.kaltura_bridge.support.at_kaltura import at_kaltura
from tests.kaltura_bridge.support.oracle import differences
from tests.kaltura_bridge.support.planning import in_step, settle

pytestmark = [pytest.mark.django_db(transaction=True)]

CHANNELS = "KAF>site>channels>"


@pytest.fixture
def haunted(simulator):
    """An event in sync whose old names stand as a tree of ghosts, as older versions left them."""
    event = EventFactory(title="Spring")
    track = TrackFactory(event=event, name="Law")
    WebcastFactory(event=event, track=track, title="Keynote")
    settle(event)
    entry_id, category_id = id_of("entry"), id_of("category", key_for(track.uuid))
    simulator.set_background(60)
    event.title = "Summer"
    event.save()
    settle(event)
    at_kaltura(lambda c: c.categoryEntry.delete(entry_id, category_id))
    simulator.advance(61)
    place = new("KalturaCategoryEntry", entryId=entry_id, categoryId=category_id)
    at_kaltura(lambda c: c.categoryEntry.add(place))
    RemoteLink.objects.filter(kind="category").update(pushed_at=timezone.now() - timedelta(hours=1))
    return event


def id_of(kind, key=""):
    links = RemoteLink.objects.filter(kind=kind, remote_id__isnull=False)
    return (links.filter(key=key) if key else links).first().remote_id


def found():
    return scan.find_orphans(Kaltura())


def named():
    return {(orphan.name, str(orphan.reason)) for orphan in found()}


def full_names(simulator):
    return {row["fullName"] for row in simulator.objects("category")}


def category(name, parent=None, **fields):
    parents = at_kaltura(
        lambda c: c.category.list(
            new("KalturaCategoryFilter", fullNameEqual=(parent or CHANNELS).rstrip(">"))
        )
    )
    made = new("KalturaCategory", name=name, parentId=parents.objects[0].id, **fields)
    return str(at_kaltura(lambda c: c.category.add(made)).id)


def put(entry_id, category_id):
    place = new("KalturaCategoryEntry", entryId=entry_id, categoryId=category_id)
    at_kaltura(lambda c: c.categoryEntry.add(place))


TREE = {(f"{CHANNELS}Spring", "ghost"), (f"{CHANNELS}Spring>Law", "ghost")}


def test_a_tree_of_old_names_is_found_and_deleted_without_a_session(simulator, haunted):
    listed = found()

    outcome = removal.remove(Kaltura(), listed, [ghost.ref for ghost in listed], "test")

    assert {(ghost.name, str(ghost.reason)) for ghost in listed} == TREE
    assert [done.refusal for done in outcome] == ["", ""]
    assert full_names(simulator).isdisjoint({name for name, _ in TREE})
    assert (found(), differences(simulator, haunted), in_step(haunted)) == ([], [], True)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda ghost: put("0_videoone", ghost),
        lambda ghost: category("Theirs", f"{CHANNELS}Spring>Law"),
        lambda ghost: at_kaltura(
            lambda c: c.category.update(ghost, new("KalturaCategory", description="Ours now"))
        ),
        lambda ghost: at_kaltura(
            lambda c: c.category.update(ghost, new("KalturaCategory", referenceId="theirs"))
        ),
    ],
    ids=["another's entry", "a category in it", "a description", "a reference"],
)
def test_what_holds_or_is_anything_of_others_is_no_ghost(simulator, haunted, spoil):
    listed = found()
    ghost = next(orphan for orphan in listed if orphan.name.endswith("Law"))
    spoil(ghost.remote_id)

    outcome = removal.remove(Kaltura(), listed, [each.ref for each in listed], "test")

    assert all(done.refusal for done in outcome)
    assert {name for name, _ in TREE} <= full_names(simulator)
    assert named() == set()


def test_an_empty_category_of_somebody_else_is_no_ghost(simulator, haunted):
    category("Best of")

    assert named() == TREE


def test_nothing_is_deleted_while_names_may_be_on_their_way(simulator, haunted):
    listed = found()
    RemoteLink.objects.filter(kind="category").update(pushed_at=timezone.now())

    outcome = removal.remove(Kaltura(), listed, [each.ref for each in listed], "test")

    assert {done.refusal for done in outcome if "Law" in done.name} == {removal.NAMES_CHANGE}
    assert {name for name, _ in TREE} <= full_names(simulator)


def test_without_ghosts_a_scan_takes_no_more_calls(simulator):
    event = EventFactory()
    WebcastFactory(event=event)
    settle(event)
    simulator.forget_requests()

    found()

    assert simulator.calls("categoryEntry.list") == 0


def test_the_page_has_one_button_for_all_ghosts_and_asks_first(simulator, haunted, client):
    client.force_login(UserFactory(is_staff=True, is_superuser=True))
    page = reverse("admin:kaltura_bridge_orphanscan_changelist")
    client.post(reverse("admin:kaltura_bridge_orphans_look"))
    tasks.find_orphans(OrphanScan.objects.get().pk)
    number = OrphanScan.objects.get().pk
    url = reverse("admin:kaltura_bridge_orphans_delete")

    shown = client.get(page).content.decode()
    asked = client.post(url, {"scan": number, "ghosts": "yes"}).content.decode()
    rows = [row.ref for row in scan.find_orphans(Kaltura())]
    before = full_names(simulator)
    client.post(url, {"scan": number, "chosen": rows, "confirmed": "yes"})
    tasks.delete_orphans(number)

    assert ("Delete 2 ghosts…" in shown, "Delete 2 objects at Kaltura?" in asked) == (True, True)
    assert before - full_names(simulator) == {name for name, _ in TREE}
    assert [row["deleted"] for row in OrphanScan.objects.get().removals] == [True, True]
