"""Media: from Kaltura's hosts alone, bounded, and no secret in what is said about it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from kaltura_bridge.api.errors import RemoteUnavailable
from kaltura_bridge.reach.engines.base import EngineFailed
from kaltura_bridge.reach.media import _download, is_allowed
from tests.kaltura_bridge.support.vendoring import EchoEngine, VendorSite


@pytest.fixture
def media_server(settings) -> Iterator[str]:
    """Kaltura's host, as far as files go."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            name = self.path.strip("/").partition("/")[0]
            if name == "elsewhere":
                self._redirect("http://127.0.0.1:9/ks/SECRETKEY")
            elif name == "around":
                self._redirect("/around")
            elif name == "once":
                self._redirect("/whole")
            elif name in {"whole", "short", "empty"}:
                body = b"" if name == "empty" else b"sound"
                self.send_response(200)
                self.send_header("Content-Length", str(len(body) + 5 * (name == "short")))
                self.end_headers()
                self.wfile.write(body)
            else:
                self.send_error(int(name))

        def _redirect(self, to: str) -> None:
            self.send_response(302)
            self.send_header("Location", to)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *args: object) -> None:
            """Quiet."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    settings.KALTURA_SERVICE_URL = f"http://127.0.0.1:{server.server_port}"
    yield settings.KALTURA_SERVICE_URL
    server.shutdown()
    server.server_close()


def test_redirect_within_the_host_is_followed(media_server: str, tmp_path: Path):
    beats: list[int] = []
    _download(f"{media_server}/once", tmp_path / "a", lambda: beats.append(1))

    assert ((tmp_path / "a").read_bytes(), beats) == (b"sound", [1])


@pytest.mark.parametrize(
    ("path", "kind", "why"),
    [
        ("elsewhere", EngineFailed, "lies on 127.0.0.1:9, from which this vendor takes nothing"),
        ("around", EngineFailed, "without an end"),
        ("empty", EngineFailed, "The media is empty"),
        ("404", EngineFailed, r"cannot be fetched \(HTTP 404\)"),
        ("503", RemoteUnavailable, "HTTP 503"),
        ("short", RemoteUnavailable, "broke off"),
    ],
)
def test_what_is_no_media_is_refused(media_server: str, tmp_path: Path, path, kind, why):
    with pytest.raises(kind, match=why) as refused:
        _download(f"{media_server}/{path}/ks/SECRETKEY", tmp_path / "a", lambda: None)
    assert "SECRETKEY" not in str(refused.value)


@pytest.mark.parametrize(
    ("address", "allowed"),
    [
        ("https://www.kaltura.com/p/1", True),
        ("https://cdnapisec.kaltura.com/p/1", True),
        ("https://cdn.example.com/p/1", True),
        ("https://a.media.example.com/p/1", True),
        ("http://cdnapisec.kaltura.com/p/1", False),
        ("https://cdnapisec.kaltura.com:8443/p/1", False),
        ("https://evilkaltura.com/p/1", False),
        ("https://kaltura.com.evil.test/p/1", False),
        ("https://www.kaltura.com@evil.test/p/1", False),
        ("https://user@www.kaltura.com/p/1", False),
        ("https://169.254.169.254/latest", False),
        ("http://127.0.0.1:6379/", False),
        ("file:///etc/passwd", False),
        ("ftp://www.kaltura.com/p/1", False),
    ],
)
def test_only_the_accounts_hosts_are_asked(settings, address: str, allowed: bool):
    settings.KALTURA_SERVICE_URL = "https://www.kaltura.com"
    settings.REACH_VENDOR_MEDIA_HOSTS = ["cdn.example.com", ".media.example.com"]

    assert is_allowed(address) is allowed


@pytest.mark.django_db
def test_media_that_is_too_large_is_an_error_of_the_task(vendor: VendorSite, settings, monkeypatch):
    monkeypatch.setattr("kaltura_bridge.reach.media._MB", 1000)
    settings.REACH_VENDOR_MEDIA_MB = 2
    task = vendor.order()
    vendor.round(EchoEngine({}))

    assert vendor.status(task) == (6, "The media is larger than 2 MB.")


@pytest.mark.parametrize("address", ["https://x.kaltura.com:99999/", "https://[x", "https://:x/"])
def test_what_is_no_address_is_not_fetched(address):
    assert is_allowed(address) is False
