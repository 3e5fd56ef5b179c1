"""Parses an HTTP request into named parameters, nested as Kaltura nests them.

A JSON body counts only under exactly ``application/json``; a form names inner
properties with ``a:b`` or ``a[b]``; the path and the query string win over the body.
"""

from __future__ import annotations

import email.parser
import email.policy
import json
import re
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote_plus

from kaltura_simulator.web.http import HttpRequest

Params = dict[str, Any]
_PREFIX = re.compile(r"^/+api_v3(?:/+index\.php)?/*")
_BRACKETS = re.compile(r"\[([^\]]*)\]")
MAX_DEPTH = 30


@dataclass
class ParsedRequest:
    """The parameters of one request, and the files that came with it."""

    params: Params
    files: dict[str, bytes] = field(default_factory=dict)


def read(request: HttpRequest) -> ParsedRequest:
    """All parameters and files of a request."""
    files: dict[str, bytes] = {}
    params = _body(request, files)
    for key, value in (*_path_pairs(request.path), *request.query.items()):
        put(params, key, value)
    return ParsedRequest(params, files)


def _path_pairs(path: str) -> list[tuple[str, str]]:
    pieces = [piece for piece in _PREFIX.sub("", path).split("/") if piece]
    return list(zip(pieces[::2], pieces[1::2], strict=False))


def _body(request: HttpRequest, files: dict[str, bytes]) -> Params:
    kind = request.content_type
    if request.method != "POST":
        return {}
    if kind == "application/json":
        return _json(request.body)
    if kind.startswith("multipart/form-data"):
        return _multipart(request, files)
    if kind.startswith("application/x-www-form-urlencoded"):
        return _form(request.form)
    return {}


def _json(body: bytes) -> Params:
    text = body.decode("utf-8", "replace").strip()
    if not (text.startswith("{") and text.endswith("}")):
        return {}
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) and _depth(found) <= MAX_DEPTH else {}


def _depth(value: Any) -> int:
    """How deep a value is nested; stops counting beyond MAX_DEPTH."""
    level, todo = 0, [value]
    while todo and level <= MAX_DEPTH:
        level += 1
        todo = [
            inner
            for outer in todo
            for inner in (outer.values() if isinstance(outer, dict) else outer)
            if isinstance(inner, dict | list)
        ]
    return level


def _form(fields: dict[str, str]) -> Params:
    params: Params = {}
    for key, value in fields.items():
        put(params, key, value)
    return params


def _multipart(request: HttpRequest, files: dict[str, bytes]) -> Params:
    """Fields and files; a part named ``json`` holds the parameters as JSON."""
    head = f"Content-Type: {request.content_type}\r\nMIME-Version: 1.0\r\n\r\n"
    parser = email.parser.BytesParser(policy=email.policy.HTTP)
    message = parser.parsebytes(head.encode("latin-1", "replace") + request.body)
    params: Params = {}
    for part in message.iter_parts() if message.is_multipart() else ():
        name = part.get_param("name", header="content-disposition")
        content = part.get_payload(decode=True)
        if not isinstance(name, str) or not isinstance(content, bytes):
            continue
        if part.get_filename() is not None:
            files[name] = content
        elif name == "json":
            params |= _json(content)
        else:
            put(params, name, content.decode("utf-8", "replace"))
    return params


def put(params: Params, key: str, value: str) -> None:
    """Set ``a:b:c`` or ``a[b][c]`` inside nested dictionaries."""
    names = unquote_plus(key) if "%" in key else key
    pieces = _BRACKETS.sub(r":\1", names).split(":")
    if len(pieces) > MAX_DEPTH:
        return
    here = params
    for piece in pieces[:-1]:
        inner = here.get(piece)
        if not isinstance(inner, dict):
            inner = here[piece] = {}
        here = inner
    here[pieces[-1]] = value
