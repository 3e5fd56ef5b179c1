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

_MINUTE_S: Final = 60
# Days begin at a quarter of an hour, whatever the zone.
_QUARTER_S: Final = 900


@dataclass(frozen=True)
class Gap:
    """A place in the page for something personal: the star of ``slug``, else by ``name``."""

    name: str
    slug: str = ""


@dataclass(frozen=True)
class SharedPage:
    """What is the same for all: text, gap, text, gap ... text. ``matching`` are the slugs found."""

    texts: tuple[str, ...]
    gaps: tuple[Gap, ...]
    matching: frozenset[str]

    def filled(self, kept: Collection[str], others: dict[str, str]) -> SafeString:
        """The page of a person who keeps these sessions; ``others`` are the other gaps by name."""
        personal = others | {"favourites": str(len(self.matching.intersection(kept)))}
        parts = [self.texts[0]]
        for gap, text in zip(self.gaps, self.texts[1:], strict=True):
            parts += (star(gap, gap.slug in kept) if gap.slug else personal[gap.name], text)
        return mark_safe("".join(parts))  # noqa: S308  (all of it was rendered or escaped)


def star(gap: Gap, is_kept: bool) -> str:
    """The button that keeps or drops a session.

    Where there is a script it says of which; without it stands beside the session's heading.
    """
    label = _("Favourite")
    name, pressed = ("drop", "true") if is_kept else ("keep", "false")
    return (
        f'<button class="star" name="{name}" value="{gap.slug}" aria-pressed="{pressed}">'
        f"{label}</button>"
    )


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
        pieces = re.split(f"<!--{self._nonce}-([0-9]+)-->", page)
        gaps = tuple(self._gaps[int(number)] for number in pieces[1::2])
        return SharedPage(tuple(pieces[::2]), gaps, frozenset(matching))


def valid_until(cards: Collection[Card], now: datetime, tells_now: bool) -> float:
    """Until when (Unix time) a page rendered at ``now`` is right; ``tells_now``: it has a clock."""
    counts = tells_now or any(card.phase in COUNTED for card in cards)
    step_s = _MINUTE_S if counts else _QUARTER_S
    next_step = (now.timestamp() // step_s + 1) * step_s
    coming = (card.mark.coming[0][0].timestamp() for card in cards if card.mark.coming)
    return min([next_step, *coming])
