"""What players and libraries ask beside the portal: entries by ids, playback, redirects."""

from __future__ import annotations

import pytest
from KalturaClient import KalturaClient
from KalturaClient.Plugins import Core, Metadata

from kaltura_bridge.simulator.testing import Simulator
from tests.kaltura_bridge.simulator.clients import call, client_of, code_of


def _stream(client: KalturaClient, **fields: str) -> str:
    sent = Core.KalturaLiveStreamEntry(name="Live", mediaType=201, **fields)
    return str(client.liveStream.add(sent, "32").id)


def test_entries_by_ids_leave_out_what_is_not_there(kaltura: Simulator):
    client = client_of(kaltura)
    stream, gone = _stream(client), _stream(client)
    client.liveStream.delete(gone)

    found = client.baseEntry.getByIds(f"{stream},0_nosuchid,{gone},0_videoone")

    assert [entry.id for entry in found] == [stream, "0_videoone"]


def test_media_count_counts_what_the_list_finds(kaltura: Simulator):
    client = client_of(kaltura)

    clips = client.media.count(Core.KalturaMediaEntryFilter(mediaTypeEqual=1))

    assert (
        clips == client.media.list(Core.KalturaMediaEntryFilter(mediaTypeEqual=1)).totalCount == 2
    )


def test_player_of_nobody_loads_a_clip_in_one_request(kaltura: Simulator):
    """The steps of Kaltura's own player: widget session, entry by redirect, playback, metadata."""
    fields = {
        "objectType": "KalturaDetachedResponseProfile",
        "type": 1,
        "fields": "id,name,duration",
    }
    requests = {
        "1": {"service": "session", "action": "startWidgetSession", "widgetId": "_101"},
        "2": {
            "service": "baseEntry",
            "action": "list",
            "ks": "{1:result:ks}",
            "filter": {"redirectFromEntryId": "0_videoone"},
            "responseProfile": fields,
        },
        "3": {
            "service": "baseEntry",
            "action": "getPlaybackContext",
            "entryId": "{2:result:objects:0:id}",
            "ks": "{1:result:ks}",
            "contextDataParams": {"objectType": "KalturaContextDataParams", "flavorTags": "all"},
        },
        "4": {
            "service": "metadata_metadata",
            "action": "list",
            "filter": {
                "objectType": "KalturaMetadataFilter",
                "objectIdEqual": "0_videoone",
                "metadataObjectTypeEqual": "1",
            },
            "ks": "{1:result:ks}",
        },
    }

    widget, listed, context, metadata = call(kaltura, "multirequest.null", **requests)

    clip = {"id": "0_videoone", "name": "Welcome to the conference", "duration": 90}
    assert listed["objects"] == [clip | {"objectType": "KalturaMediaEntry"}]
    assert [source["format"] for source in context["sources"]] == ["applehttp", "mpegdash"]
    assert (widget["partnerId"], metadata["totalCount"]) == (101, 0)


@pytest.mark.parametrize(("state", "sources"), [("off", 0), ("on_air", 2)])
def test_playback_of_a_stream_has_sources_while_it_is_on_air(
    kaltura: Simulator, state: str, sources: int
):
    client = client_of(kaltura)
    stream = _stream(client)
    kaltura.switch(stream, state)

    context = client.baseEntry.getPlaybackContext(stream, Core.KalturaPlaybackContextOptions())

    assert (len(context.sources), context.messages) == (sources, [])


def test_playback_of_nothing_there_is_refused(kaltura: Simulator):
    client, options = client_of(kaltura), Core.KalturaPlaybackContextOptions()

    assert (
        code_of(client.baseEntry.getPlaybackContext, "0_nosuchid", options) == "ENTRY_ID_NOT_FOUND"
    )


def test_redirect_filter_finds_what_stands_in_or_the_entry_itself(kaltura: Simulator):
    client = client_of(kaltura)
    plain, room = _stream(client), "0_tmplroom"
    sent_on = _stream(client, redirectEntryId="0_videotwo")

    def found(entry_id: str) -> list[str]:
        asked = Core.KalturaBaseEntryFilter(redirectFromEntryId=entry_id)
        return [entry.id for entry in client.baseEntry.list(asked).objects]

    assert [found(key) for key in (plain, sent_on, room)] == [[plain], ["0_videotwo"], [room]]


def test_membership_is_suspended_and_given_back(kaltura: Simulator):
    client = client_of(kaltura)
    place = client.category.add(Core.KalturaCategory(name="Day")).id
    client.user.add(Core.KalturaUser(id="ann"))
    client.categoryUser.add(Core.KalturaCategoryUser(categoryId=place, userId="ann"))

    off = client.categoryUser.deactivate(place, "ann").status.getValue()
    on = client.categoryUser.activate(place, "ann").status.getValue()

    assert (off, on) == (3, 1)
    assert code_of(client.categoryUser.activate, place, "bob") == "INVALID_CATEGORY_USER_ID"


def test_metadata_profile_gets_another_schema_and_takes_its_records_along(kaltura: Simulator):
    client = client_of(kaltura)
    profiles, records = client.metadata.metadataProfile, client.metadata.metadata
    head = '<xsd:schema xmlns:xsd="http://www.w3.org/2001/XMLSchema"><xsd:element name="metadata"'
    schema = f'{head} type="xsd:string"/></xsd:schema>'
    made = profiles.add(Metadata.KalturaMetadataProfile(metadataObjectType="1", name="One"), schema)
    record = records.add(made.id, "1", "0_videoone", "<metadata>x</metadata>")

    renamed = profiles.update(made.id, Metadata.KalturaMetadataProfile(name="Two"), schema)
    changed = profiles.update(
        made.id, Metadata.KalturaMetadataProfile(), schema.replace("string", "token")
    )
    bad = code_of(profiles.update, made.id, Metadata.KalturaMetadataProfile(), "<nonsense/>")
    taken = Metadata.KalturaMetadataProfile(systemName="KMS_EVENTS3")
    twice = code_of(profiles.update, made.id, taken)
    profiles.delete(made.id)

    assert (renamed.name, renamed.version, changed.version) == ("Two", 1, 2)
    assert (bad, twice) == ("INVALID_METADATA_PROFILE_SCHEMA", "SYSTEM_NAME_ALREADY_EXISTS")
    assert code_of(records.get, record.id) == "METADATA_NOT_FOUND"
    assert code_of(profiles.get, made.id) == "METADATA_PROFILE_NOT_FOUND"
