"""An event's colours as a stylesheet, corrected until everyone can read them.

Managers choose one accent and a colour for each track. As chosen they may be
unreadable on white or on black; here they are darkened or lightened, keeping
their hue, until they reach the contrast that WCAG 2.2 AA asks for.
"""

from __future__ import annotations

import hashlib
import re

from events.models import Event

# The page backgrounds of tokens.css; a test holds the two together.
LIGHT = ("#faf9f7", "#ffffff", "#f1efeb")
DARK = ("#131417", "#1d1e23", "#17181c")
TEXT_RATIO, GRAPHIC_RATIO = 4.5, 3.0
FALLBACK = "#1f6feb"

HEX = re.compile(r"#[0-9a-fA-F]{6}")

Rgb = tuple[int, int, int]


def rgb_of(color: str) -> Rgb:
    """The channels of ``#rrggbb``; of the fallback when it is no such colour."""
    if not HEX.fullmatch(color):
        color = FALLBACK
    return int(color[1:3], 16), int(color[3:5], 16), int(color[5:7], 16)


def hex_of(rgb: Rgb) -> str:
    return "#{:02x}{:02x}{:02x}".format(*rgb)


def luminance(color: str) -> float:
    """Relative luminance, 0 for black to 1 for white (WCAG 2.2)."""
    channels = (value / 255 for value in rgb_of(color))
    red, green, blue = (
        value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4
        for value in channels
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """The contrast ratio of two colours, 1 to 21 (WCAG 2.2)."""
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def mixed(color: str, other: str, share: float) -> str:
    """``color`` with ``share`` (0 to 1) of ``other`` in it."""
    pairs = zip(rgb_of(color), rgb_of(other), strict=True)
    red, green, blue = (round(a + (b - a) * share) for a, b in pairs)
    return hex_of((red, green, blue))


def readable(color: str, backgrounds: tuple[str, ...], ratio: float) -> str:
    """``color``, moved away from the backgrounds in the smallest step that reaches ``ratio``.

    All backgrounds are light or all are dark; black or white always suffices.
    """
    away = "#000000" if luminance(backgrounds[0]) > 0.18 else "#ffffff"
    for step in range(51):
        candidate = mixed(color, away, step / 50)
        if min(contrast(candidate, background) for background in backgrounds) >= ratio:
            return candidate
    return away


def on(color: str) -> str:
    """Black or white: the text that is easier to read on ``color``."""
    return max(("#ffffff", "#000000"), key=lambda text: contrast(text, color))


def _palette(accent: str, backgrounds: tuple[str, ...]) -> str:
    """As text it needs more contrast than as the fill of a button, whose label is chosen to fit."""
    ink, fill = (readable(accent, backgrounds, ratio) for ratio in (TEXT_RATIO, GRAPHIC_RATIO))
    return f"--accent:{ink};--accent-fill:{fill};--on-accent:{on(fill)}"


def _track_rules(colors: dict[str, str], backgrounds: tuple[str, ...]) -> str:
    return "".join(
        f".track-{slug}{{--track:{readable(color, backgrounds, GRAPHIC_RATIO)}}}"
        for slug, color in colors.items()
    )


def stylesheet_for(accent: str, track_colors: dict[str, str], scheme: str = "") -> str:
    """The rules for one accent and its tracks, in light and in dark, or in one ``scheme`` only."""
    light, dark = (
        f":root{{{_palette(accent, backgrounds)}}}{_track_rules(track_colors, backgrounds)}"
        for backgrounds in (LIGHT, DARK)
    )
    by_reader = f"{light}@media (prefers-color-scheme:dark){{{dark}}}"
    return {"light": light, "dark": dark}.get(scheme, by_reader) + "\n"


def stylesheet(event: Event, scheme: str = "") -> str:
    """The stylesheet of one event; one query unless its tracks are prefetched.

    ``scheme``: light or dark; else as the reader's system is.
    """
    colors = {
        track.slug: track.color
        for track in event.tracks.all()
        if re.fullmatch(r"[A-Za-z0-9_-]+", track.slug)
    }
    return stylesheet_for(event.accent_color, colors, scheme)


def version(css: str) -> str:
    return hashlib.sha256(css.encode()).hexdigest()[:12]
