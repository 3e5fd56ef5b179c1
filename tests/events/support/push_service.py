"""A push service on loopback, and browsers that read what it was given."""

from __future__ import annotations

import json
import os
import threading
from base64 import b64decode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from events.models import PushSubscription, User
from events.push.encryption import derived, public_bytes
from events.push.keys import to_text


@dataclass
class FakeBrowser:
    """A browser's keys, and what it can read with them."""

    key: ec.EllipticCurvePrivateKey = field(
        default_factory=lambda: ec.generate_private_key(ec.SECP256R1())
    )
    secret: bytes = field(default_factory=lambda: os.urandom(16))

    @property
    def p256dh(self) -> str:
        return to_text(public_bytes(self.key.public_key()))

    @property
    def auth(self) -> str:
        return to_text(self.secret)

    def read(self, body: bytes) -> bytes:
        """Decrypt as RFC 8291 says, from the receiver's side."""
        salt, sender = body[:16], body[21 : 21 + body[20]]
        theirs = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), sender)
        shared = self.key.exchange(ec.ECDH(), theirs)
        own = public_bytes(self.key.public_key())
        material = derived(self.secret, shared, b"WebPush: info\0" + own + sender, 32)
        key = derived(salt, material, b"Content-Encoding: aes128gcm\0", 16)
        nonce = derived(salt, material, b"Content-Encoding: nonce\0", 12)
        return AESGCM(key).decrypt(nonce, body[21 + body[20] :], None).removesuffix(b"\x02")


@dataclass(frozen=True)
class Pushed:
    """One request at the service."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def claims(self) -> dict[str, Any]:
        """What the sender says of itself."""
        token = self.headers["authorization"].split("t=")[1].split(",")[0]
        text = token.split(".")[1]
        return dict(json.loads(b64decode(text + "=" * (-len(text) % 4), altchars=b"-_")))


class PushService(ThreadingHTTPServer):
    """What came, and what the next requests are answered."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Request)
        self.pushed: list[Pushed] = []
        self.answers: list[int] = []
        self.lock = threading.Lock()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def subscribed(self, user: User, name: str = "one") -> FakeBrowser:
        """A browser of this person that shows notifications."""
        browser = FakeBrowser()
        PushSubscription.objects.create(
            user=user,
            endpoint=f"{self.url}/{name}",
            p256dh=browser.p256dh,
            auth=browser.auth,
            browser="Firefox, Linux",
        )
        return browser


class _Request(BaseHTTPRequestHandler):
    server: PushService

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        headers = {name.lower(): value for name, value in self.headers.items()}
        with self.server.lock:
            status = self.server.answers.pop(0) if self.server.answers else 201
            if status == 201:
                self.server.pushed.append(Pushed(self.path, headers, body))
        self.send_response(status)
        if status in (301, 302, 307, 308):
            self.send_header("Location", f"{self.server.url}/elsewhere")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *args: object) -> None:
        """Nothing to say."""


@contextmanager
def running_push_service() -> Iterator[PushService]:
    with PushService() as service:
        thread = threading.Thread(target=service.serve_forever)
        thread.start()
        yield service
        service.shutdown()
        thread.join()
