"""Requests that the simulator itself makes, to this machine or to hosts that were allowed."""

from __future__ import annotations

import http.client
import ipaddress
import time
import urllib.request
from typing import Any
from urllib.parse import urlsplit

MAX_BYTES = 10 * 1024 * 1024
#: How long a fetch may take, from the first connection to the last byte.
FETCH_S = 5.0
_CHUNK_BYTES = 64 * 1024
_SCHEMES = frozenset({"http", "https"})


class FetchFailed(OSError):
    """There was nothing to fetch, or too much, or it took too long."""


class NoRedirect(urllib.request.HTTPRedirectHandler):
    """Follows nothing: a receiver cannot send us to an address that is not allowed."""

    def redirect_request(self, *args: Any, **kwargs: Any) -> None:
        """Follow nothing."""


#: Opens addresses directly, whatever proxy the environment names.
OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}), NoRedirect)


def is_allowed(url: str, hosts: str) -> bool:
    """Whether an address is on this machine, or on one of the ``hosts`` (comma-separated)."""
    try:
        parts = urlsplit(url)
        host = (parts.hostname or "").lower()
    except ValueError:
        return False
    allowed = {name.strip().lower() for name in hosts.split(",")} - {""}
    return parts.scheme in _SCHEMES and (_is_loopback(host) or host in allowed)


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def fetched(url: str) -> bytes:
    """The file at a web address; callers ask :func:`is_allowed` first. Raises FetchFailed."""
    if urlsplit(url).scheme not in _SCHEMES:
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
