"""The tags of entries and users: a text of tags, each cut where Kaltura cuts it."""

from __future__ import annotations

MAX_BYTES = 100


def cut(text: str) -> list[str]:
    """The tags in a text, trimmed, each at most 100 bytes of whole characters, each once."""
    pieces = (_cut(piece.strip()) for piece in text.split(","))
    return list(dict.fromkeys(piece for piece in pieces if piece))


def _cut(tag: str) -> str:
    return tag.encode()[:MAX_BYTES].decode("utf-8", "ignore")
