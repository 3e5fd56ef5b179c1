"""The agenda that everybody gets who asks the same, and what is one person's own laid over it.

Rendering hundreds of cards is the dear part, and it is the same for everyone: only stars,
their count and the form's token differ. So the page is rendered once for each version of
the programme, with a gap where something personal goes; filling the gaps costs no template.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from events.agenda.cards import Card
from events.agenda.marks import COUNTED
from events.caching.answers import digest_of
from events.caching.encoding import KeptPart

_MINUTE_S: Final = 60
# Days begin at a quarter of an hour, whatever the zone.
_QUARTER_S: Final = 900
# Large ones compress better; one with a star of somebody's own is compressed anew for them.
_STRETCH: Final = 64_000


@dataclass(frozen=True)
class Gap:
    """A place in the page for something personal: the star of ``slug``, else by ``name``."""

    name: str
    slug: str = ""


@dataclass(frozen=True)
class Stretch:
    """Text with stars in it, as it is for those who keep none of these sessions.

    ``stars`` are the gaps, with where each begins and ends in the text.
    """

    part: KeptPart
    stars: tuple[tuple[Gap, int, int], ...]

    def kept_by(self, kept: Collection[str]) -> KeptPart:
        """The same for somebody who keeps these; compressed anew only if one is among them."""
        pressed = [each for each in self.stars if each[0].slug in kept] if kept else []
        if not pressed:
            return self.part
        pieces: list[bytes] = []
        at, text = 0, self.part.text
        for gap, begins, ends in pressed:
            pieces += (text[at:begins], star(gap, True).encode())
            at = ends
        return KeptPart.once(b"".join([*pieces, text[at:]]))


@dataclass(frozen=True)
class SharedPage:
    """What is the same for all, with the names of what is personal in between.

    ``matching`` are the slugs found, ``digest`` names the whole.
    """

    pieces: tuple[Stretch | str, ...]
    matching: frozenset[str]
    digest: str

    def parts(self, kept: Collection[str], others: dict[str, str]) -> list[KeptPart]:
        """The page of a person who keeps these sessions; ``others`` are the other gaps by name."""
        personal = others | {"favourites": str(len(self.matching.intersection(kept)))}
        return [
            KeptPart.once(personal[piece].encode())
            if isinstance(piece, str)
            else piece.kept_by(kept)
            for piece in self.pieces
        ]


def star(gap: Gap, is_kept: bool, label: str = "") -> str:
    """The button that keeps or drops a session.

    Where there is a script it says of which, and that it is not pressed; without it stands beside
    the session's heading. Few bytes, for an agenda has hundreds of these, which share a ``label``.
    """
    name, pressed = ("drop", ' aria-pressed="true"') if is_kept else ("keep", "")
    label = label or _("Favourite")
    return f'<button class="star" name="{name}" value="{gap.slug}"{pressed}>{label}</button>'


class GapMaker:
    """Marks the gaps of one page while it is rendered, and finds them afterwards."""

    def __init__(self) -> None:
        # Nobody who writes a title can know it, so no text of theirs is taken for a gap.
        self._nonce = secrets.token_hex(8)
        self._gaps: list[Gap] = []

    def gap(self, name: str) -> SafeString:
        return self._mark(Gap(name))

    def star(self, card: Card) -> SafeString:
        """The gap for the star of a session."""
        return self._mark(Gap("star", card.slug))

    def _mark(self, gap: Gap) -> SafeString:
        self._gaps.append(gap)
        return mark_safe(f"<!--{self._nonce}-{len(self._gaps) - 1}-->")  # noqa: S308

    def shared(self, page: str, matching: Collection[str]) -> SharedPage:
        """The rendered page, cut at its gaps."""
        # Indentation of templates; nothing in an agenda has lines of its own.
        lean = re.sub(r"\n\s+", "\n", page)
        texts = re.split(f"<!--{self._nonce}-([0-9]+)-->", lean)
        making = _Making()
        making.add(texts[0])
        for number, text in zip(texts[1::2], texts[2::2], strict=True):
            making.add_gap(self._gaps[int(number)])
            making.add(text)
        return making.page(frozenset(matching))


class _Making:
    """Puts a shared page together: its texts in stretches, which end at every personal gap."""

    def __init__(self) -> None:
        self._pieces: list[Stretch | str] = []
        self._text = bytearray()
        self._stars: list[tuple[Gap, int, int]] = []
        self._label = _("Favourite")

    def add(self, text: str) -> None:
        self._text += text.encode()

    def add_gap(self, gap: Gap) -> None:
        if not gap.slug:
            self._end_stretch()
            self._pieces.append(gap.name)
            return
        begins = len(self._text)
        self.add(star(gap, False, self._label))
        self._stars.append((gap, begins, len(self._text)))
        if len(self._text) > _STRETCH:
            self._end_stretch()

    def page(self, matching: frozenset[str]) -> SharedPage:
        self._end_stretch()
        texts = [
            piece.encode() if isinstance(piece, str) else piece.part.text for piece in self._pieces
        ]
        return SharedPage(tuple(self._pieces), matching, digest_of(*texts))

    def _end_stretch(self) -> None:
        if self._text:
            self._pieces.append(Stretch(KeptPart.of(bytes(self._text)), tuple(self._stars)))
        self._text, self._stars = bytearray(), []


def valid_until(cards: Collection[Card], now: datetime, tells_now: bool) -> float:
    """Until when (Unix time) a page rendered at ``now`` is right; ``tells_now``: it has a clock."""
    counts = tells_now or any(card.phase in COUNTED for card in cards)
    step_s = _MINUTE_S if counts else _QUARTER_S
    next_step = (now.timestamp() // step_s + 1) * step_s
    coming = (card.mark.coming[0][0].timestamp() for card in cards if card.mark.coming)
    return min([next_step, *coming])
