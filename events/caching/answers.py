"""Answers that a browser need not get twice: named by what is in them, and 304 when it has it."""

from __future__ import annotations

import re
import time
from collections.abc import Iterable
from hashlib import sha256
from typing import Any, Final, Protocol

from django.contrib.messages import get_messages
from django.http import HttpRequest, HttpResponse, HttpResponseNotModified
from django.template.loader import render_to_string
from django.utils.cache import patch_cache_control, patch_vary_headers

from events.caching.encoding import GZIP, PlainBody, takes_gzip

HTML: Final = "text/html; charset=utf-8"
TIME_HEADER: Final = "Server-Timing"
# What decides, besides the address, which page somebody gets.
_VARY: Final = ("Accept-Encoding", "Accept-Language", "Cookie")
# A form's token is masked anew each time; what it hides is the secret in the cookie.
_PASSING: Final = re.compile(
    rb'(?<=name="csrfmiddlewaretoken" value=")\w{64}|(?<=data-now=")[\d.]+'
)


class Body(Protocol):
    """What is sent, as it is and in a gzip."""

    @property
    def text(self) -> bytes:
        """As it is."""

    @property
    def packed(self) -> bytes | None:
        """As gzip; None for what is not worth it."""


def digest_of(*parts: bytes) -> str:
    """A name for these bytes."""
    digest = sha256()
    for part in parts:
        digest.update(len(part).to_bytes(8, "big"))
        digest.update(part)
    return digest.hexdigest()[:32]


def without_passing(text: bytes) -> bytes:
    """A page without what differs each time although it says the same."""
    return _PASSING.sub(b"", text)


def secret_of(request: HttpRequest) -> bytes:
    """What the form tokens of this browser's pages hide, once there is one; signing in changes it.

    Where Django's middleware keeps it: the browser's cookie, or the one that it gets now.
    """
    return str(request.META.get("CSRF_COOKIE", "")).encode()


def has_message(request: HttpRequest) -> bool:
    """Whether the next page has something to say that it says only once."""
    return len(get_messages(request)) > 0


def answer(request: HttpRequest, body: Body, digest: str) -> HttpResponse:
    """The page, or 304 when the browser has the one of this ``digest``; "" is never the same.

    It always asks again (``no-cache``): what is right this minute may be wrong in the next.
    """
    is_known = digest and digest in _tags(request)
    response = HttpResponseNotModified() if is_known else _whole(request, body)
    if digest:
        response["ETag"] = f'W/"{digest}"'
    patch_cache_control(response, private=True, no_cache=True)
    patch_vary_headers(response, _VARY)
    tell_time(response)
    return response


def own_answer(request: HttpRequest, template: str, context: dict[str, Any]) -> HttpResponse:
    """A page that is rendered for this person alone, or 304 when it says what it said before."""
    is_lasting = not has_message(request)
    html = render_to_string(template, context, request).encode()
    digest = digest_of(without_passing(html), secret_of(request)) if is_lasting else ""
    return answer(request, PlainBody(html), digest)


def _whole(request: HttpRequest, body: Body) -> HttpResponse:
    packed = body.packed if takes_gzip(request) else None
    response = HttpResponse(body.text if packed is None else packed, content_type=HTML)
    if packed is not None:
        response["Content-Encoding"] = GZIP
    return response


def tell_time(response: HttpResponse) -> None:
    """The moment of this answer, for the page's clock (clock.js).

    Also in the header, because the page may be older: after a 304 it is the browser's own.
    """
    response[TIME_HEADER] = time_note()


def time_note() -> str:
    """The moment of an answer, as its header says it."""
    return f'now;desc="{time.time():.3f}"'


def _tags(request: HttpRequest) -> Iterable[str]:
    """The tags of what the browser has; all of ours are weak, so W/ or not is the same."""
    return tags_in(request.headers.get("If-None-Match", ""))


def tags_in(header: str) -> list[str]:
    """The names in an If-None-Match; of weak ones too."""
    return re.findall(r'"([^"]*)"', header)
