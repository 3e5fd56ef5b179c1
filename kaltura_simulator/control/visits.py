"""``/_control/visits``: put past attendance in by the thousand, and read who was where."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from kaltura_simulator.kaf.admission import ROLE_WORDS, is_room
from kaltura_simulator.kaf.stage import LIVE_TYPE
from kaltura_simulator.state.store import Data
from kaltura_simulator.state.timefmt import LAST
from kaltura_simulator.state.visits import DEFAULTS, Visits, attention_percent
from kaltura_simulator.state.world import World
from kaltura_simulator.web import http
from kaltura_simulator.web.http import Request, Response, Router

PREFIX = "/_control/visits"
FIELDS = frozenset(
    {"entryId", "userId", "name", "email", "joined", "left", "attention", "role"}
    | {"userType", "played"}
)
_PLAYED = ("live", "vod", "none")


class BadVisit(ValueError):
    """A row that cannot be a visit; the text names row, field and what it should be."""


def add_routes(router: Router) -> None:
    """Serve the control."""
    router.route(PREFIX, handle)


def handle(request: Request) -> Response:
    """Answer one control request."""
    action = _ACTIONS.get((request.method, request.path[len(PREFIX) :].strip("/")))
    if action is None:
        known = sorted(f"{method} {PREFIX}/{name}".rstrip("/") for method, name in _ACTIONS)
        return http.data({"error": "no such control", "known": known}, 404)
    try:
        return http.data(action(request))
    except (ValueError, RecursionError) as problem:
        return http.data({"error": str(problem)}, 400)


def visits_of(request: Request) -> Visits:
    """The visits of the partner the request is about."""
    world = request.world
    return Visits(world.store, world.clock, _partner(request))


def _partner(request: Request) -> int:
    return int(request.query.get("partner", request.world.options.partner_id))


def _list(request: Request) -> dict[str, Any]:
    """All visits, or those of one ``entryId`` or one ``userId``."""
    query = request.query
    shown = [
        public(visit)
        for visit in visits_of(request).all()
        if query.get("entryId") in (None, visit["place"])
        and query.get("userId") in (None, visit["user_id"])
    ]
    return {"visits": shown}


def public(visit: Data) -> dict[str, Any]:
    """A visit under the names that seeding takes, without the page's token."""
    return {
        "id": visit["id"],
        "entryId": visit["place"],
        "kind": visit["kind"],
        "userId": visit["user_id"],
        "name": visit["name"],
        "email": visit["email"],
        "userType": visit["user_type"],
        "role": visit["role"],
        "joined": visit["joined"],
        "left": visit["left"],
        "endedBy": visit["ended_by"],
        "attention": attention_percent(visit),
        "run": visit["run"],
        "views": visit["views"],
    }


def _add(request: Request) -> dict[str, Any]:
    """A list of visits, or ``{"visits": [...]}``: all of them or, when one is wrong, none."""
    given = request.json
    rows = given.get("visits") if isinstance(given, dict) else given
    if not isinstance(rows, list):
        raise BadVisit("send a list of visits")
    partner = _partner(request)
    checked = [_checked(request.world, partner, n, row) for n, row in enumerate(rows, 1)]
    return {"added": visits_of(request).add(checked)}


def _checked(world: World, partner: int, number: int, row: Any) -> Data:
    if not isinstance(row, dict):
        raise BadVisit(f"visit {number}: must be an object")
    unknown = sorted(set(row) - FIELDS)
    if unknown:
        raise BadVisit(f"visit {number}: unknown field {unknown[0]!r}")
    place = _text(number, row, "entryId")
    kind, played = _kind(world, partner, number, place)
    joined = _time(number, row, "joined")
    left = None if row.get("left") is None else _time(number, row, "left")
    if left is not None and left < joined:
        raise BadVisit(f"visit {number}: 'left' is before 'joined'")
    return {
        "place": place,
        "kind": kind,
        "who": _who(number, row),
        "joined": joined,
        "left": left,
        "attention": _attention(number, row.get("attention")),
        "playing": _playing(number, place, row.get("played", played)),
    }


def _kind(world: World, partner: int, number: int, place: str) -> tuple[str, str]:
    """``room`` or ``webcast``, and what is played there unless the row says otherwise."""
    if world.store.get(partner, "schedule_resource", place):
        return "room", "none"
    entry = world.store.get(partner, "entry", place)
    if entry is None:
        raise BadVisit(f"visit {number}: 'entryId' {place!r} is no entry here")
    if is_room(entry):
        return "room", "none"
    return "webcast", "live" if str(entry.get("type")) == LIVE_TYPE else "vod"


def _who(number: int, row: Data) -> Data:
    user_type = row.get("userType", "user")
    if user_type not in ("user", "guest"):
        raise BadVisit(f"visit {number}: 'userType' must be user or guest")
    role = row.get("role", "attendee")
    if role not in ROLE_WORDS:
        raise BadVisit(f"visit {number}: 'role' must be one of {', '.join(ROLE_WORDS)}")
    user_id = _text(number, row, "userId") if user_type == "user" else ""
    name = _clean(str(row.get("name") or user_id or "Guest"))
    email = _clean(str(row.get("email") or ""))
    return {"user_id": user_id, "name": name, "email": email, "user_type": user_type, "role": role}


def _clean(text: str) -> str:
    """A text without the halves of surrogate pairs that JSON can smuggle in."""
    return text.encode("utf-8", "replace").decode()


def _playing(number: int, place: str, played: Any) -> list[str] | None:
    if played not in _PLAYED:
        raise BadVisit(f"visit {number}: 'played' must be one of {', '.join(_PLAYED)}")
    return None if played == "none" else [place, str(played)]


def _text(number: int, row: Data, name: str) -> str:
    value = row.get(name)
    if not isinstance(value, str | int) or value == "":
        raise BadVisit(f"visit {number}: {name!r} is missing")
    return _clean(str(value))


def _time(number: int, row: Data, name: str) -> int:
    """Unix seconds, or an ISO time with its offset."""
    value = row.get(name)
    unix = value if isinstance(value, int | float) else _iso(str(value))
    if isinstance(value, bool) or unix is None or not 0 <= unix <= LAST:
        raise BadVisit(f"visit {number}: {name!r} must be Unix seconds or 2026-03-29T09:00:00Z")
    return int(unix)


def _iso(text: str) -> float | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment.timestamp() if moment.tzinfo else None


def _attention(number: int, value: Any) -> int | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= 100:
        raise BadVisit(f"visit {number}: 'attention' must be a whole number from 0 to 100, or null")
    return value


def _clear(request: Request) -> dict[str, Any]:
    visits_of(request).clear()
    return {"visits": []}


def _settings(request: Request) -> dict[str, Any]:
    visits = visits_of(request)
    return {name: visits.setting(name) for name in DEFAULTS}


def _set(request: Request) -> dict[str, Any]:
    """``silence_s``, ``run_gap_s``, ``beat_s``: seconds."""
    wish = request.json if isinstance(request.json, dict) else {}
    for name, value in wish.items():
        if name not in DEFAULTS:
            raise BadVisit(f"unknown setting {name!r}; there are {', '.join(DEFAULTS)}")
        if isinstance(value, bool) or not isinstance(value, int | float) or value < 0:
            raise BadVisit(f"{name!r} must be a number of seconds, 0 or more")
        request.world.store.set_setting(f"visits.{name}", float(value))
    return _settings(request)


_ACTIONS: dict[tuple[str, str], Callable[[Request], dict[str, Any]]] = {
    ("GET", ""): _list,
    ("POST", ""): _add,
    ("DELETE", ""): _clear,
    ("GET", "settings"): _settings,
    ("POST", "settings"): _set,
}
