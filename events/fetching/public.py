"""The one place that fetches addresses which people typed: guarded against leading inside.

Whoever may edit an event may type any address. So each name is looked up, all of its addresses
must be public, and the connection goes to the very address that was checked: a name that
answers otherwise the next moment reaches nothing. Redirects pass the same gate, one by one.
Nothing of ours goes along: no cookie, no password, no referrer.
https://cheatsheetseries.owasp.org/cheatsheets/Server_Side_Request_Forgery_Prevention_Cheat_Sheet.html
"""

from __future__ import annotations

import ipaddress
import socket
import threading
import time
from collections.abc import Collection, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from http.client import HTTPException
from typing import Any, Final
from urllib.parse import SplitResult, urljoin, urlsplit

from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError

MAX_REDIRECTS: Final = 5
_STEP_S: Final = 3.0
_CHUNK_BYTES: Final = 64 * 1024
_PORTS: Final = {"http": 80, "https": 443}
# An IPv4 address within an IPv6 one (RFC 6052).
_NAT64: Final = ipaddress.ip_network("64:ff9b::/96")
# All that is given to anybody on the internet (RFC 4291). Beyond it lie forms that lead inside,
# such as a network's own NAT64 (RFC 8215) and old site-local addresses.
_GIVEN: Final = ipaddress.ip_network("2000::/3")
# What Python's list of special addresses has not, or only from some version on.
_SPECIAL: Final = tuple(map(ipaddress.ip_network, ("192.0.0.0/24", "192.88.99.0/24", "3fff::/20")))
_NOT_MODIFIED: Final = 304
_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})


class NothingFetched(Exception):
    """Nothing could be had from an address; the text says why, for people.

    ``passes``: it may be otherwise later.
    """

    def __init__(self, reason: str, *, passes: bool = False) -> None:
        super().__init__(reason)
        self.passes = passes


@dataclass(frozen=True)
class FetchLimits:
    """How much may come, and how long all of it may take: look-ups, redirects, the last byte.

    ``hosts`` may be asked although they are not public; their names come from settings.
    ``keeps_tls``: an https address may not lead to another.
    """

    bytes: int
    seconds: float
    hosts: Collection[str] = ()
    keeps_tls: bool = False


@dataclass(frozen=True)
class Fetched:
    """What lay there; ``data`` is None where it has not changed since the tag that was sent."""

    data: bytes | None
    headers: Mapping[str, str] = field(default_factory=dict)


def fetch(url: str, limits: FetchLimits, headers: Mapping[str, str] | None = None) -> Fetched:
    """What lies at a public address. Raises NothingFetched."""
    ends = time.monotonic() + limits.seconds
    for _ in range(MAX_REDIRECTS + 1):
        found = _fetch_one(url, limits, headers or {}, ends)
        if isinstance(found, Fetched):
            return found
        target = urljoin(url, found)
        if limits.keeps_tls and url.startswith("https:") and not target.startswith("https:"):
            raise NothingFetched("the address leads from https to another")
        url = target
    raise NothingFetched("the address leads from one to another without end")


def check_address(url: str) -> SplitResult:
    """The parts of a web address that may be asked at all. Raises NothingFetched."""
    try:
        parts = urlsplit(url)
        host, _port = (parts.hostname or "").lower(), parts.port
    except ValueError:
        raise NothingFetched("this is no web address") from None
    if not host or parts.scheme not in _PORTS or any(c.isspace() for c in url):
        raise NothingFetched("this is no web address")
    return parts


def _fetch_one(
    url: str, limits: FetchLimits, headers: Mapping[str, str], ends: float
) -> Fetched | str:
    """What one address answers, or where it leads."""
    parts = check_address(url)
    host = (parts.hostname or "").lower()
    path = f"{parts.path or '/'}{'?' + parts.query if parts.query else ''}"
    sent = {"Host": parts.netloc.rpartition("@")[2], "Accept-Encoding": "identity", **headers}
    try:
        with _connected(parts, host, limits, ends) as connection:
            connection.request("GET", path, headers=sent, preload_content=False)
            with closing(connection.getresponse()) as reply:
                return _judge(reply, limits, ends)
    except (HTTPError, HTTPException, OSError, ValueError):
        raise NothingFetched(f"{host} does not answer", passes=True) from None


def _judge(reply: Any, limits: FetchLimits, ends: float) -> Fetched | str:
    if reply.status in _REDIRECTS and (target := reply.headers.get("Location")):
        return str(target)
    if reply.status == _NOT_MODIFIED:
        return Fetched(None, dict(reply.headers.items()))
    if reply.status != 200:
        passes = reply.status >= 500 or reply.status == 429
        raise NothingFetched(f"the address answers with HTTP {reply.status}", passes=passes)
    if reply.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise NothingFetched("the address answers with packed content, which nobody asked for")
    pieces, size = [], 0
    while chunk := reply.read1(_CHUNK_BYTES):
        pieces.append(chunk)
        size += len(chunk)
        if size > limits.bytes:
            raise NothingFetched(f"it is larger than {limits.bytes // 1024**2} MB")
        if time.monotonic() > ends:
            raise NothingFetched("it takes too long to arrive", passes=True)
    if time.monotonic() >= ends:
        # Cut off, which looks like the end of what has no length.
        raise NothingFetched("it takes too long to arrive", passes=True)
    if (said := reply.headers.get("Content-Length", "")).isdecimal() and int(said) != size:
        raise NothingFetched("it broke off on the way", passes=True)
    return Fetched(b"".join(pieces), dict(reply.headers.items()))


@contextmanager
def _connected(
    parts: SplitResult, host: str, limits: FetchLimits, ends: float
) -> Iterator[HTTPConnection]:
    """Connects to the checked address alone; the certificate is the name's all the same.

    Each step has its time, and so has the whole: a server that sends a byte now and then is cut
    off, in its headers too.
    """
    port = parts.port or _PORTS[parts.scheme]
    address = public_address(host, port, limits.hosts)
    if parts.scheme == "http":
        connection: HTTPConnection = HTTPConnection(address, port, timeout=_STEP_S)
    else:
        connection = HTTPSConnection(
            address, port, timeout=_STEP_S, server_hostname=host, assert_hostname=host
        )
    connection.connect()
    watch = threading.Timer(max(0.1, ends - time.monotonic()), _cut, [connection.sock])
    watch.daemon = True
    watch.start()
    try:
        yield connection
    finally:
        watch.cancel()
        connection.close()


def _cut(sock: socket.socket) -> None:
    with suppress(OSError):
        sock.shutdown(socket.SHUT_RDWR)


def public_address(host: str, port: int, hosts: Collection[str] = ()) -> str:
    """The address to connect to. Raises NothingFetched unless each that the name has is public."""
    try:
        rows = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise NothingFetched(f"there is no host {host}", passes=True) from None
    found = [str(row[4][0]) for row in rows]
    if not found or not (host in hosts or all(map(_is_public, found))):
        raise NothingFetched("the address is not public")
    return found[0]


def _is_public(text: str) -> bool:
    """Whether everybody on the internet means the same by this address."""
    address = ipaddress.ip_address(text.partition("%")[0])
    if not address.is_global or address.is_multicast:
        return False
    if any(address in network for network in _SPECIAL):
        return False
    if isinstance(address, ipaddress.IPv4Address):
        return True
    if address in _NAT64:
        return _is_public(str(ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)))
    if address not in _GIVEN:
        return False
    return address.sixtofour is None or _is_public(str(address.sixtofour))
