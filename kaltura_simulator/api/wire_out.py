"""Serializes a result: XML, JSON, JSONP or PHP's ``serialize`` format.

Kaltura's: api_v3/lib/Kaltura*Serializer.php in https://github.com/kaltura/server.
"""

from __future__ import annotations

import json
import re
from functools import lru_cache
from typing import Any
from xml.sax.saxutils import escape

from kaltura_simulator.api import php_out, schema
from kaltura_simulator.api.errors import ApiError
from kaltura_simulator.web.files import File

JSON, XML, PHP, PHP_ARRAY, JSONP = 1, 2, 3, 4, 9
_NOT_XML = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_QUOTES = {'"': "&quot;"}


def render(
    result: Any, form: int, seconds: float, callback: str = "", ignore_null: bool = False
) -> tuple[str, str]:
    """The answer and its content type; ``ignore_null`` leaves out the XML of what is not set."""
    if form == JSON:
        return json_text(result), "application/json"
    if form == JSONP:
        name = re.sub(r"[^\w.$]", "", callback) or "callback"
        return f"{name}({json_text(result)});", "application/javascript"
    if form in {PHP, PHP_ARRAY}:
        return php_out.text(result, arrays=form == PHP_ARRAY), "text/plain"
    head = '<?xml version="1.0" encoding="utf-8"?><xml><result>'
    tail = f"</result><executionTime>{seconds:.6f}</executionTime></xml>"
    return head + xml_text(result, ignore_null) + tail, "text/xml"


# ------------------------------------------------------------------------- JSON
def json_text(result: Any) -> str:
    """A result as JSON; no result is ``null``."""
    return json.dumps(_plain(result))


def _plain(value: Any) -> Any:
    if isinstance(value, ApiError):
        return {
            "code": value.code,
            "message": value.message,
            "objectType": "KalturaAPIException",
            "args": value.args_by_name or [],
        }
    if isinstance(value, dict):
        return _plain_object(value)
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if isinstance(value, float):
        return _number(value)
    return str(value) if isinstance(value, File) else value


def _number(value: float) -> float | int:
    """A number as PHP writes it: without a fraction of nothing."""
    return int(value) if value.is_integer() else value


def _plain_object(value: dict[str, Any]) -> dict[str, Any]:
    """The properties of the class that are set; ``objectType`` comes last."""
    kind = value.get("objectType", "")
    if not kind:
        return {name: _plain(inner) for name, inner in value.items() if inner is not None}
    found = {
        name: _plain(value[name])
        for name in schema.properties(kind)
        if value.get(name) is not None and name != "objectType"
    }
    if value.get("relatedObjects"):
        found["relatedObjects"] = _plain(value["relatedObjects"])
    found["objectType"] = kind
    return found


# -------------------------------------------------------------------------- XML
def xml_text(value: Any, bare: bool = False) -> str:
    """The inside of a node; ``bare`` without the properties that are not set."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, ApiError):
        return _xml_error(value)
    if isinstance(value, dict):
        return _xml_object(value, bare)
    if isinstance(value, list):
        return "".join([f"<item>{xml_text(item, bare)}</item>" for item in value])
    return escaped(str(_number(value) if isinstance(value, float) else value))


def escaped(text: str) -> str:
    """A text as XML may hold it."""
    return escape(_NOT_XML.sub("", text), _QUOTES)


@lru_cache(maxsize=2048)
def _tags(kind: str) -> tuple[tuple[str, str, str, str], ...]:
    """(name, opening tag, closing tag, empty element) for each property of a class."""
    return tuple(
        (name, f"<{name}>", f"</{name}>", f"<{name}></{name}>")
        for name in schema.properties(kind)
        if name != "objectType"
    )


def _xml_object(value: dict[str, Any], bare: bool) -> str:
    kind = value.get("objectType", "")
    if not kind:
        return "".join(f"<{name}>{xml_text(inner, bare)}</{name}>" for name, inner in value.items())
    parts = [f"<objectType>{kind}</objectType>"]
    related = value.get("relatedObjects")
    if related or not bare:
        parts.append(f"<relatedObjects>{_xml_map(related or {}, bare)}</relatedObjects>")
    for name, opening, closing, empty in _tags(kind):
        inner = value.get(name)
        if inner is None and bare:
            continue
        if inner is None or inner == "":
            parts.append(empty)
        else:
            parts += (opening, xml_text(inner, bare), closing)
    return "".join(parts)


def _xml_map(value: dict[str, Any], bare: bool) -> str:
    """Objects by name, as items with an ``itemKey``."""
    return "".join(
        f"<item><itemKey>{escaped(name)}</itemKey>{xml_text(inner, bare)}</item>"
        for name, inner in value.items()
    )


def _xml_error(error: ApiError) -> str:
    args = "".join(
        f"<item><objectType>KalturaApiExceptionArg</objectType><name>{escaped(name)}</name>"
        f"<value>{escaped(value)}</value></item>"
        for name, value in error.args_by_name.items()
    )
    return (
        f"<error><code>{escaped(error.code)}</code><message>{escaped(error.message)}</message>"
        f"<objectType>KalturaAPIException</objectType><args>{args}</args></error>"
    )
