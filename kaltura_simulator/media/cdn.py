"""``/p/PARTNER/``: what Kaltura's delivery network hands out, pictures and what plays."""

from __future__ import annotations

import re

from kaltura_simulator.media import playing, thumbnails
from kaltura_simulator.web.http import Request, Response, Router, text

_PATH = re.compile(r"/p/(\d{1,9})(?:/sp/\d+)?/(thumbnail|playManifest|serveFlavor)/(.+)")
_DOORS = {
    "thumbnail": thumbnails.picture,
    "playManifest": playing.manifest,
    "serveFlavor": playing.file,
}


def add_routes(router: Router) -> None:
    """Serve all of it."""
    router.route("/p/", handle)


def handle(request: Request) -> Response:
    """One file; like every file, it is refused with a bare status."""
    match = _PATH.fullmatch(request.path)
    if match is None:
        return text("", 404)
    return _DOORS[match[2]](request, int(match[1]), _words(match[3]))


def _words(path: str) -> dict[str, str]:
    """``entry_id/ID/width/W`` as names and values."""
    words = path.strip("/").split("/")
    return dict(zip(words[::2], words[1::2], strict=False))
