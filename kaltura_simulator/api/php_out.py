"""Replies in PHP's ``serialize`` format (formats 3 and 4), for Kaltura's older PHP clients.

Objects are PHP objects of the class's name, or arrays with an ``objectType`` in format 4;
a refusal is an array with a code and a message in both.
"""

from __future__ import annotations

from typing import Any

from kaltura_simulator.api import schema
from kaltura_simulator.api.errors import ApiError
from kaltura_simulator.web.files import File


def text(value: Any, arrays: bool = False) -> str:
    """A result as PHP's ``serialize`` writes it; ``arrays`` for arrays in place of objects."""
    if isinstance(value, ApiError):
        return _map(_refusal(value), arrays)
    if isinstance(value, dict):
        return _object(value, arrays)
    if isinstance(value, list):
        return _map(dict(enumerate(value)), arrays)
    return _scalar(str(value) if isinstance(value, File) else value)


def _refusal(refusal: ApiError) -> dict[Any, Any]:
    return {
        "code": refusal.code,
        "message": refusal.message,
        "objectType": "KalturaAPIException",
        "args": refusal.args_by_name,
    }


def _scalar(value: Any) -> str:
    if value is None:
        return "N;"
    if isinstance(value, bool):
        return f"b:{int(value)};"
    if isinstance(value, int):
        return f"i:{value};"
    if isinstance(value, float):
        return f"d:{value!r};"
    return f"{_quoted('s', str(value))};"


def _quoted(mark: str, value: str) -> str:
    """A text behind its length, which PHP counts in bytes."""
    return f'{mark}:{len(value.encode("utf-8", "replace"))}:"{value}"'


def _map(value: dict[Any, Any], arrays: bool) -> str:
    return f"a:{len(value)}:{{{_pairs(value, arrays)}}}"


def _pairs(value: dict[Any, Any], arrays: bool) -> str:
    return "".join(_scalar(name) + text(inner, arrays) for name, inner in value.items())


def _object(value: dict[str, Any], arrays: bool) -> str:
    """The properties of the class that are set."""
    kind = str(value.get("objectType", ""))
    names = [*schema.properties(kind), "relatedObjects"] if kind else list(value)
    found = {name: value[name] for name in names if value.get(name) is not None}
    found.pop("objectType", None)
    if arrays or not kind:
        return _map(({"objectType": kind} if kind else {}) | found, arrays)
    return f"{_quoted('O', kind)}:{len(found)}:{{{_pairs(found, arrays)}}}"
