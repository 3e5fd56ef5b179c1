"""A receiver of notifications on this machine: keeps each request, answers as set."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

WAIT_S = 15.0
#: How soon the server notices that it should end.
POLL_S = 0.02


@dataclass(frozen=True)
class Notified:
    """One request that the receiver got."""

    method: str
    path: str
    headers: dict[str, str]
    body: str


class Receiver:
    """An HTTP server on a free port. ``answers`` are the next statuses; then 200."""

    def __init__(self) -> None:
        self.got: list[Notified] = []
        self.answers: list[int] = []
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def _take(self) -> None:
                length = int(self.headers.get("Content-Length") or 0)
                body = self.rfile.read(length).decode()
                headers = {name.lower(): value for name, value in self.headers.items()}
                receiver.got.append(Notified(self.command, self.path, headers, body))
                status = receiver.answers.pop(0) if receiver.answers else 200
                self.send_response(status)
                self.send_header("Location", "http://127.0.0.1:9/elsewhere")
                self.send_header("Content-Length", "2")
                self.end_headers()
                self.wfile.write(b"ok")

            do_GET = do_POST = do_PUT = do_DELETE = _take

            def log_message(self, *args: Any) -> None:
                """Keep the tests' output clean."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(POLL_S,), daemon=True
        )
        self._thread.start()

    @property
    def url(self) -> str:
        """The address to notify."""
        return f"http://127.0.0.1:{self._server.server_port}/hook"

    def wait(self, count: int = 1) -> list[Notified]:
        """The requests so far, once there are ``count`` of them."""
        deadline = time.monotonic() + WAIT_S
        while len(self.got) < count and time.monotonic() < deadline:
            time.sleep(0.01)
        assert len(self.got) >= count, f"{len(self.got)} of {count} notifications came"
        return list(self.got)

    def close(self) -> None:
        """Stop listening."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
