"""The portal's addresses, with those of the demo and one that breaks."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import include, path

from portal.urls import urlpatterns as portals


def broken(request: HttpRequest) -> HttpResponse:
    raise RuntimeError("This page is broken on purpose.")


urlpatterns = [
    path("broken/", broken, name="broken"),
    path("demo/", include("portal.demo.urls")),
    *portals,
]
