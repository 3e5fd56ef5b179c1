"""Which letters the portal's own fonts have."""

from __future__ import annotations

from functools import cache


@cache
def letters_of(path: str) -> frozenset[int]:
    """The code points that a TrueType file can print."""
    # Web processes that never meet an unusual letter do without.
    from fontTools.ttLib import TTFont

    with TTFont(path) as font:
        return frozenset(font.getBestCmap())
