"""Entries have a picture that can be fetched: their own, or one made for them."""

from __future__ import annotations

import struct
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from KalturaClient.Plugins import Core

from kaltura_simulator.media import pictures
from tests.kaltura_simulator.support.clients import USER, call, client_of, code_of, ks_of

PICTURE = b"\xff\xd8\xff\xe0 a picture"
_OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class _Pictures(BaseHTTPRequestHandler):
    """A web server with one picture; ``/asks`` looks at the local Kaltura first.

    Other paths are errors, with a page or, ``/none``, without one.
    """

    asks = ""

    def do_GET(self) -> None:
        if self.path == "/asks":
            _OPENER.open(self.asks, timeout=5).read()
        self.send_response(200 if self.path in {"/a.jpg", "/asks"} else 404)
        self.end_headers()
        if self.path != "/none":
            self.wfile.write(PICTURE)

    def log_message(self, *args: object) -> None:
        """Keep the tests' output clean."""


@pytest.fixture
def web() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Pictures)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.fixture
def client(kaltura):
    return client_of(kaltura)


def add_live(client):
    entry = Core.KalturaLiveStreamEntry(
        name="Keynote", mediaType=Core.KalturaMediaType.LIVE_STREAM_FLASH
    )
    return client.liveStream.add(entry, Core.KalturaSourceType.LIVE_STREAM)


def fetched(url: str) -> tuple[int, str, bytes]:
    """Status, type and bytes of a picture."""
    try:
        with _OPENER.open(url, timeout=10) as reply:
            return reply.status, reply.headers["Content-Type"], reply.read()
    except urllib.error.HTTPError as problem:
        with problem:
            return problem.code, "", problem.read()


def size_of(png: bytes) -> tuple[int, int]:
    assert png.startswith(b"\x89PNG\r\n\x1a\n")
    width, height = struct.unpack(">II", png[16:24])
    return width, height


@pytest.mark.parametrize(
    ("wish", "size"),
    [
        ("", (120, 90)),
        ("/width/320", (320, 180)),
        ("/height/90", (160, 90)),
        ("/width/200/height/200", (200, 200)),
        ("/version/100001/width/5000/type/2", (1920, 1920)),
        ("/width/-1/height/x", (120, 90)),
    ],
)
def test_picture_is_made_in_the_size_asked_for(client, kaltura, wish, size):
    entry = add_live(client)
    url = f"{kaltura.url}/p/{kaltura.partner_id}/thumbnail/entry_id/{entry.id}{wish}"
    status, kind, picture = fetched(url)
    assert (status, kind, size_of(picture)) == (200, "image/png", size)


def test_picture_stands_at_the_address_that_the_entry_names(client, kaltura):
    entry = add_live(client)
    other = f"{kaltura.url}/p/{kaltura.partner_id}/sp/10100/thumbnail/entry_id/{entry.id}"
    assert fetched(entry.thumbnailUrl) == fetched(other)
    # Two ids may lead to the same colours; five others hardly all do.
    others = [fetched(add_live(client).thumbnailUrl) for _ in range(5)]
    assert others != [fetched(entry.thumbnailUrl)] * 5


def test_picture_of_an_upload_is_the_upload(client, kaltura, tmp_path):
    entry = add_live(client)
    path = tmp_path / "a.jpg"
    path.write_bytes(PICTURE)
    with path.open("rb") as file:
        changed = client.baseEntry.updateThumbnailJpeg(entry.id, file)
    kaltura.restart()
    assert changed.thumbnailUrl != entry.thumbnailUrl
    assert fetched(changed.thumbnailUrl) == (200, "image/jpeg", PICTURE)
    assert fetched(f"{changed.thumbnailUrl}/width/300")[2] == PICTURE


def test_picture_from_the_web_is_kept(client, kaltura, web):
    entry = add_live(client)
    changed = client.baseEntry.updateThumbnailFromUrl(entry.id, f"{web}/a.jpg")
    assert fetched(changed.thumbnailUrl)[2] == PICTURE


def test_picture_from_the_web_keeps_nobody_waiting(client, kaltura, web):
    entry = add_live(client)
    _Pictures.asks = f"{kaltura.url}/api_v3/service/system/action/ping"
    changed = client.baseEntry.updateThumbnailFromUrl(entry.id, f"{web}/asks")
    assert fetched(changed.thumbnailUrl)[2] == PICTURE


def test_picture_of_any_entry_can_be_changed(client, web, tmp_path):
    path = tmp_path / "a.jpg"
    path.write_bytes(PICTURE)
    changed = []
    for service, entry_id in ((client.baseEntry, "0_tmplroom"), (client.media, "0_videoone")):
        with path.open("rb") as file:
            changed.append(service.updateThumbnailJpeg(entry_id, file))
        changed.append(service.updateThumbnailFromUrl(entry_id, f"{web}/a.jpg"))
    assert [fetched(entry.thumbnailUrl)[2] for entry in changed] == [PICTURE] * 4
    assert len({entry.thumbnailUrl for entry in changed}) == 4
    code = code_of(client.media.updateThumbnailFromUrl, "0_tmplroom", f"{web}/a.jpg")
    assert code == "ENTRY_ID_NOT_FOUND"


def test_picture_that_is_not_there_is_refused(client, kaltura, web):
    entry = add_live(client)
    refused = call(
        kaltura,
        "baseentry.updateThumbnailFromUrl",
        ks=ks_of(kaltura),
        entryId=entry.id,
        url=f"{web}/none",
    )
    assert (refused["code"], refused["message"]) == (
        "THUMB_ASSET_DOWNLOAD_FAILED",
        f'Failed to download thumbnail from URL "{web}/none"',
    )


def test_picture_may_be_the_page_of_an_error(client, kaltura, web):
    changed = client.baseEntry.updateThumbnailFromUrl(add_live(client).id, f"{web}/gone")
    assert fetched(changed.thumbnailUrl)[2] == PICTURE


@pytest.mark.parametrize(
    "url",
    [
        "http://10.1.2.3/a.jpg",
        "http://192.168.0.1/a.jpg",
        "http://[fe80::1]/a.jpg",
        "http://intranet/a.jpg",
        "http://printer.local/a.jpg",
        "ftp://example.org/a.jpg",
        "//example.org/a.jpg",
    ],
)
def test_picture_of_a_private_address_is_refused(client, url):
    code = code_of(client.baseEntry.updateThumbnailFromUrl, add_live(client).id, url)
    assert code == "THUMB_ASSET_DOWNLOAD_FAILED"


def test_picture_elsewhere_is_believed_in(client, kaltura):
    entry = add_live(client)
    url = "https://example.test/a.jpg"
    changed = client.baseEntry.updateThumbnailFromUrl(entry.id, url)
    assert fetched(changed.thumbnailUrl)[1] == "image/png"


def test_picture_is_for_every_user_to_change(client, kaltura):
    entry = add_live(client)
    other = client_of(kaltura, USER, "eve")
    changed = other.baseEntry.updateThumbnailFromUrl(entry.id, "https://example.test/a.jpg")
    assert changed.thumbnailUrl != entry.thumbnailUrl
    widget = client_of(kaltura, USER, "eve", privileges="setrole:PLAYBACK_BASE_ROLE")
    change = widget.baseEntry.updateThumbnailFromUrl
    assert code_of(change, entry.id, "https://example.test/a.jpg") == "SERVICE_FORBIDDEN"


def test_picture_for_a_stream_that_is_off_is_taken_once_and_never_shown(client, kaltura, web):
    entry = add_live(client)
    client.baseEntry.updateThumbnailFromUrl(entry.id, f"{web}/a.jpg")
    changed = client.liveStream.updateOfflineThumbnailFromUrl(entry.id, f"{web}/gone?other")
    again = code_of(client.liveStream.updateOfflineThumbnailFromUrl, entry.id, f"{web}/a.jpg")
    later = client.baseEntry.updateThumbnailFromUrl(entry.id, f"{web}/a.jpg")
    assert fetched(changed.thumbnailUrl)[2] == PICTURE
    assert again == "INTERNAL_SERVERL_ERROR"
    assert len({entry.thumbnailUrl, changed.thumbnailUrl, later.thumbnailUrl}) == 3


def test_picture_that_looks_dangerous_is_refused(client, tmp_path):
    path, entry = tmp_path / "a.jpg", add_live(client)

    def upload(body: bytes) -> None:
        path.write_bytes(body)
        with path.open("rb") as file:
            client.baseEntry.updateThumbnailJpeg(entry.id, file)

    for body in (b"", b" <!DOCTYPE HTML><p>", b"<?php 1;", b"#!/bin/sh", b"MZ\x90", b"\x7fELF"):
        assert code_of(upload, body) == "FILE_CONTENT_NOT_SECURE"
    upload(b"no picture, but no danger either")


def test_picture_becomes_that_of_the_entry_as_its_asset(client, tmp_path):
    path, entry = tmp_path / "a.png", add_live(client)
    path.write_bytes(pictures.for_text("x", 64, 36))
    assets = client.thumbAsset
    with path.open("rb") as file:
        one = assets.addFromImage(entry.id, file)
    two = assets.addFromUrl(entry.id, "https://example.test/a.jpg")
    assets.setAsDefault(one.id)
    shown = fetched(client.liveStream.get(entry.id).thumbnailUrl)[2]
    assert (shown, one.width, one.height, one.fileExt) == (path.read_bytes(), 64, 36, "png")
    assert code_of(assets.delete, one.id) == "THUMB_ASSET_IS_DEFAULT"
    assets.setAsDefault(two.id)
    assets.delete(one.id)
    asked = Core.KalturaThumbAssetFilter(entryIdEqual=entry.id)
    assert [row.id for row in assets.list(asked).objects] == [two.id]
    assert code_of(assets.get, one.id) == "THUMB_ASSET_ID_NOT_FOUND"


def test_picture_of_nothing_is_a_bare_status(client, kaltura):
    entry = add_live(client)
    client.liveStream.delete(entry.id)
    base = f"{kaltura.url}/p/{kaltura.partner_id}"
    asked = (
        f"{base}/thumbnail/entry_id/{entry.id}",
        f"{base}/thumbnail/entry_id/0_nosuchid",
        f"{kaltura.url}/p/999/thumbnail/entry_id/0_videoone",
        f"{base}/elsewhere",
        f"{base}/thumbnail/entry_id/0_videoone/width/10001",
    )
    assert [fetched(url)[::2] for url in asked] == [(404, b"")] * 4 + [(400, b"")]


def test_recording_takes_the_picture_when_told(client, kaltura, web):
    entry = add_live(client)
    options = Core.KalturaLiveEntryRecordingOptions(shouldCopyThumbnail=1)
    change = Core.KalturaLiveStreamEntry(recordingOptions=options)
    client.liveStream.update(entry.id, change)
    client.baseEntry.updateThumbnailFromUrl(entry.id, f"{web}/a.jpg")
    kaltura.switch(entry.id, "on_air")
    recording = client.media.get(client.liveStream.get(entry.id).recordedEntryId)
    assert fetched(recording.thumbnailUrl)[2] == PICTURE
