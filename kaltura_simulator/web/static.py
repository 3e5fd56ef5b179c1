"""Stylesheets, scripts and icons from a folder beside the code."""

from __future__ import annotations

from pathlib import Path

from kaltura_simulator.web.http import HttpResponse

_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}


class Static:
    """The files of one folder, read once; no other path can be requested."""

    def __init__(self, folder: Path) -> None:
        self._files = {
            path.name: (path.read_bytes(), _TYPES[path.suffix])
            for path in folder.iterdir()
            if path.suffix in _TYPES
        }

    def serve(self, name: str) -> HttpResponse:
        """The file ``name``, or 404."""
        if name not in self._files:
            return HttpResponse(b"There is no such file.", 404, "text/plain; charset=utf-8")
        body, content_type = self._files[name]
        headers = [("Cache-Control", "no-cache"), ("X-Content-Type-Options", "nosniff")]
        return HttpResponse(body, 200, content_type, headers)
