"""Plain HTTP for the doctor: one request, no retries, no redirects, no address in an error."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import requests

CONNECT_S: Final = 3.05


class Silent(Exception):
    """No answer; the text says how, without the address, which may hold a KS."""


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    text: str


def fetch(url: str, timeout_s: float = 6.0) -> Answer:
    """GET an address. Raises Silent."""
    try:
        with requests.Session() as http:
            reply = http.get(url, timeout=(CONNECT_S, timeout_s), allow_redirects=False)
            return Answer(reply.status_code, reply.text)
    except requests.Timeout:
        raise Silent("no answer in time") from None
    except requests.exceptions.SSLError:
        raise Silent("its certificate is not trusted here") from None
    except requests.ConnectionError:
        raise Silent("no connection") from None
    except requests.RequestException as error:
        raise Silent(type(error).__name__) from None
