"""Lengths and places in a video as people read and write them; sizes, too. Pure."""

from __future__ import annotations

import re
from typing import Final

from events.remote import length_text

MOST_S: Final = 7 * 86400
_CLOCK: Final = re.compile(r"(?:([0-9]{1,3}):)?([0-9]{1,5}):([0-5][0-9])(?:[.,]([0-9]{1,3}))?")
_SECONDS: Final = re.compile(r"([0-9]{1,6})(?:[.,]([0-9]{1,3}))?")
_UNITS: Final = ("B", "KB", "MB", "GB", "TB")


def length(seconds: float) -> str:
    """``1:02:03`` or ``2:03``."""
    return length_text(int(seconds))


def read_length(text: str) -> int | None:
    """Milliseconds of ``1:02:03``, ``62:03`` or ``45.5``; None for anything else."""
    text = text.strip()
    if found := _CLOCK.fullmatch(text):
        hours, minutes, seconds = int(found[1] or 0), int(found[2]), int(found[3])
        whole, part = hours * 3600 + minutes * 60 + seconds, found[4]
    elif found := _SECONDS.fullmatch(text):
        whole, part = int(found[1]), found[2]
    else:
        return None
    return whole * 1000 + int((part or "0").ljust(3, "0")) if whole <= MOST_S else None


def size(number: int) -> str:
    """``1.2 GB``; "" when it is not known."""
    if not number:
        return ""
    value, unit = float(number), 0
    while value >= 1000 and unit < len(_UNITS) - 1:
        value, unit = value / 1000, unit + 1
    return f"{value:.1f} {_UNITS[unit]}" if unit > 1 else f"{value:.0f} {_UNITS[unit]}"
