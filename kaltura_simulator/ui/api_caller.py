"""API calls that the console makes, through the same endpoint and rules as any client's."""

from __future__ import annotations

import json
from dataclasses import dataclass
from io import BytesIO
from typing import Any

from kaltura_simulator.api import endpoint, ks
from kaltura_simulator.state.world import World
from kaltura_simulator.web.http import HttpRequest, HttpResponse

#: Marks the console's calls in the list of requests, as Kaltura's own console marks its calls.
CLIENT_TAG = "console"
USER = "console"
SESSION_S = 60
_NO_REPLY = "There was no reply. Check whether the change was made before you try again."


@dataclass(frozen=True)
class Refusal:
    """Why a call failed, or may have: Kaltura's message, and its code if it gave one."""

    message: str
    code: str = ""
    heading: str = "Kaltura refused the request."


def call_api(request: HttpRequest, action: str, params: dict[str, Any]) -> Refusal | None:
    """Make one call as an ADMIN of the account; None when it succeeded.

    ``action`` is ``service.action`` in the names of the wire.
    """
    service, _, name = action.partition(".")
    path = f"/api_v3/service/{service}/action/{name}"
    common = {"format": 1, "clientTag": CLIENT_TAG, "ks": _session(request.world)}
    return _refusal(endpoint.handle(_api_request(request, path, common | params)))


def _session(world: World) -> str:
    """A session for this call alone, which sees everything."""
    partner = world.options.partner_id
    return ks.mint(
        world.secrets(partner)[0],
        partner,
        user=USER,
        type=ks.ADMIN,
        expiry=world.clock.now() + SESSION_S,
        privileges="disableentitlement",
    )


def _api_request(request: HttpRequest, path: str, params: dict[str, Any]) -> HttpRequest:
    """The API request that a console in a browser would send."""
    body = json.dumps(params).encode()
    environ = request.environ | {
        "REQUEST_METHOD": "POST",
        "PATH_INFO": path,
        "QUERY_STRING": "",
        "CONTENT_TYPE": "application/json",
        "CONTENT_LENGTH": str(len(body)),
        "HTTP_TRANSFER_ENCODING": "",
        "wsgi.input": BytesIO(body),
    }
    return HttpRequest(environ, request.world)


def _refusal(response: HttpResponse) -> Refusal | None:
    if response.hang_up:
        return Refusal("The connection was closed.", heading=_NO_REPLY)
    if response.status != 200:
        return Refusal(f"The web server answered {response.status}.", heading=_NO_REPLY)
    try:
        answer = json.loads(response.body)
    except ValueError:
        return Refusal("The reply was incomplete.", heading=_NO_REPLY)
    # A rate limit answers with a text as the result.
    if isinstance(answer, str):
        return Refusal(answer)
    if isinstance(answer, dict) and answer.get("objectType") == "KalturaAPIException":
        return Refusal(answer["message"], answer["code"])
    return None
