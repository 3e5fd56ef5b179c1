"""Feeds that are sent again only when the programme has changed."""

from __future__ import annotations

from collections.abc import Callable
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

from events.models import ProgrammeVersion

# Goes up when the same programme is written in another way.
_FORM: Final = 1


def versioned(
    request: HttpRequest,
    version: ProgrammeVersion,
    scope: str,
    build: Callable[[], HttpResponse],
    age_s: int,
) -> HttpResponse:
    """The response of ``build``, or 304 without building it when the asker has it already.

    ``scope`` says what else decides what is in it: who asks, in which zone. Browsers may
    keep it for ``age_s``; nobody else, because who asks decides what is seen.
    """
    named = f"{_FORM} {settings.SITE_URL} {scope} {get_language()} {request.GET.urlencode()}"
    etag = quote_etag(f"{version.number}-{sha256(named.encode()).hexdigest()[:16]}")
    changed_at = int(version.changed_at.timestamp())
    response = get_conditional_response(request, etag=etag, last_modified=changed_at) or build()
    response["ETag"] = etag
    response["Last-Modified"] = http_date(changed_at)
    patch_vary_headers(response, ("Accept-Language", "Cookie"))
    patch_cache_control(response, private=True, max_age=age_s)
    return response
