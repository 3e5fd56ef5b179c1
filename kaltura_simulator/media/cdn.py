"""``/p/PARTNER/``: the paths of Kaltura's delivery network, for pictures and streams."""

from __future__ import annotations

import re

from kaltura_simulator.media import playing, thumbnails, watched
from kaltura_simulator.player import embed
from kaltura_simulator.web.http import HttpRequest, HttpResponse, Router, text

_PATH = re.compile(
    r"/p/(\d{1,9})(?:/sp/\d+)?"
    r"/(thumbnail|playManifest|serveFlavor|embedPlaykitJs|embedIframeJs|watched)/(.+)"
)
_HANDLERS = {
    "thumbnail": thumbnails.serve,
    "playManifest": playing.serve_manifest,
    "serveFlavor": playing.serve_file,
    "embedPlaykitJs": embed.serve_v7,
    "embedIframeJs": embed.serve_v2,
    "watched": watched.tell,
}


def add_routes(router: Router) -> None:
    """Serve these paths."""
    router.route("/p/", handle)


def handle(request: HttpRequest) -> HttpResponse:
    """One file; anything unknown is an empty 404, as at Kaltura."""
    match = _PATH.fullmatch(request.path)
    if match is None:
        return text("", 404)
    return _HANDLERS[match[2]](request, int(match[1]), _path_params(match[3]))


def _path_params(path: str) -> dict[str, str]:
    """``entry_id/ID/width/W`` as values by name."""
    parts = path.strip("/").split("/")
    return dict(zip(parts[::2], parts[1::2], strict=False))
