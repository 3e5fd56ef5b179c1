"""Plain HTTP for the doctor: one request, no retries, no redirects, no address in an error."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import requests

CONNECT_S: Final = 3.05


class NoAnswer(Exception):
    """No answer; the text says why, without the address, which may contain a KS."""


@dataclass(frozen=True)
class HttpAnswer:
    """What came back."""

    status: int
    text: str


def fetch(url: str, timeout_s: float = 6.0) -> HttpAnswer:
    """GET an address. Raises NoAnswer."""
    return _fetched(url, timeout_s, reads=True)


def status_of(url: str) -> int:
    """The status of an address that may hold a whole video: nothing of it is read.

    Raises NoAnswer.
    """
    return _fetched(url, 6.0, reads=False).status


def _fetched(url: str, timeout_s: float, *, reads: bool) -> HttpAnswer:
    times = (CONNECT_S, timeout_s)
    try:
        with requests.Session() as http:
            reply = http.get(url, timeout=times, allow_redirects=False, stream=not reads)
            with reply:
                return HttpAnswer(reply.status_code, reply.text if reads else "")
    except requests.Timeout:
        raise NoAnswer("no answer in time") from None
    except requests.exceptions.SSLError:
        raise NoAnswer("its certificate is not trusted by this machine") from None
    except requests.ConnectionError:
        raise NoAnswer("no connection") from None
    except requests.RequestException as error:
        raise NoAnswer(type(error).__name__) from None
