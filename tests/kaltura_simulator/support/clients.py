"""Clients for the local Kaltura: the real one, and bare HTTP."""

from __future__ import annotations

import json
import urllib.error
import urllib.parse
import urllib.request
from typing import Any

from KalturaClient import KalturaClient, KalturaConfiguration
from KalturaClient.Base import KalturaObjectBase
from KalturaClient.exceptions import KalturaException

from kaltura_simulator.testing import Simulator

ADMIN, USER = 2, 0
#: Making a client costs 10 ms, signing a session with it next to nothing.
_MINT = KalturaClient(KalturaConfiguration())
_OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def client_of(
    kaltura: Simulator, kind: int = ADMIN, user: str = "manager", privileges: str = ""
) -> KalturaClient:
    """The real client with a session of its own making."""
    client = KalturaClient(KalturaConfiguration(kaltura.url))
    client.setKs(ks_of(kaltura, kind, user, privileges))
    client.setPartnerId(kaltura.partner_id)
    return client


def ks_of(
    kaltura: Simulator, kind: int = ADMIN, user: str = "manager", privileges: str = ""
) -> str:
    """A session as the real client signs it."""
    made = _MINT.generateSessionV2(
        kaltura.admin_secret, user, kind, kaltura.partner_id, 3600, privileges
    )
    return str(made.decode())


def code_of(call: Any, *args: Any, **kwargs: Any) -> str:
    """The code of the exception that the real client raises."""
    try:
        call(*args, **kwargs)
    except KalturaException as refusal:
        return str(refusal.code)
    raise AssertionError("The call was not refused.")


def http(
    url: str, data: bytes | None = None, content_type: str = "", method: str | None = None
) -> tuple[int, dict[str, str], str]:
    """Status, headers and text of one bare request."""
    headers = {"Content-Type": content_type} if content_type else {}
    request = urllib.request.Request(url, data, headers, method=method)
    try:
        with _OPENER.open(request, timeout=30) as reply:
            return reply.status, dict(reply.headers), reply.read().decode()
    except urllib.error.HTTPError as problem:
        return problem.code, dict(problem.headers), problem.read().decode()


def call(kaltura: Simulator, service_and_action: str, **params: Any) -> Any:
    """One API call as JSON, without any client; refusals are returned as dictionaries."""
    service, action = service_and_action.split(".")
    url = f"{kaltura.url}/api_v3/service/{service}/action/{action}"
    body = json.dumps({"format": 1, **params}).encode()
    return json.loads(http(url, body, "application/json")[2])


def form(fields: dict[str, str]) -> bytes:
    """A url-encoded body."""
    return urllib.parse.urlencode(fields).encode()


def value_of(enum: Any) -> Any:
    """The value inside the client's wrapper around an enumeration."""
    return enum.getValue()


def fields_of(found: KalturaObjectBase, *names: str) -> dict[str, Any]:
    """Some properties of a client object, enumerations unwrapped."""
    values = {name: getattr(found, name) for name in names}
    return {
        name: value.getValue() if hasattr(value, "getValue") else value
        for name, value in values.items()
    }
