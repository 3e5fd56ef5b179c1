"""``/embeddedrooms/index/create-room``: creates a room for programs that do not use the API."""

from __future__ import annotations

from typing import Any

from kaltura_simulator.api import ks, schema
from kaltura_simulator.api.call import internal
from kaltura_simulator.api.errors import ApiError
from kaltura_simulator.api.params import SentObject
from kaltura_simulator.kaf.access import session_of_account
from kaltura_simulator.kaf.paths import CREATE_ROOM
from kaltura_simulator.kaf.refusals import PageRefused
from kaltura_simulator.services import room
from kaltura_simulator.state.store import Data
from kaltura_simulator.web import http
from kaltura_simulator.web.access_log import RequestLog, with_faults
from kaltura_simulator.web.http import HttpRequest, HttpResponse, Router

_FIELDS = ("name", "description", "tags", "templateRoomEntryId")


def add_routes(router: Router) -> None:
    """Serve the path."""
    router.route(CREATE_ROOM, create_room)


def create_room(request: HttpRequest) -> HttpResponse:
    """Create a room from a JSON body with ``ks``, ``name`` and other properties."""
    log = RequestLog(request, "kaf", "create-room")
    return with_faults(request, log, lambda: _response(request, log))


def _response(request: HttpRequest, log: RequestLog) -> HttpResponse:
    sent = _body(request)
    if request.method != "POST" or not sent.get("ks") or not sent.get("name"):
        return _refused(log, 400, "Missing required parameters: ks, name")
    log.params = {name: sent.get(name) for name in _FIELDS}
    try:
        session = session_of_account(request, str(sent["ks"]))
    except PageRefused:
        return _refused(log, 401, "Invalid session token")
    log.user, log.partner = session.user, session.partner
    try:
        created = _created(request, session, sent)
    except ApiError as refusal:
        return _refused(log, 500, f"Failed to create room: {refusal.message}")
    log.finish("ok", f"A room: {created['id']}")
    return http.data(
        {"success": True, "data": _plain(created), "message": "Room created successfully"}
    )


def _body(request: HttpRequest) -> dict[str, Any]:
    try:
        found = request.json
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _refused(log: RequestLog, status: int, message: str) -> HttpResponse:
    log.finish("refused", f"{status}: {message}")
    return http.data({"success": False, "message": message}, status)


def _created(request: HttpRequest, session: ks.Ks, sent: dict[str, Any]) -> Data:
    call = internal(request.world, session.partner, session, request.host_url)
    fields = {name: str(sent[name]) for name in _FIELDS if sent.get(name)}
    with call.store.transaction():
        created: Data = room.add(call, SentObject("KalturaRoomEntry", {"roomType": 1} | fields))
    return created


def _plain(row: Data) -> Data:
    """A room as the API's JSON shows it."""
    known = schema.properties(row["objectType"])
    return {name: row[name] for name in known if row.get(name) is not None}
