"""``/_control/notifications``: what was sent, what waits, and how soon it is sent again."""

from __future__ import annotations

from typing import Any

from kaltura_simulator.control.sent import UNUSABLE, number, sent_object
from kaltura_simulator.notify import queue
from kaltura_simulator.state.timefmt import MAX_UNIX
from kaltura_simulator.web import http
from kaltura_simulator.web.http import HttpRequest, HttpResponse, Router

PREFIX = "/_control/notifications"


def add_routes(router: Router) -> None:
    """Serve this control."""
    router.route(PREFIX, handle)


def handle(request: HttpRequest) -> HttpResponse:
    """Answer one control request: GET looks, POST sets how it is sent again, DELETE forgets."""
    try:
        if request.method == "GET":
            return http.data(_list(request))
        if request.method == "POST":
            return http.data(_set(request))
        if request.method == "DELETE":
            return http.data(_forget(request))
    except UNUSABLE as problem:
        return http.data({"error": str(problem)}, 400)
    return http.data({"error": f"no {request.method} here; there are GET, POST, DELETE"}, 405)


def _partner(request: HttpRequest) -> int:
    return int(request.query.get("partner", request.world.options.partner_id))


def _list(request: HttpRequest) -> dict[str, Any]:
    store = request.world.store
    jobs = store.all(_partner(request), queue.KIND)
    return {"notifications": jobs, "settings": queue.settings(store)}


def _set(request: HttpRequest) -> dict[str, Any]:
    store, sent = request.world.store, sent_object(request)
    if sent.keys() - queue.SETTINGS.keys():
        raise ValueError(f"what can be set is {', '.join(queue.SETTINGS)}")
    chosen = {name: number(sent, name, 0, MAX_UNIX) for name in sent}
    queue.set_settings(store, chosen)
    return queue.settings(store)


def _forget(request: HttpRequest) -> dict[str, Any]:
    store, partner = request.world.store, _partner(request)
    with store.transaction():
        jobs = store.all(partner, queue.KIND)
        for job in jobs:
            store.delete(partner, queue.KIND, job["id"])
    return {"forgotten": len(jobs)}
