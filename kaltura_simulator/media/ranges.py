"""Parts of a file, as browsers ask for them when somebody seeks in a video."""

from __future__ import annotations

import re
from collections.abc import Sequence

from kaltura_simulator.web.http import HttpRequest, HttpResponse

_RANGE = re.compile(r"bytes=(\d{0,15})-(\d{0,15})")


def answer(
    request: HttpRequest, body: bytes, content_type: str, headers: Sequence[tuple[str, str]]
) -> HttpResponse:
    """The whole file, or the one range of the request's header; several ranges get the whole."""
    more = [*headers, ("Accept-Ranges", "bytes")]
    asked = _RANGE.fullmatch(request.header("Range").strip())
    if asked is None or asked[0] == "bytes=-":
        return HttpResponse(body, 200, content_type, more)
    first, last = _bounds(asked[1], asked[2], len(body))
    if first > last:
        return HttpResponse(
            b"", 416, content_type, [*more, ("Content-Range", f"bytes */{len(body)}")]
        )
    more.append(("Content-Range", f"bytes {first}-{last}/{len(body)}"))
    return HttpResponse(body[first : last + 1], 206, content_type, more)


def _bounds(first: str, last: str, size: int) -> tuple[int, int]:
    """The first and last byte; without a first one the last so many are meant."""
    if not first:
        return max(0, size - int(last)), size - 1
    return int(first), min(int(last) if last else size - 1, size - 1)
