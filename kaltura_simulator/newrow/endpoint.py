"""Meeting analytics through KAF, and directly with a token.

Through KAF the whole request is in the session's ``api`` privilege and sees one room.
The direct API takes a query and a bearer token and sees all rooms. Kaltura's examples:
https://github.com/kaltura-vpaas/newrow-api.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from kaltura_simulator.kaf.access import session_of_account
from kaltura_simulator.kaf.refusals import PageRefused
from kaltura_simulator.newrow import options
from kaltura_simulator.newrow.rows import Analytics, Row
from kaltura_simulator.state.world import World
from kaltura_simulator.web import http
from kaltura_simulator.web.access_log import RequestLog, with_faults
from kaltura_simulator.web.http import HttpRequest, HttpResponse, Router

KAF = "/newrowkaf/index/api"
DIRECT = "/backend/api/"
PAGE_ROWS = 30


class AnalyticsError(Exception):
    """A refused call; ``status`` is the HTTP status."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


@dataclass(frozen=True)
class ResultList:
    """All rows of a list, under their key in the answer."""

    key: str
    rows: list[Row]
    #: ``next_page`` of the last page.
    last: str | None = ""


def add_routes(router: Router) -> None:
    """Serve both APIs."""
    router.route(KAF, through_kaf)
    router.route(DIRECT, direct)


@dataclass(frozen=True)
class AnalyticsQuery:
    """A call, and the analytics it may see."""

    analytics: Analytics
    action: str
    params: Mapping[str, Any]


def through_kaf(request: HttpRequest) -> HttpResponse:
    """The call in the ``api`` privilege of the session ``ks``."""
    return _response(request, _from_session)


def direct(request: HttpRequest) -> HttpResponse:
    """The call in path and query, with ``Authorization: Bearer``."""
    return _response(request, _from_query)


def _response(
    request: HttpRequest, read: Callable[[HttpRequest, RequestLog], AnalyticsQuery]
) -> HttpResponse:
    log = RequestLog(request, "newrow", "api")
    try:
        query = read(request, log)
        log.action, log.params = query.action, query.params
        return with_faults(request, log, lambda: _answered(request.world, log, query))
    except AnalyticsError as problem:
        answer, outcome = _error(problem.status, str(problem)), str(problem.status)
    except PageRefused as refusal:
        sentence = f"{refusal.sentence} {refusal.fix}"
        answer, outcome = _error(refusal.status, sentence, refusal.reason), refusal.reason
    log.finish(outcome, answer.body.decode())
    return answer


def _answered(world: World, log: RequestLog, query: AnalyticsQuery) -> HttpResponse:
    response = http.data(_answer(world, query))
    log.finish("ok", response.body.decode())
    return response


def _error(status: int, message: str, reason: str = "") -> HttpResponse:
    body = {"status": "error", "message": message}
    return http.data(body | ({"reason": reason} if reason else {}), status)


# ----------------------------------------------------------------- reading calls
def _from_session(request: HttpRequest, log: RequestLog) -> AnalyticsQuery:
    session = session_of_account(request, request.query.get("ks", ""))
    privileges = session.privileges
    log.user, log.partner = session.user, session.partner
    if not privileges.get("role"):
        raise AnalyticsError(400, "The Kaltura Session has no role privilege.")
    call = _api(privileges.get("api", ""))
    places = _places(request.world, session.partner, privileges)
    analytics = Analytics(request.world, session.partner, places)
    return AnalyticsQuery(analytics, call["action"].strip("/"), call["params"])


def _api(text: str) -> dict[str, Any]:
    """The call in the privilege: percent-encoded JSON."""
    if not text:
        raise AnalyticsError(400, "The Kaltura Session has no api privilege.")
    try:
        call = json.loads(unquote(text))
    except (ValueError, RecursionError):
        raise AnalyticsError(400, "The api privilege is not percent-encoded JSON.") from None
    if not isinstance(call, dict) or not isinstance(call.get("action"), str):
        raise AnalyticsError(400, "The api privilege needs method, action and params.")
    if call.get("method") != "GET":
        raise AnalyticsError(400, "The method in the api privilege must be GET.")
    params = call.get("params") or {}
    if not isinstance(params, dict):
        raise AnalyticsError(400, "The params in the api privilege must be an object.")
    return call | {"params": params}


def _places(world: World, partner: int, privileges: Mapping[str, str]) -> set[str]:
    """The room that the session may see, by resource (or room entry) or by event."""
    resource, event = privileges.get("resourceId"), privileges.get("eventId")
    if bool(resource) == bool(event):
        raise AnalyticsError(400, "Give the session resourceId or eventId, one of the two.")
    return {resource} if resource else _places_of_event(world, partner, str(event))


def _places_of_event(world: World, partner: int, event_id: str) -> set[str]:
    event = world.store.get(partner, "schedule_event", event_id)
    if event is None:
        raise AnalyticsError(404, f"There is no scheduled event {event_id}.")
    booked = {
        str(link["resourceId"])
        for link in world.store.all(partner, "schedule_event_resource")
        if str(link["eventId"]) == event_id
    }
    template = event.get("templateEntryId")
    return booked | ({str(template)} if template else set())


def _from_query(request: HttpRequest, log: RequestLog) -> AnalyticsQuery:
    if request.method != "GET":
        raise AnalyticsError(405, "Only GET is answered here.")
    scheme, _, token = request.header("Authorization").partition(" ")
    wanted = request.world.options.newrow_token
    if scheme != "Bearer" or not secrets.compare_digest(token.encode(), wanted.encode()):
        raise AnalyticsError(
            401, "Send the token that Kaltura gave you: Authorization: Bearer TOKEN."
        )
    analytics = Analytics(request.world, request.world.options.partner_id)
    return AnalyticsQuery(analytics, request.path[len(DIRECT) :].strip("/"), request.query)


# ------------------------------------------------------------------- the answer
def _answer(world: World, query: AnalyticsQuery) -> dict[str, Any]:
    head, _, key = query.action.partition("/")
    if head == "users" and key:
        return _one_user(query.analytics, key)
    call = _CALLS.get(query.action)
    if call is None:
        raise AnalyticsError(404, f"There is no {query.action}; there are {', '.join(_CALLS)}.")
    listing = call(query.analytics, query.params)
    return _page(listing, _number(query.params, "page") or 0, options.current(world.store))


def _page(listing: ResultList, page: int, options_now: options.NewrowOptions) -> dict[str, Any]:
    rows = listing.rows
    if options_now.lost_page is not None:
        first = options_now.lost_page * PAGE_ROWS
        rows = rows[:first] + rows[first + PAGE_ROWS :]
    start, end = page * PAGE_ROWS, (page + 1) * PAGE_ROWS
    found = {
        listing.key: rows[start:end],
        "total_count": len(listing.rows) + options_now.total_count_off,
        "next_page": str(page + 1) if end < len(rows) else listing.last,
    }
    return {"status": "success", "data": found}


def _number(params: Mapping[str, Any], name: str) -> int | None:
    """A number sent as text, or None when it was not sent."""
    value = str(params.get(name, "")).strip()
    if not value:
        return None
    if not value.isascii() or not value.isdigit() or len(value) > 15:
        raise AnalyticsError(400, f"{name} must be a whole number, 0 or more.")
    return int(value)


def _window(params: Mapping[str, Any]) -> tuple[int | None, int | None]:
    return _number(params, "from_date"), _number(params, "to_date")


def _sessions(analytics: Analytics, params: Mapping[str, Any]) -> ResultList:
    place = str(params.get("third_party_room_id") or "") or None
    return ResultList("sessions", analytics.sessions(place, *_window(params)))


def _attendees(analytics: Analytics, params: Mapping[str, Any]) -> ResultList:
    run_id = str(params.get("session_id") or "")
    if not run_id:
        raise AnalyticsError(400, "session_id is missing.")
    if analytics.run(run_id) is None:
        raise AnalyticsError(404, f"There is no session {run_id} here.")
    third_party = str(params.get("include_third_party_data", "")) == "1"
    rows = analytics.attendees(run_id, *_window(params), third_party=third_party)
    return ResultList("session_attendance", rows)


def _messages(analytics: Analytics, params: Mapping[str, Any]) -> ResultList:
    kind = str(params.get("type") or "")
    if kind not in ("questions", "public", "moderators"):
        raise AnalyticsError(400, "type must be questions, public or moderators.")
    place = str(params.get("third_party_room_id") or "")
    if not place:
        raise AnalyticsError(400, "third_party_room_id is missing.")
    return ResultList("messages", analytics.messages(place, kind), last=None)


def _rooms(analytics: Analytics, params: Mapping[str, Any]) -> ResultList:
    return ResultList("rooms", analytics.rooms())


def _users(analytics: Analytics, params: Mapping[str, Any]) -> ResultList:
    return ResultList("users", analytics.users())


def _one_user(analytics: Analytics, key: str) -> dict[str, Any]:
    for row in analytics.users():
        if row["id"] == key:
            return {
                "status": "success",
                "data": {"users": [row], "total_count": 1, "next_page": ""},
            }
    raise AnalyticsError(404, f"There is no user {key} here.")


def _quizzes(analytics: Analytics, params: Mapping[str, Any]) -> ResultList:
    """Rooms here hold no quizzes, so there are none to report."""
    return ResultList("quizzes", [])


_CALLS: dict[str, Callable[[Analytics, Mapping[str, Any]], ResultList]] = {
    "analytics/sessions": _sessions,
    "analytics/session-attendees": _attendees,
    "analytics/room-messages": _messages,
    "rooms": _rooms,
    "users": _users,
    "quizzes": _quizzes,
}
