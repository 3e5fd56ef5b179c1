"""``/_control/newrow``: how the meeting analytics answer."""

from __future__ import annotations

from dataclasses import asdict

from kaltura_simulator.control.sent import UNUSABLE
from kaltura_simulator.newrow import options
from kaltura_simulator.web import http
from kaltura_simulator.web.http import HttpRequest, HttpResponse, Router

PREFIX = "/_control/newrow"


def add_routes(router: Router) -> None:
    """Serve this control."""
    router.route(PREFIX, handle)


def handle(request: HttpRequest) -> HttpResponse:
    """GET shows the options, POST changes some, DELETE puts all back."""
    store = request.world.store
    try:
        if request.method == "POST":
            options.change(store, request.json)
        elif request.method == "DELETE":
            options.restore_defaults(store)
    except UNUSABLE as problem:
        return http.data({"error": str(problem)}, 400)
    return http.data(asdict(options.current(store)))
