"""What the portal's pages are compared with: plain Django views that send bytes from Redis."""

from __future__ import annotations

from typing import Final

from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.urls import path

KEY: Final = "bench-plain"


def _bytes() -> HttpResponse:
    response = HttpResponse(cache.get(KEY), content_type="text/html; charset=utf-8")
    response["Content-Encoding"] = "gzip"
    return response


def plain(request: HttpRequest) -> HttpResponse:
    """The bytes, whoever asks."""
    return _bytes()


def plain_signed_in(request: HttpRequest) -> HttpResponse:
    """The bytes for who is signed in: looked up as Django does."""
    return _bytes() if request.user.is_authenticated else HttpResponse(status=403)


urlpatterns = [path("plain/", plain), path("plain/signed-in/", plain_signed_in)]
