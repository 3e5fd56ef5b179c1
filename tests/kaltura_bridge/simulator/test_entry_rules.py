"""Rules of entries that a real server showed: categories by properties, changes that do not stay."""

from __future__ import annotations

import pytest
from KalturaClient import KalturaClient
from KalturaClient.Plugins.Core import (
    KalturaBaseEntry,
    KalturaCategory,
    KalturaCategoryEntry,
    KalturaCategoryEntryFilter,
    KalturaCategoryFilter,
    KalturaLiveStreamEntry,
    KalturaMediaEntry,
)

from kaltura_bridge.simulator.testing import Simulator, SimulatorFailed
from tests.kaltura_bridge.simulator.clients import client_of, code_of


def _category(client: KalturaClient, name: str, parent: int = 0) -> int:
    return int(client.category.add(KalturaCategory(name=name, parentId=parent)).id)


def _places(client: KalturaClient, entry_id: str) -> list[int]:
    listed = client.categoryEntry.list(KalturaCategoryEntryFilter(entryIdEqual=entry_id))
    return [link.categoryId for link in listed.objects]


def test_entry_update_by_category_ids_replaces_its_places(kaltura: Simulator):
    client = client_of(kaltura)
    one, two = _category(client, "One"), _category(client, "Two")
    entry = client.media.add(KalturaMediaEntry(name="Clip", mediaType=1, categoriesIds=str(one)))

    changed = client.baseEntry.update(
        entry.id, KalturaBaseEntry(categoriesIds=f"{two},99999999,nonsense")
    )

    assert (entry.categories, changed.categories, changed.categoriesIds) == ("One", "Two", str(two))
    assert _places(client, entry.id) == [two]
    assert [client.category.get(key).entriesCount for key in (one, two)] == [0, 1]


def test_entry_update_by_category_names_makes_what_is_missing(kaltura: Simulator):
    client = client_of(kaltura)
    top = _category(client, "Conference")
    entry = client.liveStream.add(KalturaLiveStreamEntry(name="Live", mediaType=201), "32")

    changed = client.liveStream.update(
        entry.id, KalturaLiveStreamEntry(categories="conference>Day one")
    )
    emptied = client.liveStream.update(entry.id, KalturaLiveStreamEntry(categories=""))

    assert (changed.categories, emptied.categories) == ("Conference>Day one", "")
    assert client.category.get(top).directSubCategoriesCount == 1
    assert _places(client, entry.id) == []


def test_entry_categories_are_closed_to_sessions_of_a_privacy_context(kaltura: Simulator):
    client = client_of(kaltura, privileges="privacycontext:conf")
    entry = client.media.add(KalturaMediaEntry(name="Clip", mediaType=1))

    code = code_of(client.baseEntry.update, entry.id, KalturaBaseEntry(categories="One"))

    assert code == "ENTRY_CATEGORY_FIELD_IS_DEPRECATED"


@pytest.mark.parametrize(("reference", "kept"), [("e-1", "Later"), ("é", "Clip"), ("会議", "Clip")])
def test_changes_after_a_reference_beyond_ascii_are_answered_and_lost(
    kaltura: Simulator, reference: str, kept: str
):
    client = client_of(kaltura)
    entry = client.media.add(KalturaMediaEntry(name="Clip", mediaType=1))
    client.media.update(entry.id, KalturaMediaEntry(referenceId=reference))

    answered = client.baseEntry.update(entry.id, KalturaBaseEntry(name="Later"))
    read = client.baseEntry.get(entry.id)

    assert (answered.name, read.name, read.referenceId) == ("Later", kept, reference)


def test_figures_above_a_deleted_category_follow_in_the_background(kaltura: Simulator):
    client = client_of(kaltura)
    top = _category(client, "Top")
    below = _category(client, "Below", top)
    entry = client.media.add(KalturaMediaEntry(name="Clip", mediaType=1))
    client.categoryEntry.add(KalturaCategoryEntry(categoryId=below, entryId=entry.id))
    kaltura.set_index_delay(60)

    client.category.delete(below, 0)
    at_once = client.category.get(top)
    kaltura.advance(61)
    listed = client.category.list(KalturaCategoryFilter(idEqual=top)).objects[0]

    counts = (at_once.directSubCategoriesCount, at_once.entriesCount, listed.entriesCount)
    assert (counts, client.category.get(top).entriesCount) == ((0, 1, 1), 0)


def test_clip_gets_the_length_it_is_told_and_a_stream_none(kaltura: Simulator):
    client = client_of(kaltura)
    stream = client.liveStream.add(KalturaLiveStreamEntry(name="Live", mediaType=201), "32")

    kaltura.set_length("0_videoone", 600)

    clip = client.media.get("0_videoone")
    assert (clip.duration, clip.msDuration) == (600, 600_000)
    for entry_id, seconds in ((stream.id, 5), ("0_nosuchid", 5), ("0_videoone", -1)):
        with pytest.raises(SimulatorFailed):
            kaltura.set_length(entry_id, seconds)
