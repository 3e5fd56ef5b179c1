"""Pictures for the demo, drawn here: nobody's photographs, the same every time."""

from __future__ import annotations

import io
import math
import random
from hashlib import sha256
from typing import TYPE_CHECKING, Final

from django.conf import settings

from events.exports.fonts import letters_of

if TYPE_CHECKING:
    from PIL.Image import Image as Picture

Rgb = tuple[int, int, int]

BANNER: Final = (1920, 1080)
PORTRAIT: Final = 480
LOGO: Final = (640, 240)


def banner(name: str, top: Rgb, bottom: Rgb) -> bytes:
    """Hills in the evening, one behind the other, as PNG."""
    from PIL import ImageDraw

    chance = _chance(name)
    image = _sky(BANNER, top, bottom)
    pen = ImageDraw.Draw(image)
    sun_x, radius = chance.randint(1100, 1500), 130
    pen.ellipse((sun_x - radius, 430 - radius, sun_x + radius, 430 + radius), fill=(255, 236, 200))
    for row in range(6):
        share = row / 5
        shade = tuple(round(c * (0.85 - 0.72 * share)) for c in bottom)
        base, waves = 520 + row * 95, [chance.uniform(0.6, 2.4) for _ in range(3)]
        shift = chance.uniform(0, 6)
        line = [
            (x, base + 55 * sum(math.sin(shift + x / 1920 * w * 6) for w in waves) / 2)
            for x in range(0, 1921, 12)
        ]
        pen.polygon([*line, (1920, 1080), (0, 1080)], fill=shade)
    return _png(image)


def portrait(name: str) -> bytes:
    """Head and shoulders of nobody in particular, in two tones of one colour, as PNG."""
    from PIL import Image, ImageDraw

    hue = _chance(name).randint(0, 359)
    dark = _hsl(hue, 40, 32)
    side = PORTRAIT * 2  # Drawn large and made smaller: round edges.
    image = _sky((side, side), _hsl(hue, 62, 84), _hsl(hue, 52, 70))
    pen = ImageDraw.Draw(image)
    middle, head, high = side // 2, round(side * 0.17), round(side * 0.4)
    pen.ellipse((middle - side * 0.36, side * 0.66, middle + side * 0.36, side * 1.34), fill=dark)
    pen.ellipse((middle - head, high - head * 1.2, middle + head, high + head * 1.2), fill=dark)
    return _png(image.resize((PORTRAIT, PORTRAIT), Image.Resampling.LANCZOS))


def logo(name: str) -> bytes:
    """A mark and the name, on nothing, as PNG."""
    from PIL import Image, ImageDraw, ImageFont

    chance = _chance(name)
    color = _hsl(chance.randint(0, 359), 60, 38)
    image = Image.new("RGBA", LOGO, (0, 0, 0, 0))
    pen = ImageDraw.Draw(image)
    corners = chance.choice((3, 4, 6, 30))
    pen.regular_polygon((110, 120, 80), corners, rotation=chance.choice((0, 45)), fill=color)
    pen.regular_polygon((110, 120, 34), corners, fill=(255, 255, 255, 255))
    font = ImageFont.truetype(settings.PDF_FONT_BOLD, 52)
    lines = name.split(" ", 1)
    for number, line in enumerate(lines):
        pen.text((220, 120 + (number - (len(lines) - 1) / 2) * 64), line, color, font, anchor="lm")
    return _png(image)


def can_write(text: str) -> bool:
    """Whether the font is there, with these letters."""
    try:
        return {ord(char) for char in text} <= letters_of(settings.PDF_FONT_BOLD)
    except OSError:
        return False


def _sky(size: tuple[int, int], top: Rgb, bottom: Rgb) -> Picture:
    from PIL import Image

    shade = Image.linear_gradient("L").resize(size)
    return Image.composite(Image.new("RGB", size, bottom), Image.new("RGB", size, top), shade)


def _hsl(hue: int, saturation: int, lightness: int) -> Rgb:
    from PIL import ImageColor

    red, green, blue = ImageColor.getrgb(f"hsl({hue},{saturation}%,{lightness}%)")[:3]
    return red, green, blue


def _chance(name: str) -> random.Random:
    return random.Random(sha256(name.encode()).hexdigest())  # noqa: S311  Alike each time.


def _png(image: Picture) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    return buffer.getvalue()
