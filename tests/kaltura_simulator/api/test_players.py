"""What players and libraries call beside the portal: entries by ids, playback, redirects."""

from __future__ import annotations

from pathlib import Path

import pytest
import requests
from KalturaClient import KalturaClient
from KalturaClient.Plugins import Core, Metadata

from kaltura_simulator.testing import Simulator
from tests.kaltura_simulator.support.clients import USER, call, client_of, code_of


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


def test_clip_plays_as_silence_of_its_length(kaltura: Simulator):
    """As a caption vendor downloads it: the context first, then the manifest of the source."""
    client = client_of(kaltura)
    options = Core.KalturaPlaybackContextOptions(streamerType="http")
    context = client.baseEntry.getPlaybackContext("0_videoone", options)
    hls, dash, file = (source.url for source in context.sources)
    asset = context.flavorAssets[0]
    built = f"{kaltura.url}/p/101/sp/10100/playManifest/entryId/0_videoone/flavorIds/{asset.id}"

    sound = requests.get(file, timeout=10)
    playlist = requests.get(hls, timeout=10)
    pieces = [line for line in playlist.text.splitlines() if line.startswith("http")]
    piece = requests.get(pieces[0], timeout=10)
    download = requests.get(
        f"{built}/format/download/protocol/https/ks/{client.getKs()}", timeout=10
    )

    # Frames of 104 bytes, each of which holds 1152 samples.
    seconds = [round(len(reply.content) / 104 * 1152 / 44_100) for reply in (sound, piece)]
    assert (seconds, sound.headers["Content-Type"]) == ([90, 10], "audio/mpeg")
    assert download.content == sound.content
    assert (len(pieces), playlist.text.splitlines()[-1]) == (9, "#EXT-X-ENDLIST")
    assert requests.get(dash, timeout=10).headers["Content-Type"] == "application/dash+xml"


def test_stream_plays_for_those_who_may_see_it(kaltura: Simulator):
    client = client_of(kaltura)
    entry = Core.KalturaLiveStreamEntry(name="Live", mediaType=201, explicitLive=1)
    stream = client.liveStream.add(entry, Core.KalturaSourceType.LIVE_STREAM).id
    base = f"{kaltura.url}/p/101/playManifest/entryId/{stream}/format/applehttp"
    seen = []
    for state in ("off", "preview", "on_air"):
        kaltura.switch(stream, state)
        urls = (base, f"{base}/ks/{client.getKs()}")
        seen += [requests.get(url, timeout=10).status_code for url in urls]
    playlist = requests.get(base, timeout=10).text
    nothing = [
        requests.get(f"{kaltura.url}/p/101/{path}", timeout=10).status_code
        for path in (
            f"playManifest/entryId/{stream}/format/url",
            "playManifest/entryId/0_videoone/format/hds",
            "playManifest/entryId/0_none/format/url",
            "serveFlavor/entryId/0_none",
            "playManifest/",
        )
    ]
    assert seen == [404, 404, 404, 200, 200, 200]
    assert (playlist.count("http"), "#EXT-X-ENDLIST" in playlist) == (3, False)
    assert nothing == [404] * 5


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
    assert code_of(client.categoryUser.activate, place, "bob") == "INVALID_USER_ID"


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


# ---------------------------------------------------------------------- content
def test_clip_is_uploaded_in_pieces_and_plays_when_it_is_converted(
    kaltura: Simulator, tmp_path: Path
):
    file = tmp_path / "talk.mp4"

    def send(token_id: str, content: bytes, *how: bool) -> Core.KalturaUploadToken:
        file.write_bytes(content)
        with file.open("rb") as opened:
            return client.uploadToken.upload(token_id, opened, *how)

    kaltura.freeze()
    kaltura.control("POST", "recordings", {"seconds": 10})
    client = client_of(kaltura, USER, "ann")
    token = client.uploadToken.add(Core.KalturaUploadToken(fileName="talk.mp4"))
    part = send(token.id, b"1234", False, False)
    whole = send(token.id, b"567", True, True)
    clip = client.media.add(Core.KalturaMediaEntry(name="Talk", mediaType=1))
    resource = Core.KalturaUploadedFileTokenResource(token=token.id)

    waiting = client.media.addContent(clip.id, resource).status.getValue()
    kaltura.advance(11)
    ready = client.media.get(clip.id)

    sizes = [(row.status.getValue(), row.uploadedFileSize) for row in (part, whole)]
    assert sizes == [(1, 4.0), (2, 7.0)]
    assert (waiting, ready.status.getValue(), ready.duration) == ("4", "2", 60)
    again = client.media.add(Core.KalturaMediaEntry(name="Again", mediaType=1)).id
    assert code_of(client.media.addContent, again, resource) == "UPLOADED_FILE_NOT_FOUND_BY_TOKEN"
    assert code_of(client.media.addContent, clip.id, resource) == "ENTRY_ALREADY_WITH_CONTENT"
    late = code_of(send, token.id, b"8")
    assert late == "UPLOAD_TOKEN_INVALID_STATUS_FOR_UPLOAD"


def test_clip_from_an_address_lasts_as_long_as_it_says(kaltura: Simulator):
    client = client_of(kaltura)
    sent = Core.KalturaMediaEntry(name="Talk", mediaType=1, msDuration=90_000)

    made = client.media.addFromUrl(sent, "https://example.test/talk.mp4")
    kaltura.advance(10)

    assert (client.media.get(made.id).duration, client.media.get(made.id).status.getValue()) == (
        90,
        "2",
    )
    nothing = Core.KalturaUrlResource()
    assert (
        code_of(client.media.updateContent, made.id, nothing)
        == "PROPERTY_VALIDATION_CANNOT_BE_NULL"
    )


def test_upload_tokens_are_their_owners(kaltura: Simulator):
    ann, bob = client_of(kaltura, USER, "ann"), client_of(kaltura, USER, "bob")
    token = ann.uploadToken.add().id

    assert code_of(bob.uploadToken.get, token) == "UPLOAD_TOKEN_NOT_FOUND"
    assert [client.uploadToken.list().totalCount for client in (ann, bob)] == [1, 0]
    ann.uploadToken.delete(token)
    assert code_of(ann.uploadToken.get, token) == "UPLOAD_TOKEN_NOT_FOUND"
