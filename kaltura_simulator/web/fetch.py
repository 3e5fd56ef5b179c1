"""Requests that the simulator itself makes, only to addresses that its options name.

Whoever holds a secret of an account can have addresses fetched and called. If that were any
address of this machine, a web page that knows the secret could read what listens here.
"""

from __future__ import annotations

import http.client
import time
import urllib.request
from typing import Any
from urllib.parse import SplitResult, urlsplit

MAX_BYTES = 10 * 1024 * 1024
#: How long a fetch may take, from the first connection to the last byte.
FETCH_S = 5.0
_CHUNK_BYTES = 64 * 1024
_PORTS = {"http": 80, "https": 443}


class FetchFailed(OSError):
    """There was nothing to fetch, or too much, or it took too long."""


class NoRedirect(urllib.request.HTTPRedirectHandler):
    """Follows nothing: a receiver cannot send us to an address that is not allowed."""

    def redirect_request(self, *args: Any, **kwargs: Any) -> None:
        """Follow nothing."""


#: Opens addresses directly, whatever proxy the environment names.
OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}), NoRedirect)


def is_allowed(url: str, hosts: str) -> bool:
    """Whether an address is on one of the ``hosts``: ``HOST`` or ``HOST:PORT``, by commas."""
    try:
        parts = urlsplit(url)
        host = (parts.hostname or "").lower()
    except ValueError:
        return False
    written = f"[{host}]" if ":" in host else host
    allowed = {name.strip().lower() for name in hosts.split(",")} - {""}
    return parts.scheme in _PORTS and (written in allowed or f"{written}:{_port(parts)}" in allowed)


def _port(parts: SplitResult) -> int:
    try:
        return parts.port or _PORTS[parts.scheme]
    except ValueError:
        return 0


def fetched(url: str) -> bytes:
    """The file at a web address; callers ask :func:`is_allowed` first. Raises FetchFailed."""
    if urlsplit(url).scheme not in _PORTS:
        raise FetchFailed(f"not an address on the web: {url}")
    until = time.monotonic() + FETCH_S
    found = bytearray()
    try:
        with OPENER.open(url, timeout=FETCH_S) as reply:
            while chunk := reply.read1(_CHUNK_BYTES):
                found += chunk
                if len(found) > MAX_BYTES or time.monotonic() > until:
                    raise FetchFailed(f"too long: {url}")
    except (ValueError, http.client.HTTPException) as problem:
        raise FetchFailed(str(problem)) from problem
    return bytes(found)
