"""``/``: the overview page, and the requests that keep it up to date."""

from __future__ import annotations

from pathlib import Path

from kaltura_simulator.ui import console, pages
from kaltura_simulator.web import http
from kaltura_simulator.web.http import HttpRequest, HttpResponse, Router
from kaltura_simulator.web.static import Static

#: What is below is the console's; so is ``/``.
ROOT = "/ui/"
STATIC = f"{ROOT}static/"
PARTS = f"{ROOT}parts"
_FILES = Static(Path(__file__).parent / "static")
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
)
_HEADERS = [
    ("Content-Security-Policy", _POLICY),
    ("Referrer-Policy", "no-referrer"),
    ("Cache-Control", "no-store"),
    ("X-Content-Type-Options", "nosniff"),
]


def add_routes(router: Router) -> None:
    """Serve the page, its files, its parts and its console."""
    router.route("/", show)
    router.route(PARTS, parts)
    console.add_routes(router)
    router.route(STATIC, lambda request: _FILES.serve(request.path[len(STATIC) :]))


def show(request: HttpRequest) -> HttpResponse:
    """The whole page."""
    done = console.DONE.get(request.query.get("done", ""), "")
    body = pages.page(request.world, request.host_url, done)
    return HttpResponse(body.encode("utf-8", "replace"), headers=list(_HEADERS))


def parts(request: HttpRequest) -> HttpResponse:
    """The parts of the page that change, as JSON: HTML by name."""
    response = http.data(pages.parts(request.world))
    response.headers.append(("Cache-Control", "no-store"))
    return response
