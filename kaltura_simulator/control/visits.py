"""``/_control/visits``: add visits by the thousand, and read them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from kaltura_simulator.control.sent import UNUSABLE, sent_object
from kaltura_simulator.kaf.access import ROLE_LABELS
from kaltura_simulator.rules.entry_types import is_live_stream, is_room
from kaltura_simulator.state.store import Data
from kaltura_simulator.state.timefmt import MAX_UNIX
from kaltura_simulator.state.visits import DEFAULTS, Visits, attention_percent
from kaltura_simulator.state.world import World
from kaltura_simulator.web import http
from kaltura_simulator.web.http import HttpRequest, HttpResponse, Router

PREFIX = "/_control/visits"
FIELDS = frozenset(
    {"entryId", "userId", "name", "email", "joined", "left", "attention", "role"}
    | {"userType", "played", "device"}
)
_PLAYED = ("live", "vod", "none")


class InvalidVisit(ValueError):
    """An invalid row; the text names the row, the field and what it should be."""


def add_routes(router: Router) -> None:
    """Serve these controls."""
    router.route(PREFIX, handle)


def handle(request: HttpRequest) -> HttpResponse:
    """Answer one control request."""
    action = _ACTIONS.get((request.method, request.path[len(PREFIX) :].strip("/")))
    if action is None:
        known = sorted(f"{method} {PREFIX}/{name}".rstrip("/") for method, name in _ACTIONS)
        return http.data({"error": "no such control", "known": known}, 404)
    try:
        return http.data(action(request))
    except UNUSABLE as problem:
        return http.data({"error": str(problem)}, 400)


def visits_of(request: HttpRequest) -> Visits:
    """The visits of the partner the request is about."""
    world = request.world
    return Visits(world.store, world.clock, _partner(request))


def _partner(request: HttpRequest) -> int:
    return int(request.query.get("partner", request.world.options.partner_id))


def _list(request: HttpRequest) -> dict[str, Any]:
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
    """A visit with the field names of POST, without the page's token."""
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


def _add(request: HttpRequest) -> dict[str, Any]:
    """Add a list of visits, or ``{"visits": [...]}``: all or, when one is wrong, none."""
    sent = request.json
    rows = sent.get("visits") if isinstance(sent, dict) else sent
    if not isinstance(rows, list):
        raise InvalidVisit("send a list of visits")
    partner = _partner(request)
    checked = [_checked(request.world, partner, n, row) for n, row in enumerate(rows, 1)]
    return {"added": visits_of(request).add(checked)}


def _checked(world: World, partner: int, number: int, row: Any) -> Data:
    if not isinstance(row, dict):
        raise InvalidVisit(f"visit {number}: must be an object")
    unknown = sorted(set(row) - FIELDS)
    if unknown:
        raise InvalidVisit(f"visit {number}: unknown field {unknown[0]!r}")
    place = _text(number, row, "entryId")
    kind, played = _kind(world, partner, number, place)
    joined = _time(number, row, "joined")
    left = None if row.get("left") is None else _time(number, row, "left")
    if left is not None and left < joined:
        raise InvalidVisit(f"visit {number}: 'left' is before 'joined'")
    return {
        "place": place,
        "kind": kind,
        "who": _who(number, row),
        "joined": joined,
        "left": left,
        "attention": _attention(number, row.get("attention")),
        "playing": _playing(number, place, row.get("played", played)),
        "device": _clean(str(row.get("device") or "")),
    }


def _kind(world: World, partner: int, number: int, place: str) -> tuple[str, str]:
    """``room`` or ``webcast``, and the default of ``played``."""
    if world.store.get(partner, "schedule_resource", place):
        return "room", "none"
    entry = world.store.get(partner, "entry", place)
    if entry is None:
        raise InvalidVisit(f"visit {number}: 'entryId' {place!r} is no entry here")
    if is_room(entry):
        return "room", "none"
    return "webcast", "live" if is_live_stream(entry) else "vod"


def _who(number: int, row: Data) -> Data:
    user_type = row.get("userType", "user")
    if user_type not in ("user", "guest"):
        raise InvalidVisit(f"visit {number}: 'userType' must be user or guest")
    role = row.get("role", "attendee")
    if role not in ROLE_LABELS:
        raise InvalidVisit(f"visit {number}: 'role' must be one of {', '.join(ROLE_LABELS)}")
    user_id = _text(number, row, "userId") if user_type == "user" else ""
    name = _clean(str(row.get("name") or user_id or "Guest"))
    email = _clean(str(row.get("email") or ""))
    return {"user_id": user_id, "name": name, "email": email, "user_type": user_type, "role": role}


def _clean(text: str) -> str:
    """A text without lone surrogates, which JSON may contain."""
    return text.encode("utf-8", "replace").decode()


def _playing(number: int, place: str, played: Any) -> list[str] | None:
    if played not in _PLAYED:
        raise InvalidVisit(f"visit {number}: 'played' must be one of {', '.join(_PLAYED)}")
    return None if played == "none" else [place, str(played)]


def _text(number: int, row: Data, name: str) -> str:
    value = row.get(name)
    if not isinstance(value, str | int) or value == "":
        raise InvalidVisit(f"visit {number}: {name!r} is missing")
    return _clean(str(value))


def _time(number: int, row: Data, name: str) -> int:
    """Unix seconds, or an ISO time with its offset."""
    value = row.get(name)
    unix = value if isinstance(value, int | float) else _iso(str(value))
    if isinstance(value, bool) or unix is None or not 0 <= unix <= MAX_UNIX:
        raise InvalidVisit(f"visit {number}: {name!r} must be Unix seconds or 2026-03-29T09:00:00Z")
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
        raise InvalidVisit(
            f"visit {number}: 'attention' must be a whole number from 0 to 100, or null"
        )
    return value


def _clear(request: HttpRequest) -> dict[str, Any]:
    visits_of(request).clear()
    return {"visits": []}


def _settings(request: HttpRequest) -> dict[str, Any]:
    visits = visits_of(request)
    return {name: visits.setting(name) for name in DEFAULTS}


def _set(request: HttpRequest) -> dict[str, Any]:
    """``silence_s``, ``run_gap_s``, ``beat_s``: seconds."""
    for name, value in sent_object(request).items():
        if name not in DEFAULTS:
            raise InvalidVisit(f"unknown setting {name!r}; there are {', '.join(DEFAULTS)}")
        if (
            isinstance(value, bool)
            or not isinstance(value, int | float)
            or not 0 <= value < MAX_UNIX
        ):
            raise InvalidVisit(f"{name!r} must be a number of seconds, 0 or more")
        request.world.store.set_setting(f"visits.{name}", float(value))
    return _settings(request)


_ACTIONS: dict[tuple[str, str], Callable[[HttpRequest], dict[str, Any]]] = {
    ("GET", ""): _list,
    ("POST", ""): _add,
    ("DELETE", ""): _clear,
    ("GET", "settings"): _settings,
    ("POST", "settings"): _set,
}
