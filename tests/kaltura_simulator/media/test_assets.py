"""Captions and attachments: the files that belong to an entry."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import ClassVar

import pytest
from KalturaClient.Plugins import Attachment, Caption, Core, Transcript

from kaltura_simulator import constants
from tests.kaltura_simulator.support.clients import USER, client_of, code_of, http, value_of

VIDEO = constants.READY_VIDEOS[0][0]
SRT = "1\n00:00:01,000 --> 00:00:02,500\nHi\n\n2\n00:00:40,000 --> 00:00:41,000\nÜber\nzwei\n"


@pytest.fixture
def client(kaltura):
    return client_of(kaltura)


def caption(client, content=SRT, entry=VIDEO, **fields):
    sent = Caption.KalturaCaptionAsset(**{"language": "English", "format": "1"} | fields)
    made = client.caption.captionAsset.add(entry, sent)
    if not content:
        return made
    return client.caption.captionAsset.setContent(
        made.id, Core.KalturaStringResource(content=content)
    )


def test_caption_is_queued_until_it_has_content(client):
    empty = caption(client, content="")
    full = client.caption.captionAsset.setContent(empty.id, Core.KalturaStringResource(content=SRT))

    assert (value_of(empty.status), empty.size, empty.languageCode.getValue()) == (0, 0, "en")
    assert (value_of(full.status), full.size, full.version) == (2, len(SRT.encode()), 1)
    assert code_of(client.caption.captionAsset.getUrl, caption(client, content="").id) == (
        "CAPTION_ASSET_IS_NOT_READY"
    )


def test_caption_is_served_as_it_came_as_webvtt_and_as_json(kaltura, client):
    asset = caption(client)
    base = f"{kaltura.url}/api_v3/service/caption_captionasset/action"
    plain = http(client.caption.captionAsset.getUrl(asset.id))
    segment = http(f"{base}/serveWebVTT/captionAssetId/{asset.id}/segmentIndex/2")
    parts = http(f"{base}/serveWebVTT/captionAssetId/{asset.id}")
    cues = json.loads(http(f"{base}/serveAsJson/captionAssetId/{asset.id}")[2])

    assert (plain[0], plain[1]["Content-Type"], plain[2]) == (
        200,
        "text/plain; charset=utf-8",
        SRT,
    )
    assert segment[2] == (
        "WEBVTT\nX-TIMESTAMP-MAP=MPEGTS:900000,LOCAL:00:00:00.000\n"
        "\n00:00:40.000 --> 00:00:41.000\nÜber\nzwei\n"
    )
    # By the length of the video, 90 seconds, not by what is said in it.
    assert parts[2].count("#EXTINF") == 3
    assert cues["objects"][0] == {"startTime": 1000, "endTime": 2500, "content": [{"text": "Hi"}]}


def test_default_caption_is_served_by_its_entry(kaltura, client):
    caption(client, content="1\n00:00:00,000 --> 00:00:01,000\nNo\n")
    caption(client, isDefault=1)
    url = f"{kaltura.url}/api_v3/service/caption_captionasset/action/serveByEntryId/entryId/{VIDEO}"

    assert http(url)[2] == SRT


def test_two_default_captions_may_coexist_until_one_is_chosen(client):
    one, two = caption(client, isDefault=1), caption(client, isDefault=1)

    def defaults():
        asked = Core.KalturaAssetFilter(entryIdEqual=VIDEO)
        found = client.caption.captionAsset.list(asked).objects
        return {asset.id: bool(value_of(asset.isDefault)) for asset in found}

    before = defaults()
    client.caption.captionAsset.setAsDefault(two.id)

    assert before == {one.id: True, two.id: True}
    assert defaults() == {one.id: False, two.id: True}


def test_captions_are_for_videos_that_the_caller_may_change(kaltura, client):
    stream = client.liveStream.add(
        Core.KalturaLiveStreamEntry(name="Live", mediaType=201), Core.KalturaSourceType.LIVE_STREAM
    )
    viewer = client_of(kaltura, USER, "viewer")
    own = viewer.media.add(Core.KalturaMediaEntry(name="Mine", mediaType=1))

    assert code_of(caption, client, entry=stream.id) == "ENTRY_ID_NOT_FOUND"
    assert code_of(caption, client, entry="0_nosuchid") == "ENTRY_ID_NOT_FOUND"
    assert code_of(caption, viewer) == "INVALID_KS"
    # Whose entry it is, is asked first; then the owner is told that it is not permitted.
    assert code_of(caption, viewer, entry=own.id) == "SERVICE_FORBIDDEN"


def test_caption_that_went_is_not_found(client):
    asset = caption(client)
    client.caption.captionAsset.delete(asset.id)
    other = caption(client)
    client.baseEntry.delete(VIDEO)

    for key in (asset.id, other.id, "0_nosuchid"):
        assert code_of(client.caption.captionAsset.get, key) == "CAPTION_ASSET_ID_NOT_FOUND"


class _Moved(BaseHTTPRequestHandler):
    """Sends on to other addresses, by path."""

    places: ClassVar[dict[str, str]] = {}

    def do_GET(self) -> None:
        self.send_response(302)
        self.send_header("Location", self.places[self.path])
        self.end_headers()

    def log_message(self, *args: object) -> None:
        """Keep the tests' output clean."""


@contextmanager
def moved_to(named: str, elsewhere: str) -> Iterator[str]:
    """A server whose paths ``/named`` and ``/elsewhere`` send on to these addresses."""
    _Moved.places = {"/named": named, "/elsewhere": elsewhere}
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Moved)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def test_content_is_fetched_from_named_addresses_only(kaltura, client):
    asset = caption(client, content="")

    for url in ("http://192.0.2.1/a.srt", "file:///etc/passwd", "http://127.0.0.1:9/a.srt"):
        resource = Core.KalturaUrlResource(url=url)
        taken = client.caption.captionAsset.setContent(asset.id, resource)
        later = client.caption.captionAsset.get(asset.id)
        # Every address is taken; what cannot be had shows in the background.
        assert (value_of(taken.status), value_of(later.status)) == (7, -1)


def test_content_is_fetched_from_the_simulator_itself(kaltura, client):
    address = client.caption.captionAsset.getUrl(caption(client).id)
    other = caption(client, content="")
    resource = Core.KalturaUrlResource(url=address)
    kaltura.set_background(5)
    taken = client.caption.captionAsset.setContent(other.id, resource)
    assert value_of(taken.status) == 7
    assert code_of(client.caption.captionAsset.getUrl, other.id) == "CAPTION_ASSET_IS_NOT_READY"
    kaltura.advance(6)
    filled = client.caption.captionAsset.get(other.id)
    served = http(client.caption.captionAsset.getUrl(other.id))[2]
    assert (value_of(filled.status), served) == (2, SRT)


def test_content_is_not_fetched_by_way_of_another_address(kaltura, client):
    """A fetch follows to addresses that are named, and to no others."""
    asset = caption(client, content="")
    states = []
    with moved_to(f"{kaltura.url}/", "http://[::1]:9/a.srt") as moved:
        for path in ("/named", "/elsewhere"):
            resource = Core.KalturaUrlResource(url=f"{moved}{path}")
            client.caption.captionAsset.setContent(asset.id, resource)
            found = client.caption.captionAsset.get(asset.id)
            states.append((value_of(found.status), found.size))
    # The page that it came to is no SRT, but it was fetched.
    assert states[0][0] == -1 and states[0][1] > 0
    assert states[1] == (-1, states[0][1])


def uploaded(client, path, *pieces):
    token = client.uploadToken.add()
    for number, piece in enumerate(pieces, 1):
        path.write_bytes(piece)
        with path.open("rb") as file:
            client.uploadToken.upload(token.id, file, number > 1, number == len(pieces))
    return Core.KalturaUploadedFileTokenResource(token=token.id)


def test_content_comes_from_an_upload_that_can_be_used_once(client, tmp_path):
    text = SRT.encode()
    resource = uploaded(client, tmp_path / "a.srt", text[:10], text[10:])
    captions, attachments = client.caption.captionAsset, client.attachment.attachmentAsset
    asset = captions.setContent(caption(client, content="").id, resource)
    sent = Attachment.KalturaAttachmentAsset(filename="notes.txt", format="1")
    notes = attachments.add(VIDEO, sent)
    again = code_of(attachments.setContent, notes.id, resource)
    attachments.setContent(notes.id, uploaded(client, tmp_path / "b.txt", b"notes"))

    assert (http(captions.getUrl(asset.id))[2], asset.size) == (SRT, len(text))
    assert http(attachments.getUrl(notes.id))[2] == "notes"
    assert again == "UPLOADED_FILE_NOT_FOUND_BY_TOKEN"


def test_upload_of_too_much_makes_no_caption(client, tmp_path):
    resource = uploaded(client, tmp_path / "a.srt", b" " * (10 * 1024 * 1024 + 1))
    asset = caption(client, content="")
    code = code_of(client.caption.captionAsset.setContent, asset.id, resource)
    assert code == "UPLOADED_FILE_NOT_FOUND_BY_TOKEN"


def test_resource_of_another_type_is_refused(client):
    resource = Core.KalturaEntryResource(entryId=VIDEO)
    asset = caption(client, content="")

    assert code_of(client.caption.captionAsset.setContent, asset.id, resource) == (
        "RESOURCE_TYPE_NOT_SUPPORTED"
    )


def test_transcript_keeps_its_class_and_is_served(kaltura, client):
    service = client.attachment.attachmentAsset
    made = service.add(
        VIDEO,
        Transcript.KalturaTranscriptAsset(
            filename="talk.json", format="4", language="English", accuracy=90
        ),
    )
    service.setContent(made.id, Core.KalturaStringResource(content='{"a": 1}'))
    changed = service.update(made.id, Attachment.KalturaAttachmentAsset(title="Talk"))
    status, headers, body = http(service.getUrl(made.id))

    assert (type(changed).__name__, changed.title) == ("KalturaTranscriptAsset", "Talk")
    assert (status, headers["Content-Type"], body) == (200, "application/json", '{"a": 1}')
    assert headers["Content-Disposition"] == 'inline; filename="talk.json"'
    service.delete(made.id)
    assert code_of(service.get, made.id) == "ATTACHMENT_ASSET_ID_NOT_FOUND"


def test_rooms_and_streams_may_have_attachments(client):
    stream = client.liveStream.add(
        Core.KalturaLiveStreamEntry(name="Live", mediaType=201), Core.KalturaSourceType.LIVE_STREAM
    )
    made = client.attachment.attachmentAsset.add(
        stream.id, Attachment.KalturaAttachmentAsset(title="Slides", format="3")
    )
    asked = Core.KalturaAssetFilter(entryIdEqual=stream.id)

    assert [a.id for a in client.attachment.attachmentAsset.list(asked).objects] == [made.id]


@pytest.mark.parametrize("form", ["1", "3"])
@pytest.mark.parametrize("how", ["trim", "clip"])
def test_captions_of_a_cut_are_copied_with_the_times_of_the_part(kaltura, client, how, form):
    text = SRT if form == "1" else f"WEBVTT\n\n{SRT.replace(',', '.')}"
    old = caption(client, content=text, format=form)
    cut = Core.KalturaOperationResource(
        resource=Core.KalturaEntryResource(entryId=VIDEO),
        operationAttributes=[Core.KalturaClipAttributes(offset=30_000, duration=10_500)],
    )
    kaltura.set_background(60)
    if how == "trim":
        made = client.media.updateContent(VIDEO, cut)
    else:
        made = client.media.add(Core.KalturaMediaEntry(name="Part", mediaType=1))
        client.media.addContent(made.id, cut)
    kaltura.advance(30)

    of_part = Caption.KalturaCaptionAssetFilter(entryIdEqual=made.id)
    waiting = [each.status.value for each in client.caption.captionAsset.list(of_part).objects]
    kaltura.advance(61)
    (copy,) = client.caption.captionAsset.list(of_part).objects
    body = http(client.caption.captionAsset.getUrl(copy.id))

    assert (waiting, copy.status.value, copy.language.value) == ([0], 2, "English")
    times = "00:00:10,000 --> 00:00:10,500" if form == "1" else "00:00:10.000 --> 00:00:10.500"
    begins = "1\n" if form == "1" else "WEBVTT\n\n"
    assert body[2] == f"{begins}{times}\nÜber\nzwei\n"
    of_source = Caption.KalturaCaptionAssetFilter(entryIdEqual=VIDEO)
    left = [each.id for each in client.caption.captionAsset.list(of_source).objects]
    assert left == ([old.id] if how == "clip" else [copy.id])
