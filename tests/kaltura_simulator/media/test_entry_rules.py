"""Rules of entries that a real server showed: categories by properties, changes that do not stay."""

from __future__ import annotations

from typing import Any

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

from kaltura_simulator.testing import Simulator, SimulatorFailed
from tests.kaltura_simulator.support.clients import USER, call, client_of, code_of, ks_of


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
    assert (counts, client.category.get(top).entriesCount) == ((0, 1, 0), 0)


def test_clip_gets_the_length_it_is_told_and_a_stream_none(kaltura: Simulator):
    client = client_of(kaltura)
    stream = client.liveStream.add(KalturaLiveStreamEntry(name="Live", mediaType=201), "32")

    kaltura.set_length("0_videoone", 600)

    clip = client.media.get("0_videoone")
    assert (clip.duration, clip.msDuration) == (600, 600_000)
    for entry_id, seconds in ((stream.id, 5), ("0_nosuchid", 5), ("0_videoone", -1)):
        with pytest.raises(SimulatorFailed):
            kaltura.set_length(entry_id, seconds)


def test_push_publishing_is_dropped_where_the_account_lacks_it(kaltura: Simulator):
    client = client_of(kaltura)
    stream = KalturaLiveStreamEntry(name="Live", mediaType=201, pushPublishEnabled=1)

    added = client.liveStream.add(stream, "32")
    changed = client.liveStream.update(added.id, KalturaLiveStreamEntry(pushPublishEnabled=1))

    assert (added.pushPublishEnabled, changed.pushPublishEnabled) == (None, None)


def test_stream_takes_the_access_control_it_is_given(kaltura: Simulator):
    client = client_of(kaltura)
    stream = KalturaLiveStreamEntry(name="Live", mediaType=201, accessControlId=1102)

    added = client.liveStream.add(stream, "32")
    changed = client.liveStream.update(added.id, KalturaLiveStreamEntry(accessControlId=1101))
    unknown = KalturaLiveStreamEntry(accessControlId=77)

    assert (added.accessControlId, changed.accessControlId) == (1102, 1101)
    assert code_of(client.liveStream.update, added.id, unknown) == "ACCESS_CONTROL_ID_NOT_FOUND"
    assert client.liveStream.get(added.id).accessControlId == 1101


# ---------------------------------------------------------------- words of refusals
@pytest.mark.parametrize(
    ("action", "sent", "args"),
    [
        (
            "category.add",
            {"category": {"name": "bell\x07"}},
            {"XML_FIELD": "name"},
        ),
        ("category.add", {"category": {"name": None}}, {"LANGUAGE": "N/A"}),
        (
            "schedule_scheduleresource.add",
            {"scheduleResource": {"objectType": "KalturaLocationScheduleResource", "name": ""}},
            {"PROP_NAME": "name", "MIN_LEN": "1"},
        ),
        (
            "category.update",
            {"id": 1, "category": {"parentId": 99999999}},
            {"ID": "1"},
        ),
    ],
)
def test_refusals_name_their_arguments_as_kaltura_does(
    kaltura: Simulator, action: str, sent: dict[str, Any], args: dict[str, str]
):
    assert call(kaltura, action, ks=ks_of(kaltura), **sent)["args"] == args


def test_refusal_of_a_circle_names_both_categories(kaltura: Simulator):
    client = client_of(kaltura)
    top = _category(client, "Top")
    below = _category(client, "Below", top)

    reply = call(
        kaltura, "category.update", ks=ks_of(kaltura), id=top, category={"parentId": below}
    )

    args = {"PARENT_CATEGORY": str(below), "OTHER_CATEGORY": str(top)}
    assert (reply["code"], reply["args"]) == ("PARENT_CATEGORY_IS_CHILD", args)


def test_admin_tags_of_a_viewer_are_refused_in_kalturas_words(kaltura: Simulator):
    room = {"objectType": "KalturaRoomEntry", "roomType": 1, "adminTags": "x"}

    reply = call(kaltura, "room_room.add", ks=ks_of(kaltura, USER), entry=room)

    assert reply["message"] == 'The property "adminTags" is updatable with admin session only'


def test_metadata_that_is_no_xml_is_refused_for_that_alone(kaltura: Simulator):
    """Errors of an earlier document are not reported again."""
    ks, entry = ks_of(kaltura), "0_videoone"
    about = {"metadataProfileId": 1302, "objectType": 1, "objectId": entry, "ks": ks}
    early = call(
        kaltura, "metadata_metadata.add", xmlData="<metadata><Nonsense/></metadata>", **about
    )

    reply = call(kaltura, "metadata_metadata.add", xmlData="hello", **about)

    assert "Nonsense" in early["message"]
    assert reply["message"] == (
        "invalid metadata data: Start tag expected, &#039;&lt;&#039; not found\n"
        " at line 1 [hello]\nThe document has no document element.\n at line -1 "
    )
