"""A rendered page, cut where something goes in that is not the same in every answer."""

from __future__ import annotations

import re
import secrets
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe

from events.caching.answers import digest_of
from events.caching.encoding import ComposedBody, KeptPart

# The moment of the answer, in every page (base.html).
NOW: Final = "moment"
# What stands between head and foot, where that is made by itself.
CONTENT: Final = "content"

# What else a page's context says, when its gaps are marked like this.
FromSeams = Callable[[Mapping[str, SafeString]], dict[str, Any]]


@dataclass(frozen=True)
class CutPage:
    """The kept parts of a page, with the names of what goes between them, in order."""

    pieces: tuple[KeptPart | str, ...]
    digest: str

    def holding(self, name: str, parts: Sequence[KeptPart], digest: str) -> CutPage:
        """The same page with these parts in one of its gaps for good; ``digest`` names them."""
        pieces: list[KeptPart | str] = []
        for piece in self.pieces:
            pieces += parts if piece == name else [piece]
        return CutPage(tuple(pieces), digest_of(self.digest.encode(), digest.encode()))

    def filled(self, own: Mapping[str, Sequence[KeptPart]]) -> ComposedBody:
        """The page with these parts in its gaps, and the time as it is now."""
        moment = (KeptPart.once(f"{time.time():.6f}".encode()),)
        parts: list[KeptPart] = []
        for piece in self.pieces:
            if isinstance(piece, KeptPart):
                parts.append(piece)
            else:
                parts += moment if piece == NOW else own[piece]
        return ComposedBody(tuple(parts))


def cut_page(
    request: HttpRequest,
    template: str,
    context: dict[str, Any],
    gaps: Sequence[str] = (),
    more: FromSeams | None = None,
) -> CutPage:
    """Render ``template``, whose variables named ``gaps`` stay open, and its time too.

    ``more`` makes further parts of the context from what marks the gaps.
    """
    nonce = secrets.token_hex(8)  # So nobody can have typed a seam.
    seams = {
        name: mark_safe(f"<!--{nonce} {name}-->")  # noqa: S308  (hexadecimal, and our own names)
        for name in (*gaps, NOW)
    }
    further = more(seams) if more else {}
    html = render_to_string(template, {**context, **seams, **further}, request)
    texts = [text.encode() for text in re.split(f"<!--{nonce} ([a-z]+)-->", html)]
    pieces = [
        text.decode() if is_name % 2 else KeptPart.of(text) for is_name, text in enumerate(texts)
    ]
    return CutPage(tuple(pieces), digest_of(*texts))
