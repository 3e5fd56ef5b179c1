"""Rules of entries that a real server showed: categories by properties, changes that do not stay."""

from __future__ import annotations

import pytest
from KalturaClient import KalturaClient
from KalturaClient.Plugins.Core import (
    KalturaBaseEntry,
    KalturaCategory,
    KalturaCategoryEntryFilter,
    KalturaLiveStreamEntry,
    KalturaMediaEntry,
)

from kaltura_bridge.simulator.testing import Simulator
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
