"""Feeds that are sent again only when the programme has changed."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.cache import (
    get_conditional_response,
    patch_cache_control,
    patch_vary_headers,
)
from django.utils.http import http_date, quote_etag
from django.utils.translation import get_language

from events.caching.encoding import GZIP, ComposedBody, KeptPart, takes_gzip
from events.caching.fragments import Fragment, FragmentStore, fragment_key
from events.models import ProgrammeVersion

# Goes up when the same programme is written in another way.
_FORM: Final = 1
_KEPT_S: Final = 3600
_VARY: Final = ("Accept-Language", "Cookie")


def versioned(
    request: HttpRequest,
    version: ProgrammeVersion,
    scope: str,
    build: Callable[[], HttpResponse],
    age_s: int,
    *,
    is_whole: bool = False,
) -> HttpResponse:
    """The response of ``build``, or 304 without building it when the asker has it already.

    ``scope`` says what else decides what is in it: who asks, in which zone. Browsers may
    keep it for ``age_s``; nobody else, because who asks decides what is seen. The ``is_whole``
    ones, which many programs fetch, are built and compressed once at each version.
    """
    named = f"{_FORM} {settings.SITE_URL} {scope} {get_language()} {request.GET.urlencode()}"
    etag = quote_etag(f"{version.number}-{sha256(named.encode()).hexdigest()[:16]}")
    changed_at = int(version.changed_at.timestamp())
    response = get_conditional_response(request, etag=etag, last_modified=changed_at)
    if response is None and is_whole and not request.META.get("QUERY_STRING"):
        stamp = version.changed_at.timestamp()
        response = _kept(request, fragment_key("file", version.event_id, stamp, etag), build)
    response = response or build()
    # Two forms of the same: https://www.rfc-editor.org/rfc/rfc9110#section-8.8.3.3
    response["ETag"] = f"W/{etag}" if response.has_header("Content-Encoding") else etag
    response["Last-Modified"] = http_date(changed_at)
    varying = ("Accept-Encoding", "Accept-Language", "Cookie") if is_whole else _VARY
    patch_vary_headers(response, varying)
    patch_cache_control(response, private=True, max_age=age_s)
    return response


@dataclass(frozen=True)
class KeptFile:
    """A file as it was built, with the headers that it was built with."""

    part: KeptPart
    headers: dict[str, str]


_FILES: Final[FragmentStore[KeptFile]] = FragmentStore(16)


def _kept(request: HttpRequest, key: str, build: Callable[[], HttpResponse]) -> HttpResponse:
    def make() -> Fragment[KeptFile]:
        built = build()
        file = KeptFile(KeptPart.of(built.content), dict(built.items()))
        return Fragment(file, time.time() + _KEPT_S)

    file = _FILES.get(key, make)
    body = ComposedBody((file.part,))
    is_packed = takes_gzip(request)
    response = HttpResponse(body.packed if is_packed else body.text, headers=file.headers)
    if is_packed:
        response["Content-Encoding"] = GZIP
    return response
