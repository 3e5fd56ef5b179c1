"""The HTTP request of a notification: body, headers and signature.

Kaltura's: plugins/event_notification/providers/http/lib/KDispatchHttpNotificationEngine.class.php
in https://github.com/kaltura/server.
"""

from __future__ import annotations

import base64
import hashlib
import json
from typing import Any
from urllib.parse import urlencode

from kaltura_simulator.api import lists, schema, wire_out
from kaltura_simulator.notify import expressions
from kaltura_simulator.notify.events import NotificationEvent
from kaltura_simulator.state.store import Data

JSON, XML = 1, 2
GET, POST, PUT, DELETE = 1, 2, 3, 4
METHODS = {GET: "GET", POST: "POST", PUT: "PUT", DELETE: "DELETE"}
_FORM = "application/x-www-form-urlencoded"
_HASHES = {2: "sha256", 3: "sha512"}
_DEFAULT_HASH = "sha1"
USER_AGENT = "Mozilla/5.0 (compatible; local Kaltura)"
Headers = list[tuple[str, str]]


def request(template: Data, event: NotificationEvent, job_id: int, secret: str) -> Data:
    """The HTTP request of a template: method, url, headers, body."""
    placeholders = _placeholders(template, event)
    body, kind = _body(template, event, job_id, placeholders)
    method = METHODS.get(int(template.get("method") or GET), "GET")
    url = _filled(str(template.get("url") or ""), placeholders)
    if method == "GET" and body:
        url += f"?{body}"
    headers = [("User-Agent", USER_AGENT), *signature(template, secret, body)]
    headers += _custom_headers(template, placeholders)
    if method != "GET":
        headers.append(("Content-Type", kind))
    sent = "" if method == "GET" else body
    return {"method": method, "url": url, "headers": headers, "body": sent}


def signature(template: Data, secret: str, body: str) -> Headers:
    """The headers with the digest of the account's secret and the body, and its algorithm."""
    name = _HASHES.get(int(template.get("secureHashingAlgo") or 1), _DEFAULT_HASH)
    digest = hashlib.new(name, (secret + body).encode()).hexdigest()
    return [("X-KALTURA-SIGNATURE", digest), ("X-KALTURA-HASH-ALGO", name)]


def _custom_headers(template: Data, placeholders: dict[str, str]) -> Headers:
    pairs = template.get("customHeaders") or []
    found = [
        (
            _filled(str(pair.get("key") or ""), placeholders),
            _filled(str(pair.get("value") or ""), placeholders),
        )
        for pair in pairs
        if pair.get("key")
    ]
    user, password = template.get("username"), template.get("password")
    if user or password:
        token = base64.b64encode(f"{user or ''}:{password or ''}".encode()).decode()
        found.append(("Authorization", f"Basic {token}"))
    return found


# --------------------------------------------------------------------------- body
def _body(
    template: Data, event: NotificationEvent, job_id: int, placeholders: dict[str, str]
) -> tuple[str, str]:
    data = template.get("data") or {}
    kind = data.get("objectType")
    if kind == "KalturaHttpNotificationObjectData":
        return _object_body(template, data, event, job_id)
    if kind == "KalturaHttpNotificationDataText":
        text = _filled(str((data.get("content") or {}).get("value") or ""), placeholders)
        return text, str(data.get("contentType") or _FORM)
    if kind == "KalturaHttpNotificationDataFields":
        return urlencode(placeholders), str(data.get("contentType") or _FORM)
    return "", _FORM


def _object_body(
    template: Data, data: Data, event: NotificationEvent, job_id: int
) -> tuple[str, str]:
    """The notification as an object that contains the changed object."""
    fields = {
        "object": _as_class(event.after, str(data.get("apiObjectType") or "")),
        "eventObjectType": _number(template.get("eventObjectType")),
        "eventNotificationJobId": job_id,
        "templateId": template["id"],
        "templateName": template.get("name") or "",
        "templateSystemName": template.get("systemName") or "",
        "eventType": _number(template.get("eventType")),
    }
    if int(data.get("format") or XML) == JSON:
        plain = fields | {"object": json.loads(wire_out.json_text(fields["object"]))}
        text = json.dumps(plain | {"objectType": "KalturaHttpNotification"})
        return _replaced(text, data), "application/json"
    inner = "".join(
        f"<{name}>{wire_out.xml_text(value)}</{name}>" for name, value in fields.items()
    )
    head = "<objectType>KalturaHttpNotification</objectType>"
    return _replaced(f"<notification>{head}{inner}</notification>", data), "application/xml"


def _as_class(row: Data, kind: str) -> Data:
    """The object as the class that the template names, if it is of that class."""
    fits = schema.is_class(kind) and schema.is_a(row["objectType"], kind)
    return lists.as_class(row, kind) if fits else row


def _number(value: Any) -> Any:
    text = str(value)
    return int(text) if text.isdecimal() else value


def _replaced(text: str, data: Data) -> str:
    for pair in data.get("dataStringReplacements") or []:
        text = text.replace(str(pair.get("key") or ""), str(pair.get("value") or ""))
    return text


# --------------------------------------------------------------------- parameters
def _placeholders(template: Data, event: NotificationEvent) -> dict[str, str]:
    """The values of ``{key}``: constants of the template, and properties of the object."""
    pairs = [*(template.get("userParameters") or []), *(template.get("contentParameters") or [])]
    return {
        str(pair["key"]): _evaluated(pair.get("value") or {}, event)
        for pair in pairs
        if pair.get("key")
    }


def _evaluated(value: Data, event: NotificationEvent) -> str:
    if value.get("code"):
        return expressions.text(str(value["code"]), event)
    return str(value.get("value") or "")


def _filled(text: str, placeholders: dict[str, str]) -> str:
    for key, value in placeholders.items():
        text = text.replace("{" + key + "}", value)
    return text
