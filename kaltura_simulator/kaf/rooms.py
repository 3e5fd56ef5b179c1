"""``/embeddedrooms/index/create-room``: a room for programs that talk to KAF and not to the API."""

from __future__ import annotations

from typing import Any

from kaltura_simulator.api import ks, schema
from kaltura_simulator.api.call import internal
from kaltura_simulator.api.errors import ApiError
from kaltura_simulator.api.params import Given
from kaltura_simulator.kaf.admission import session_here
from kaltura_simulator.kaf.paths import CREATE_ROOM
from kaltura_simulator.kaf.refusals import Refused
from kaltura_simulator.services import room
from kaltura_simulator.state.store import Data
from kaltura_simulator.web import http
from kaltura_simulator.web.access_log import Noted, troubled
from kaltura_simulator.web.http import Request, Response, Router

_FIELDS = ("name", "description", "tags", "templateRoomEntryId")


def add_routes(router: Router) -> None:
    """Serve it."""
    router.route(CREATE_ROOM, create_room)


def create_room(request: Request) -> Response:
    """Make a room of a JSON body with ``ks``, ``name`` and what else it should have."""
    noted = Noted(request, "kaf", "create-room")
    return troubled(request, noted, lambda: _answered(request, noted))


def _answered(request: Request, noted: Noted) -> Response:
    sent = _body(request)
    if request.method != "POST" or not sent.get("ks") or not sent.get("name"):
        return _said(noted, 400, "Missing required parameters: ks, name")
    noted.params = {name: sent.get(name) for name in _FIELDS}
    try:
        session = session_here(request, str(sent["ks"]))
    except Refused:
        return _said(noted, 401, "Invalid session token")
    noted.user, noted.partner = session.user, session.partner
    try:
        made = _made(request, session, sent)
    except ApiError as refusal:
        return _said(noted, 500, f"Failed to create room: {refusal.message}")
    noted.write("ok", f"A room: {made['id']}")
    return http.data(
        {"success": True, "data": _plain(made), "message": "Room created successfully"}
    )


def _body(request: Request) -> dict[str, Any]:
    try:
        found = request.json
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _said(noted: Noted, status: int, message: str) -> Response:
    noted.write("refused", f"{status}: {message}")
    return http.data({"success": False, "message": message}, status)


def _made(request: Request, session: ks.Ks, sent: dict[str, Any]) -> Data:
    call = internal(request.world, session.partner, session, request.host_url)
    fields = {name: str(sent[name]) for name in _FIELDS if sent.get(name)}
    with call.store.transaction():
        made: Data = room.add(call, Given("KalturaRoomEntry", {"roomType": 1} | fields))
    return made


def _plain(row: Data) -> Data:
    """A room as the API's JSON shows it."""
    known = schema.properties(row["objectType"])
    return {name: row[name] for name in known if row.get(name) is not None}
