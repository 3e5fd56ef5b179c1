"""Results that are files: sent as they are, not wrapped in XML or JSON."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class File:
    """A file as the result of an action."""

    body: bytes
    content_type: str = "text/plain; charset=utf-8"
    name: str = ""

    def __str__(self) -> str:
        """The file in the list of requests."""
        return f"file {self.name or '(unnamed)'}, {len(self.body)} bytes"

    @property
    def headers(self) -> list[tuple[str, str]]:
        """The file name, for browsers."""
        plain = "".join(
            c if c.isascii() and c.isprintable() and c != '"' else "_" for c in self.name
        )
        return [("Content-Disposition", f'inline; filename="{plain}"')] if plain else []
