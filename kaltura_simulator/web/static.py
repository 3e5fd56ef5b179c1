"""Stylesheets, scripts and icons that stand beside the code."""

from __future__ import annotations

from pathlib import Path

from kaltura_simulator.web.http import Response

_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}


class Static:
    """The files of one folder, read once; only names seen then can be asked for."""

    def __init__(self, folder: Path) -> None:
        self._files = {
            path.name: (path.read_bytes(), _TYPES[path.suffix])
            for path in folder.iterdir()
            if path.suffix in _TYPES
        }

    def serve(self, name: str) -> Response:
        """The file ``name``, or 404."""
        if name not in self._files:
            return Response(b"There is no such file.", 404, "text/plain; charset=utf-8")
        body, content_type = self._files[name]
        headers = [("Cache-Control", "no-cache"), ("X-Content-Type-Options", "nosniff")]
        return Response(body, 200, content_type, headers)
