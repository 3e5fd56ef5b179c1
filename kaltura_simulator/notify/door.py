"""``/_control/notifications``: what was sent, what waits, and how soon it is sent again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kaltura_simulator.notify import sender
from kaltura_simulator.web import http
from kaltura_simulator.web.http import Request, Response

if TYPE_CHECKING:
    from kaltura_simulator.web.http import Router

PREFIX = "/_control/notifications"


def open_door(router: Router) -> None:
    """Serve the control."""
    router.route(PREFIX, handle)


def handle(request: Request) -> Response:
    """Answer one control request: GET looks, POST sets how it is sent again, DELETE forgets."""
    try:
        if request.method == "GET":
            return http.data(_shown(request))
        if request.method == "POST":
            return http.data(_set(request))
        if request.method == "DELETE":
            return http.data(_forget(request))
    except (ValueError, TypeError, RecursionError) as problem:
        return http.data({"error": str(problem)}, 400)
    return http.data({"error": f"no {request.method} here; there are GET, POST, DELETE"}, 405)


def _partner(request: Request) -> int:
    return int(request.query.get("partner", request.world.options.partner_id))


def _shown(request: Request) -> dict[str, Any]:
    world = request.world
    jobs = world.store.all(_partner(request), sender.KIND)
    return {"notifications": jobs, "settings": world.notifier.settings()}


def _set(request: Request) -> dict[str, Any]:
    world, wish = request.world, request.json
    if not isinstance(wish, dict) or wish.keys() - sender.SETTINGS.keys():
        raise ValueError(f"what can be set is {', '.join(sender.SETTINGS)}")
    chosen = {name: float(value) for name, value in wish.items()}
    if any(value < 0 for value in chosen.values()):
        raise ValueError("a setting must be 0 or more")
    world.store.set_setting("notify", world.store.setting("notify", {}) | chosen)
    return world.notifier.settings()


def _forget(request: Request) -> dict[str, Any]:
    store, partner = request.world.store, _partner(request)
    with store.transaction():
        jobs = store.all(partner, sender.KIND)
        for job in jobs:
            store.delete(partner, sender.KIND, job["id"])
    return {"forgotten": len(jobs)}
