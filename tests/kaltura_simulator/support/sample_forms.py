"""How samples and older clients put a call on the wire: PHP's forms, files of many parts."""

from __future__ import annotations

import json
from typing import Any

from kaltura_simulator.testing import Simulator
from tests.kaltura_simulator.support.clients import form, http

FORM = "application/x-www-form-urlencoded"


def php_form(kaltura: Simulator, query: str, **fields: str) -> str:
    """A call as the PHP client makes it: names with colons, service and action in the query."""
    sent = {name.replace("__", ":"): value for name, value in fields.items()}
    common = {"apiVersion": "19.0.0", "clientTag": "php5", "ignoreNull": "1", "kalsig": "0" * 32}
    url = f"{kaltura.url}/api_v3/index.php?{query}"
    return http(url, form(common | sent), FORM)[2]


def parts(fields: dict[str, str], files: dict[str, bytes]) -> tuple[bytes, str]:
    """A multipart body and its content type."""
    mark = b"----sample"
    pieces = [
        b'--%s\r\nContent-Disposition: form-data; name="%s"\r\n\r\n%s\r\n'
        % (mark, name.encode(), value.encode())
        for name, value in fields.items()
    ] + [
        b'--%s\r\nContent-Disposition: form-data; name="%s"; filename="a.bin"\r\n'
        b"Content-Type: application/octet-stream\r\n\r\n%s\r\n" % (mark, name.encode(), body)
        for name, body in files.items()
    ]
    return b"".join(pieces) + b"--%s--\r\n" % mark, f"multipart/form-data; boundary={mark.decode()}"


def upload(kaltura: Simulator, path: str, fields: dict[str, str], **files: bytes) -> Any:
    """One request with files, answered as JSON."""
    named = {name.replace("__", ":"): body for name, body in files.items()}
    body, kind = parts({"format": "1"} | fields, named)
    return json.loads(http(f"{kaltura.url}/api_v3/service/{path}", body, kind)[2])


def code(answer: Any) -> str:
    """The code of a refusal, empty when it was none."""
    return str(answer.get("code", "")) if isinstance(answer, dict) else ""
