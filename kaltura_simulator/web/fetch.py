"""What lies at an address on the web. Callers see to it that the simulator may go there."""

from __future__ import annotations

import http.client
import time
import urllib.request
from typing import Any
from urllib.parse import urlsplit

MAX_BYTES = 10 * 1024 * 1024
#: How long a fetch may take, from the first connection to the last byte.
FETCH_S = 5.0
_PIECE = 64 * 1024


class Failed(OSError):
    """There was nothing to fetch, or too much, or it took too long."""


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """An address cannot send us elsewhere."""

    def redirect_request(self, *args: Any, **kwargs: Any) -> None:
        """Follow nothing."""


_OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}), _NoRedirect)


def fetched(url: str) -> bytes:
    """The file at a web address. Raises Failed."""
    if urlsplit(url).scheme not in {"http", "https"}:
        raise Failed(f"not an address on the web: {url}")
    until = time.monotonic() + FETCH_S
    found = bytearray()
    try:
        with _OPENER.open(url, timeout=FETCH_S) as reply:
            while piece := reply.read1(_PIECE):
                found += piece
                if len(found) > MAX_BYTES or time.monotonic() > until:
                    raise Failed(f"too long: {url}")
    except (ValueError, http.client.HTTPException) as problem:
        raise Failed(str(problem)) from problem
    return bytes(found)
