"""Opening a page as a viewer's browser would: within one server, a limit of bytes, a deadline.

The address may hold a KS, so it stands in no error, no log and no result.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Final
from urllib.parse import urljoin, urlsplit

import requests

_CONNECT_S: Final = 3.05
_READ_S: Final = 6.0
_WHOLE_S: Final = 12.0
_MOST_BYTES: Final = 1_000_000
_HOPS: Final = 4
_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})


class NotFetched(Exception):
    """Nothing to look at; the text says why, without the address."""


class LeadsElsewhere(Exception):
    """The page leads to another server, whose host this is."""


@dataclass(frozen=True)
class FetchedPage:
    """What came back, cut off after a million bytes."""

    status: int
    text: str


def fetch_page(url: str) -> FetchedPage:
    """GET a page, and what it leads to on the same server.

    Raises NotFetched and LeadsElsewhere.
    """
    origin, until = origin_of(url), time.monotonic() + _WHOLE_S
    with requests.Session() as browser:
        browser.trust_env = False  # no credentials of this machine
        for _hop in range(_HOPS):
            with _answer(browser, url) as reply:
                if reply.status_code not in _REDIRECTS:
                    return FetchedPage(reply.status_code, _read(reply, until))
                url = urljoin(url, reply.headers.get("Location", ""))
            if origin_of(url) != origin:
                raise LeadsElsewhere(urlsplit(url).hostname or "nowhere")
    raise NotFetched("it leads round in a circle")


def origin_of(url: str) -> str:
    """Scheme, host and port, as browsers compare them."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}".lower()


def _answer(browser: requests.Session, url: str) -> requests.Response:
    try:
        return browser.get(url, timeout=(_CONNECT_S, _READ_S), allow_redirects=False, stream=True)
    except requests.Timeout:
        raise NotFetched("no answer in time") from None
    except requests.exceptions.SSLError:
        raise NotFetched("its certificate is not trusted by this machine") from None
    except requests.ConnectionError:
        raise NotFetched("no connection") from None
    except (requests.RequestException, ValueError) as error:
        raise NotFetched(type(error).__name__) from None


def _read(reply: requests.Response, until: float) -> str:
    body = b""
    try:
        for part in reply.iter_content(65_536):
            body += part
            if len(body) >= _MOST_BYTES:
                break
            if time.monotonic() > until:
                raise NotFetched("no answer in time")
    except requests.RequestException:
        raise NotFetched("the answer broke off") from None
    return _decoded(body[:_MOST_BYTES], reply.encoding or "utf-8")


def _decoded(body: bytes, encoding: str) -> str:
    """As text; in UTF-8 where the server names an encoding that there is not."""
    try:
        return body.decode(encoding, "replace")
    except (LookupError, ValueError):
        return body.decode("utf-8", "replace")
