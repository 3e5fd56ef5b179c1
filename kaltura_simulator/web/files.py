"""Answers that are files: not wrapped in XML or JSON, but handed out as they are."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class File:
    """A file as the answer of an action."""

    body: bytes
    content_type: str = "text/plain; charset=utf-8"
    name: str = ""

    def __str__(self) -> str:
        """What the record of calls says of it."""
        return f"file {self.name or '(unnamed)'}, {len(self.body)} bytes"

    @property
    def headers(self) -> list[tuple[str, str]]:
        """How a browser should call it."""
        plain = "".join(
            c if c.isascii() and c.isprintable() and c != '"' else "_" for c in self.name
        )
        return [("Content-Disposition", f'inline; filename="{plain}"')] if plain else []
