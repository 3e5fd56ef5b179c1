"""Multirequests: numbered calls that may refer to each other; a failed one stops none."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from kaltura_simulator.api import dispatch
from kaltura_simulator.api.dispatch import RequestContext
from kaltura_simulator.api.errors import ApiError
from kaltura_simulator.api.wire_in import Params

MAX_REQUESTS = 2000
_REFERENCE = re.compile(r"\{(\d+):result(?::([^{}]*))?\}")
_NUMBER = re.compile(r"0|[1-9][0-9]{0,4}")
_COMMON = ("clientTag", "apiVersion", "ks", "partnerId", "responseProfile", "language")


def is_many(params: Params) -> bool:
    """Whether this is a multirequest."""
    return str(params.get("service", "")).lower() == "multirequest"


def run(context: RequestContext, params: Params) -> list[Any]:
    """The results in order; an error takes the place of its result, and the rest still runs."""
    common = {name: params[name] for name in _COMMON if name in params}
    results: list[Any] = []
    for number, request in _requests(params):
        merged = common | resolved(request, results)
        results.append(dispatch.run(_with_files_of(context, number), merged))
    return results


def _with_files_of(context: RequestContext, number: int) -> RequestContext:
    """The context with the files of one sub-request, named as in ``2:fileData``."""
    start = f"{number}:"
    own = {k[len(start) :]: body for k, body in context.files.items() if k.startswith(start)}
    return replace(context, files=own) if own else context


def _requests(params: Params) -> list[tuple[int, Params]]:
    """The sub-requests by number, from the lowest on, up to the first gap."""
    numbers = sorted(int(key) for key in params if _NUMBER.fullmatch(key))
    found: list[tuple[int, Params]] = []
    for expected, number in enumerate(numbers[:MAX_REQUESTS], numbers[0] if numbers else 0):
        request = params[str(number)]
        if number != expected or not isinstance(request, dict) or "service" not in request:
            break
        found.append((number, request))
    return found


def resolved(value: Any, results: list[Any]) -> Any:
    """``value`` with every ``{n:result:path}`` replaced; an unknown path becomes empty."""
    if isinstance(value, dict):
        return {key: resolved(inner, results) for key, inner in value.items()}
    if isinstance(value, list):
        return [resolved(inner, results) for inner in value]
    if isinstance(value, str) and "{" in value:
        return _REFERENCE.sub(lambda found: _referred(found, results), value)
    return value


def _referred(found: re.Match[str], results: list[Any]) -> str:
    number = int(found[1]) - 1
    if not 0 <= number < len(results):
        return ""
    return _text(_at(results[number], [piece for piece in (found[2] or "").split(":") if piece]))


def _at(value: Any, path: list[str]) -> Any:
    """The value at ``objects:0:id``; ``*`` collects from every item."""
    for position, piece in enumerate(path):
        if isinstance(value, list) and piece == "*":
            inner = (_text(_at(item, path[position + 1 :])) for item in value)
            return ",".join(inner)
        if isinstance(value, dict):
            value = value.get(piece)
        elif isinstance(value, list) and piece.isdecimal() and int(piece) < len(value):
            value = value[int(piece)]
        else:
            return None
    return value


def _text(value: Any) -> str:
    if value is None or isinstance(value, dict | list | ApiError):
        return ""
    if isinstance(value, bool):
        return "1" if value else "0"
    return str(value)
