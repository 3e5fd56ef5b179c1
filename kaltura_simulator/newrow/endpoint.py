"""The two doors to meeting analytics: through KAF, and direct with a token.

Through KAF the whole request stands in the session's ``api`` privilege and sees one
room; the direct door takes a query and a Bearer token and sees all of them.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from kaltura_simulator.kaf.admission import session_here
from kaltura_simulator.kaf.refusals import Refused
from kaltura_simulator.newrow import options
from kaltura_simulator.newrow.rows import Analytics, Row
from kaltura_simulator.state.world import World
from kaltura_simulator.web import http
from kaltura_simulator.web.access_log import Noted, troubled
from kaltura_simulator.web.http import Request, Response, Router

KAF = "/newrowkaf/index/api"
DIRECT = "/backend/api/"
PAGE_ROWS = 30


class BadCall(Exception):
    """A call the analytics do not answer; ``status`` is the HTTP status."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


@dataclass(frozen=True)
class Listing:
    """All rows of an answer, under the name they have in it."""

    key: str
    rows: list[Row]
    #: What stands for "no further page".
    last: str | None = ""


def add_routes(router: Router) -> None:
    """Serve both ways in."""
    router.route(KAF, through_kaf)
    router.route(DIRECT, direct)


@dataclass(frozen=True)
class Asked:
    """A call, and the rows it may see."""

    analytics: Analytics
    action: str
    params: Mapping[str, Any]


def through_kaf(request: Request) -> Response:
    """The call in the ``api`` privilege of the session ``ks``."""
    return _answered(request, _from_session)


def direct(request: Request) -> Response:
    """The call in path and query, with ``Authorization: Bearer``."""
    return _answered(request, _from_query)


def _answered(request: Request, read: Callable[[Request, Noted], Asked]) -> Response:
    noted = Noted(request, "newrow", "api")
    try:
        asked = read(request, noted)
        noted.action, noted.params = asked.action, asked.params
        return troubled(request, noted, lambda: _served(request.world, noted, asked))
    except BadCall as problem:
        answer, outcome = _error(problem.status, str(problem)), str(problem.status)
    except Refused as refusal:
        sentence = f"{refusal.sentence} {refusal.fix}"
        answer, outcome = _error(refusal.status, sentence, refusal.reason), refusal.reason
    noted.write(outcome, answer.body.decode())
    return answer


def _served(world: World, noted: Noted, asked: Asked) -> Response:
    response = http.data(_answer(world, asked))
    noted.write("ok", response.body.decode())
    return response


def _error(status: int, message: str, reason: str = "") -> Response:
    body = {"status": "error", "message": message}
    return http.data(body | ({"reason": reason} if reason else {}), status)


# -------------------------------------------------------------------- the doors
def _from_session(request: Request, noted: Noted) -> Asked:
    session = session_here(request, request.query.get("ks", ""))
    privileges = session.privileges
    noted.user, noted.partner = session.user, session.partner
    if not privileges.get("role"):
        raise BadCall(400, "The Kaltura Session carries no role privilege.")
    call = _api(privileges.get("api", ""))
    places = _places(request.world, session.partner, privileges)
    analytics = Analytics(request.world, session.partner, places)
    return Asked(analytics, call["action"].strip("/"), call["params"])


def _api(text: str) -> dict[str, Any]:
    """The call as the privilege spells it: percent-encoded JSON."""
    if not text:
        raise BadCall(400, "The Kaltura Session carries no api privilege.")
    try:
        call = json.loads(unquote(text))
    except (ValueError, RecursionError):
        raise BadCall(400, "The api privilege is not percent-encoded JSON.") from None
    if not isinstance(call, dict) or not isinstance(call.get("action"), str):
        raise BadCall(400, "The api privilege needs method, action and params.")
    if call.get("method") != "GET":
        raise BadCall(400, "The method in the api privilege must be GET.")
    params = call.get("params") or {}
    if not isinstance(params, dict):
        raise BadCall(400, "The params in the api privilege must be an object.")
    return call | {"params": params}


def _places(world: World, partner: int, privileges: Mapping[str, str]) -> set[str]:
    """The room that the session may see, by resource (or room entry) or by event."""
    resource, event = privileges.get("resourceId"), privileges.get("eventId")
    if bool(resource) == bool(event):
        raise BadCall(400, "Give the session resourceId or eventId, one of the two.")
    return {resource} if resource else _places_of_event(world, partner, str(event))


def _places_of_event(world: World, partner: int, event_id: str) -> set[str]:
    event = world.store.get(partner, "schedule_event", event_id)
    if event is None:
        raise BadCall(404, f"There is no scheduled event {event_id}.")
    booked = {
        str(link["resourceId"])
        for link in world.store.all(partner, "schedule_event_resource")
        if str(link["eventId"]) == event_id
    }
    template = event.get("templateEntryId")
    return booked | ({str(template)} if template else set())


def _from_query(request: Request, noted: Noted) -> Asked:
    if request.method != "GET":
        raise BadCall(405, "Only GET is answered here.")
    scheme, _, token = request.header("Authorization").partition(" ")
    wanted = request.world.options.newrow_token
    if scheme != "Bearer" or not secrets.compare_digest(token.encode(), wanted.encode()):
        raise BadCall(401, "Send the token that Kaltura gave you: Authorization: Bearer TOKEN.")
    analytics = Analytics(request.world, request.world.options.partner_id)
    return Asked(analytics, request.path[len(DIRECT) :].strip("/"), request.query)


# ------------------------------------------------------------------- the answer
def _answer(world: World, asked: Asked) -> dict[str, Any]:
    head, _, key = asked.action.partition("/")
    if head == "users" and key:
        return _one_user(asked.analytics, key)
    call = _CALLS.get(asked.action)
    if call is None:
        raise BadCall(404, f"There is no {asked.action}; there are {', '.join(_CALLS)}.")
    listing = call(asked.analytics, asked.params)
    return _page(listing, _number(asked.params, "page") or 0, options.current(world.store))


def _page(listing: Listing, page: int, shown: options.NewrowOptions) -> dict[str, Any]:
    rows = listing.rows
    if shown.lost_page is not None:
        first = shown.lost_page * PAGE_ROWS
        rows = rows[:first] + rows[first + PAGE_ROWS :]
    start, end = page * PAGE_ROWS, (page + 1) * PAGE_ROWS
    found = {
        listing.key: rows[start:end],
        "total_count": len(listing.rows) + shown.total_count_off,
        "next_page": str(page + 1) if end < len(rows) else listing.last,
    }
    return {"status": "success", "data": found}


def _number(params: Mapping[str, Any], name: str) -> int | None:
    """A number as text, or None when it is not given."""
    value = str(params.get(name, "")).strip()
    if not value:
        return None
    if not value.isascii() or not value.isdigit() or len(value) > 15:
        raise BadCall(400, f"{name} must be a whole number, 0 or more.")
    return int(value)


def _window(params: Mapping[str, Any]) -> tuple[int | None, int | None]:
    return _number(params, "from_date"), _number(params, "to_date")


def _sessions(analytics: Analytics, params: Mapping[str, Any]) -> Listing:
    place = str(params.get("third_party_room_id") or "") or None
    return Listing("sessions", analytics.sessions(place, *_window(params)))


def _attendees(analytics: Analytics, params: Mapping[str, Any]) -> Listing:
    run_id = str(params.get("session_id") or "")
    if not run_id:
        raise BadCall(400, "session_id is missing.")
    if analytics.run(run_id) is None:
        raise BadCall(404, f"There is no session {run_id} here.")
    third_party = str(params.get("include_third_party_data", "")) == "1"
    rows = analytics.attendees(run_id, *_window(params), third_party=third_party)
    return Listing("session_attendance", rows)


def _messages(analytics: Analytics, params: Mapping[str, Any]) -> Listing:
    kind = str(params.get("type") or "")
    if kind not in ("questions", "public", "moderators"):
        raise BadCall(400, "type must be questions, public or moderators.")
    place = str(params.get("third_party_room_id") or "")
    if not place:
        raise BadCall(400, "third_party_room_id is missing.")
    return Listing("messages", analytics.messages(place, kind), last=None)


def _rooms(analytics: Analytics, params: Mapping[str, Any]) -> Listing:
    return Listing("rooms", analytics.rooms())


def _users(analytics: Analytics, params: Mapping[str, Any]) -> Listing:
    return Listing("users", analytics.users())


def _one_user(analytics: Analytics, key: str) -> dict[str, Any]:
    for row in analytics.users():
        if row["id"] == key:
            return {
                "status": "success",
                "data": {"users": [row], "total_count": 1, "next_page": ""},
            }
    raise BadCall(404, f"There is no user {key} here.")


def _quizzes(analytics: Analytics, params: Mapping[str, Any]) -> Listing:
    """Rooms here hold no quizzes, so there are none to report."""
    return Listing("quizzes", [])


_CALLS: dict[str, Callable[[Analytics, Mapping[str, Any]], Listing]] = {
    "analytics/sessions": _sessions,
    "analytics/session-attendees": _attendees,
    "analytics/room-messages": _messages,
    "rooms": _rooms,
    "users": _users,
    "quizzes": _quizzes,
}
