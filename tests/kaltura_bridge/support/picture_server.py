"""A web server with pictures, and with much that is none."""

from __future__ import annotations

import atexit
import threading
from functools import cached_property
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Final

PNG: Final = b"\x89PNG\r\n\x1a\n" + b"a picture"
JPEG: Final = b"\xff\xd8\xff\xe0" + b"a picture"
ANSWERS: Final[dict[str, tuple[int, bytes, dict[str, str]]]] = {
    "/one.png": (200, PNG, {}),
    "/two.png": (200, PNG, {}),
    "/a.jpg": (200, JPEG, {}),
    "/page": (200, b"<html>No picture</html>", {"Content-Type": "image/png"}),
    "/empty": (200, b"", {}),
    "/huge.png": (200, PNG + b"x" * (11 * 1024 * 1024), {}),
    "/moved": (302, b"", {"Location": "/one.png"}),
    "/round": (302, b"", {"Location": "/round"}),
    "/metadata": (302, b"", {"Location": "http://169.254.169.254/latest/meta-data"}),
    "/other-scheme": (302, b"", {"Location": "file:///etc/passwd"}),
    "/busy": (503, b"", {}),
}
MISSING: Final = (404, PNG, {"Content-Type": "image/png"})


class PictureServer:
    """Starts when first asked for an address, and ends with this process."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    @cached_property
    def _server(self) -> ThreadingHTTPServer:
        asked = self.asked

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                asked.append(self.path)
                status, body, headers = ANSWERS.get(self.path, MISSING)
                self.send_response(status)
                for name, value in {**headers, "Content-Length": str(len(body))}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *args: object) -> None:
                """Nobody reads it."""

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        atexit.register(server.server_close)
        return server

    def url(self, name: str) -> str:
        """The address of one of its answers."""
        return f"http://127.0.0.1:{self._server.server_port}/{name}"


PICTURES: Final = PictureServer()
