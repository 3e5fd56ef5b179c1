"""Requests that the simulator itself makes, only to addresses that its options name.

Whoever holds a secret of an account can have addresses fetched and called. If that were any
address of this machine, a web page that knows the secret could read what listens here. So
:func:`fetched` asks before each connection, redirects included.
"""

from __future__ import annotations

import http.client
import ipaddress
import time
import urllib.error
import urllib.request
from typing import Any
from urllib.parse import SplitResult, urlsplit

MAX_BYTES = 16 * 1024 * 1024
#: How long a fetch may take, from the first connection to the last byte.
FETCH_S = 5.0
_CHUNK_BYTES = 64 * 1024
_PORTS = {"http": 80, "https": 443}
#: Top-level names that no public address has (RFC 6761, RFC 6762).
_NEVER_PUBLIC = frozenset({"localhost", "invalid", "local", "internal"})


class FetchFailed(OSError):
    """There was nothing to fetch, or too much, or it took too long, or it is not allowed."""


class NoRedirect(urllib.request.HTTPRedirectHandler):
    """Follows nothing: a receiver cannot send us to an address that is not allowed."""

    def redirect_request(self, *args: Any, **kwargs: Any) -> None:
        """Follow nothing."""


class _NamedRedirect(urllib.request.HTTPRedirectHandler):
    """Follows redirects to addresses that ``hosts`` names."""

    def __init__(self, hosts: str):
        self.hosts = hosts

    def redirect_request(
        self, req: Any, fp: Any, code: int, msg: str, headers: Any, newurl: str
    ) -> urllib.request.Request | None:
        """Refuse the address that the redirect leads to, unless it is named."""
        _refuse_unnamed(newurl, self.hosts)
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def _opener(redirects: urllib.request.HTTPRedirectHandler) -> urllib.request.OpenerDirector:
    """Opens addresses directly, whatever proxy the environment names."""
    return urllib.request.build_opener(urllib.request.ProxyHandler({}), redirects)


OPENER = _opener(NoRedirect())


# ---------------------------------------------------------------------- addresses
def _parts(url: str) -> SplitResult | None:
    """The parts of a web address; None when it is none."""
    try:
        parts = urlsplit(url)
        return parts if parts.scheme in _PORTS and parts.hostname else None
    except ValueError:
        return None


def _port(parts: SplitResult) -> int:
    try:
        return parts.port or _PORTS[parts.scheme]
    except ValueError:
        return 0


def is_allowed(url: str, hosts: str) -> bool:
    """Whether an address is on one of the ``hosts``: ``HOST`` or ``HOST:PORT``, by commas."""
    parts = _parts(url)
    if parts is None:
        return False
    host = str(parts.hostname).lower()
    written = f"[{host}]" if ":" in host else host
    allowed = {name.strip().lower() for name in hosts.split(",")} - {""}
    return written in allowed or f"{written}:{_port(parts)}" in allowed


def is_public(url: str) -> bool:
    """Whether an address could be one of the Internet, which a real server would fetch from."""
    parts = _parts(url)
    if parts is None:
        return False
    host = str(parts.hostname).lower().rstrip(".")
    try:
        return ipaddress.ip_address(host).is_global
    except ValueError:
        return "." in host and host.rpartition(".")[2] not in _NEVER_PUBLIC


def _refuse_unnamed(url: str, hosts: str) -> None:
    if not is_allowed(url, hosts):
        raise FetchFailed(f"not an address that --fetch-hosts names: {url}")


# ----------------------------------------------------------------------- fetching
def fetched(url: str, hosts: str, any_status: bool = False) -> bytes:
    """The file at an address that ``hosts`` names; raises FetchFailed.

    With ``any_status`` the page of an error counts as the file, as it does to Kaltura where
    it fetches pictures.
    """
    _refuse_unnamed(url, hosts)
    try:
        with _opened(url, hosts, any_status) as reply:
            return _whole(reply, url)
    except (ValueError, http.client.HTTPException) as problem:
        raise FetchFailed(str(problem)) from problem


def _opened(url: str, hosts: str, any_status: bool) -> Any:
    try:
        return _opener(_NamedRedirect(hosts)).open(url, timeout=FETCH_S)
    except urllib.error.HTTPError as page:
        if not any_status:
            page.close()
            raise
        return page


def _whole(reply: Any, url: str) -> bytes:
    until = time.monotonic() + FETCH_S
    found = bytearray()
    while chunk := reply.read1(_CHUNK_BYTES):
        found += chunk
        if len(found) > MAX_BYTES or time.monotonic() > until:
            raise FetchFailed(f"too long: {url}")
    return bytes(found)
