"""One call of the API, made by the console: over the same door, by the same rules, on record."""

from __future__ import annotations

import json
from dataclasses import dataclass
from io import BytesIO
from typing import Any

from kaltura_simulator.api import endpoint, ks
from kaltura_simulator.state.world import World
from kaltura_simulator.web.http import Request, Response

#: Marks a call in the list of requests, as Kaltura's own console marks its calls.
CLIENT_TAG = "console"
USER = "console"
SESSION_S = 60
_NO_ANSWER = "No answer came. It may have happened or not: look before you try again."


@dataclass(frozen=True)
class Refusal:
    """Why it was not done, or not for certain: Kaltura's words, with its code if it gave one."""

    words: str
    code: str = ""
    head: str = "Kaltura refused this."


def ask(request: Request, action: str, params: dict[str, Any]) -> Refusal | None:
    """Make one call as an ADMIN of the account; None when it was done.

    ``action`` is ``service.action`` in the names of the wire.
    """
    service, _, verb = action.partition(".")
    path = f"/api_v3/service/{service}/action/{verb}"
    common = {"format": 1, "clientTag": CLIENT_TAG, "ks": _session(request.world)}
    return _refusal(endpoint.handle(_call(request, path, common | params)))


def _session(world: World) -> str:
    """A session that sees everything, for this call alone."""
    partner = world.options.partner_id
    return ks.mint(
        world.secrets(partner)[0],
        partner,
        user=USER,
        type=ks.ADMIN,
        expiry=world.clock.now() + SESSION_S,
        privileges="disableentitlement",
    )


def _call(request: Request, path: str, params: dict[str, Any]) -> Request:
    """The API request that Kaltura's own console would send."""
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
    return Request(environ, request.world)


def _refusal(response: Response) -> Refusal | None:
    if response.hang_up:
        return Refusal("The connection was closed.", head=_NO_ANSWER)
    if response.status != 200:
        return Refusal(f"The web server said {response.status}.", head=_NO_ANSWER)
    try:
        answer = json.loads(response.body)
    except ValueError:
        return Refusal("Half of the answer is missing.", head=_NO_ANSWER)
    if isinstance(answer, str):  # what a rate limit says, as a result
        return Refusal(answer)
    if isinstance(answer, dict) and answer.get("objectType") == "KalturaAPIException":
        return Refusal(answer["message"], answer["code"])
    return None
