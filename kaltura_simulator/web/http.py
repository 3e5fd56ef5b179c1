"""HTTP requests and responses over WSGI, and the router."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cached_property
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qsl

from kaltura_simulator.state.world import World

Environ = dict[str, Any]
StartResponse = Callable[[str, list[tuple[str, str]]], Any]
MAX_BODY_BYTES = 64 * 1024 * 1024


class HttpRequest:
    """One HTTP request; ``world`` is the simulator's state."""

    def __init__(self, environ: Environ, world: World):
        self.environ, self.world = environ, world
        self.method: str = environ["REQUEST_METHOD"]
        # WSGI hands paths over as Latin-1 (PEP 3333); the bytes are UTF-8.
        self.path: str = environ["PATH_INFO"].encode("latin-1").decode("utf-8", "replace")
        self.query_string: str = environ.get("QUERY_STRING", "")
        self.content_type: str = environ.get("CONTENT_TYPE", "")

    @cached_property
    def body(self) -> bytes:
        """The body, cut off at MAX_BODY_BYTES."""
        length = int(self.environ.get("CONTENT_LENGTH") or 0)
        if self.environ.get("HTTP_TRANSFER_ENCODING", "").lower() == "chunked":
            return bytes(self.environ["wsgi.input"].read(MAX_BODY_BYTES))
        return bytes(self.environ["wsgi.input"].read(min(length, MAX_BODY_BYTES)))

    @cached_property
    def query(self) -> dict[str, str]:
        """The query string's fields; a name given twice keeps its last value."""
        return dict(parse_qsl(self.query_string, keep_blank_values=True))

    @cached_property
    def form(self) -> dict[str, str]:
        """The fields of a url-encoded body."""
        return dict(parse_qsl(self.body.decode("utf-8", "replace"), keep_blank_values=True))

    @cached_property
    def json(self) -> Any:
        """The body as JSON; ValueError when it is none."""
        return json.loads(self.body or b"{}")

    @property
    def host_url(self) -> str:
        """``http://host:port`` as the caller wrote it."""
        scheme = self.environ.get("wsgi.url_scheme", "http")
        return f"{scheme}://{self.environ.get('HTTP_HOST', 'localhost')}"

    @property
    def remote_addr(self) -> str:
        """The caller's address."""
        return str(self.environ.get("REMOTE_ADDR", ""))

    def header(self, name: str, default: str = "") -> str:
        """A header by its usual name."""
        key = name.upper().replace("-", "_")
        return str(self.environ.get(f"HTTP_{key}", default))


@dataclass
class HttpResponse:
    """An HTTP response; ``text`` and ``data`` below make the usual ones."""

    body: bytes = b""
    status: int = 200
    content_type: str = "text/html; charset=utf-8"
    headers: list[tuple[str, str]] = field(default_factory=list)
    #: Close the connection without sending anything at all.
    hang_up: bool = False

    def send(self, start_response: StartResponse) -> Iterable[bytes]:
        """Send the response through the WSGI server, as one block."""
        headers = [("Content-Length", str(len(self.body)))]
        if self.content_type:
            headers.append(("Content-Type", self.content_type))
        start_response(f"{self.status} {HTTPStatus(self.status).phrase}", headers + self.headers)
        return [self.body]


def text(
    body: str, status: int = 200, content_type: str = "text/html; charset=utf-8"
) -> HttpResponse:
    """A response with text."""
    return HttpResponse(body.encode(), status, content_type)


def data(value: Any, status: int = 200) -> HttpResponse:
    """A response with JSON."""
    return HttpResponse(json.dumps(value, indent=1).encode(), status, "application/json")


Handler = Callable[[HttpRequest], HttpResponse]


class Router:
    """Finds the handler whose prefix is the longest that fits the path."""

    def __init__(self) -> None:
        self._routes: list[tuple[str, Handler]] = []

    def route(self, prefix: str, handler: Handler) -> None:
        """Serve every path that starts with ``prefix``; ``/`` alone is only the front page."""
        self._routes.append((prefix, handler))
        self._routes.sort(key=lambda item: -len(item[0]))

    def find(self, path: str) -> Handler | None:
        """The handler for a path."""
        for prefix, handler in self._routes:
            if path == prefix or (prefix != "/" and path.startswith(prefix)):
                return handler
        return None
