"""Refuses files that Kaltura takes for dangerous, by what they begin with.

Seen at a running server (22.19): pages of HTML, scripts, programs, and what is too short
to be anything. Everything else passes, whatever it is called.
"""

from __future__ import annotations

import re

from kaltura_simulator.api.errors import ApiError

#: Of fewer bytes no kind of file can be told.
_SHORTEST_BYTES = 2
_PROGRAMS = (b"MZ", b"\x7fELF", b"\xfe\xed\xfa", b"\xcf\xfa\xed\xfe", b"#!")
_PAGES = re.compile(rb"\s*(?:<!doctype html|<html|<head|<body|<script|<\?php)", re.IGNORECASE)


def refuse_insecure(body: bytes) -> None:
    """Refuse a file that could do harm (FILE_CONTENT_NOT_SECURE)."""
    if len(body) < _SHORTEST_BYTES or body.startswith(_PROGRAMS) or _PAGES.match(body):
        raise ApiError("FILE_CONTENT_NOT_SECURE")
