"""The one place that fetches addresses which people typed: guarded, and read for a picture only.

Whoever may edit an event may type any address. So each name is looked up, all of its addresses
must be public, and the connection goes to the very address that was checked: a name that
answers otherwise the next moment reaches nothing. Redirects pass the same gate, one by one.
Kaltura itself looks at none of that and takes a page of 404 for a picture (seen at a running
server, 22.19). https://cheatsheetseries.owasp.org/cheatsheets/Server_Side_Request_Forgery_Prevention_Cheat_Sheet.html
"""

from __future__ import annotations

import ipaddress
import logging
import socket
import time
from pathlib import Path
from typing import Any, Final
from urllib.parse import urljoin, urlsplit

from django.conf import settings
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool, Timeout
from urllib3.exceptions import HTTPError

from events.files import storage
from events.files.pictures import as_jpeg
from kaltura_bridge.fields import UPLOADED

logger = logging.getLogger(__name__)

MAX_BYTES: Final = 10 * 1024 * 1024
MAX_REDIRECTS: Final = 5
# For all of it: look-ups, redirects and the last byte.
WHOLE_S: Final = 8.0
_STEP_S: Final = 3.0
# What looking at pictures may take in one batch; its leases must outlast it.
BUDGET_S: Final = 15.0
_CHUNK_BYTES: Final = 64 * 1024
_PORTS: Final = {"http": 80, "https": 443}
# An IPv4 address within an IPv6 one (RFC 6052).
_NAT64: Final = ipaddress.ip_network("64:ff9b::/96")
_STARTS: Final = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n")


class NoPicture(Exception):
    """There is no picture to be had at an address; the text says why, for people.

    ``passes``: it may be there later.
    """

    def __init__(self, reason: str, *, passes: bool = False) -> None:
        super().__init__(reason)
        self.passes = passes


def check_picture(url: str) -> None:
    """Fetch the picture at a public address, and forget it. Raises NoPicture."""
    ends = time.monotonic() + WHOLE_S
    for _ in range(MAX_REDIRECTS + 1):
        target = _read(url, ends)
        if not target:
            return
        url = urljoin(url, target)
    raise NoPicture("the address leads from one to another without end")


def _read(url: str, ends: float) -> str:
    """Read what one address answers: "" for a picture, else where it leads."""
    try:
        parts = urlsplit(url)
        host, port = (parts.hostname or "").lower(), parts.port or _PORTS.get(parts.scheme, 0)
    except ValueError:
        raise NoPicture("this is no web address") from None
    if not host or parts.scheme not in _PORTS:
        raise NoPicture("this is no web address")
    path = f"{parts.path or '/'}{'?' + parts.query if parts.query else ''}"
    pool = _pool(parts.scheme, host, _address_of(host, port), port)
    try:
        with pool:
            reply = pool.urlopen(
                "GET",
                path,
                headers={"Host": parts.netloc.rpartition("@")[2], "Accept": "image/jpeg,image/png"},
                redirect=False,
                retries=False,
                preload_content=False,
                decode_content=False,
            )
            try:
                return _judge(reply, ends)
            finally:
                reply.close()
    except (HTTPError, OSError, UnicodeError):
        raise NoPicture(f"{host} does not answer", passes=True) from None


def _judge(reply: Any, ends: float) -> str:
    if reply.get_redirect_location():
        return str(reply.get_redirect_location())
    if reply.status != 200:
        raise NoPicture(f"the address answers with HTTP {reply.status}", passes=reply.status >= 500)
    size, start = 0, b""
    while chunk := reply.read1(_CHUNK_BYTES):
        start += chunk[: 16 - len(start)]
        size += len(chunk)
        if size > MAX_BYTES:
            raise NoPicture(f"it is larger than {MAX_BYTES // 1024**2} MB")
        if time.monotonic() > ends:
            raise NoPicture("it takes too long to arrive", passes=True)
    if not start.startswith(_STARTS):
        raise NoPicture("what is there is neither a JPEG nor a PNG")
    return ""


def _pool(scheme: str, host: str, address: str, port: int) -> HTTPConnectionPool:
    """Connects to this address alone; the certificate is the name's all the same."""
    timeout = Timeout(connect=_STEP_S, read=_STEP_S)
    if scheme == "http":
        return HTTPConnectionPool(address, port, timeout=timeout)
    return HTTPSConnectionPool(
        address, port, timeout=timeout, server_hostname=host, assert_hostname=host
    )


def _address_of(host: str, port: int) -> str:
    """The address to connect to. Raises NoPicture unless each that the name has is public."""
    try:
        rows = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise NoPicture(f"there is no host {host}", passes=True) from None
    found = [str(row[4][0]) for row in rows]
    if not found or not (host in settings.PICTURE_HOSTS or all(map(_is_public, found))):
        raise NoPicture("the address is not public")
    return found[0]


def _is_public(text: str) -> bool:
    """Whether everybody on the internet means the same by this address."""
    address = ipaddress.ip_address(text.partition("%")[0])
    if not address.is_global or address.is_multicast:
        return False
    if isinstance(address, ipaddress.IPv4Address):
        return True
    inner = address.ipv4_mapped or address.sixtofour
    if address in _NAT64:
        inner = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return inner is None or inner.is_global


def uploaded_jpeg(name: str) -> bytes:
    """An uploaded picture of ours as Kaltura is sent it. Raises NoPicture when there is none."""
    try:
        return as_jpeg((Path(storage.pictures.location) / name).read_bytes())
    except FileNotFoundError:
        raise NoPicture("the uploaded file is not there any more; upload it again") from None
    # Pillow fails in many ways on files that are damaged, and a store on those it cannot read.
    except Exception as error:
        logger.warning("The uploaded picture %s cannot be read: %r", name, error)
        raise NoPicture("the uploaded file cannot be read; upload it again") from None


class PictureChecks:
    """The pictures of one batch, each address looked at once, as long as there is time."""

    def __init__(self) -> None:
        self._found: dict[str, NoPicture | None] = {}
        self._spent_s = 0.0

    def refusal(self, url: str) -> NoPicture | None:
        """Why the picture at this address cannot be used; None when Kaltura may fetch it."""
        if url not in self._found:
            if self._spent_s > BUDGET_S:
                return NoPicture("there was no time to look at it", passes=True)
            began = time.monotonic()
            self._found[url] = _refusal_of(url)
            self._spent_s += time.monotonic() - began
        return self._found[url]


def _refusal_of(url: str) -> NoPicture | None:
    try:
        if url.startswith(UPLOADED):
            uploaded_jpeg(url.removeprefix(UPLOADED))
        else:
            check_picture(url)
    except NoPicture as refused:
        return refused
    return None
