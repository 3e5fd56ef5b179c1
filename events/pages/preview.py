"""The picture that messengers show beside a link to an event: title, days, place, its picture.

It is drawn in the portal's own font (exports/pdf.py); Pillow is loaded where one is drawn.
"""

from __future__ import annotations

import io
import time
import unicodedata
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

from django.conf import settings
from django.utils.translation import get_language, gettext

from events import theme
from events.caching.fragments import Fragment, FragmentStore, fragment_key
from events.exports.fonts import letters_of
from events.models import Event
from events.programme.reading import version_name

if TYPE_CHECKING:
    from PIL.Image import Image as Picture
    from PIL.ImageDraw import ImageDraw as Pen
    from PIL.ImageFont import FreeTypeFont

#: What Facebook, LinkedIn, Slack, Signal and Mastodon show whole.
SIZE: Final = (1200, 630)
MARGIN: Final = 72
_WIDE: Final = SIZE[0] - 2 * MARGIN
_TITLE_SIZES: Final = (84, 72, 60, 50, 42)
_MOST_LINES: Final = 4
_KEPT_S: Final = 86_400
_IMAGES: Final[FragmentStore[bytes]] = FragmentStore(at_most=8)
# Before Hebrew and Arabic, and all that comes behind them.
_USUAL: Final = 0x052F
# Scripts whose letters join, or run from right to left.
_SHAPED: Final = frozenset({"R", "AL", "RLE", "RLO", "NSM"})


def preview_of(event: Event, dates: str) -> bytes:
    """The image as JPEG; drawn once for each version of the event and each language.

    ``dates`` are the event's days in words.
    """
    key = fragment_key("preview", version_name(event), get_language(), dates)
    return _IMAGES.get(key, lambda: Fragment(_draw(event, dates), time.time() + _KEPT_S))


def can_draw(event: Event) -> bool:
    """Whether its title can be written: the font is there, its letters, and what shapes them.

    Letters of plain scripts need nothing; others need libraqm with FriBiDi, which Pillow looks
    for when it is asked.
    """
    text = event.title + event.location
    return (
        _has_fonts(settings.PDF_FONT, settings.PDF_FONT_BOLD)
        and _has_letters(text)
        and (_is_plain(text) or _can_shape())
    )


@cache
def _has_fonts(*paths: str) -> bool:
    return all(Path(path).is_file() for path in paths)


def _has_letters(text: str) -> bool:
    """Every font that can be set has Latin, Greek and Cyrillic; others are looked up in it."""
    unusual = {ord(char) for char in text if ord(char) > _USUAL}
    return not unusual or unusual <= letters_of(settings.PDF_FONT_BOLD)


def _is_plain(text: str) -> bool:
    return not any(unicodedata.bidirectional(char) in _SHAPED for char in text)


@cache
def _can_shape() -> bool:
    from PIL import features

    return bool(features.check("raqm") and features.check("fribidi"))


def _draw(event: Event, dates: str) -> bytes:
    from PIL import ImageDraw

    image = _ground(event)
    pen = ImageDraw.Draw(image)
    ink = "#ffffff" if event.picture else theme.on(_fill(event))
    place = event.location or gettext("Online")
    below = SIZE[1] - MARGIN
    for text in _fitting(pen, place, 34), _fitting(pen, dates, 34):
        _write(pen, text, below, _font(34), ink)
        below -= 50
    lines, font = _title(pen, event.title)
    below -= 26
    for line in reversed(lines):
        _write(pen, line, below, font, ink)
        below -= round(font.size * 1.16)
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=86, optimize=True, progressive=True)
    return buffer.getvalue()


def _fill(event: Event) -> str:
    return theme.readable(event.accent_color, theme.LIGHT, theme.TEXT_RATIO)


def _ground(event: Event) -> Picture:
    """The event's picture, darker towards the text; without one, its colour."""
    from PIL import Image

    ground = Image.new("RGB", SIZE, _fill(event))
    photo = _photo(event)
    if photo is None:
        return ground
    shade = Image.linear_gradient("L").resize(SIZE).point(lambda level: 70 + round(level * 0.62))
    return Image.composite(Image.new("RGB", SIZE, "#0b0b0d"), photo, shade)


def _photo(event: Event) -> Picture | None:
    """Its picture over all of the space; None where there is none, or its file is gone."""
    from PIL import Image, ImageOps

    if not event.picture:
        return None
    try:
        with event.picture.open("rb") as file:
            return ImageOps.fit(Image.open(file).convert("RGB"), SIZE)
    except OSError:
        return None


def _font(size: int, *, bold: bool = False) -> FreeTypeFont:
    from PIL import ImageFont

    return ImageFont.truetype(settings.PDF_FONT_BOLD if bold else settings.PDF_FONT, size)


def _write(pen: Pen, text: str, below: int, font: FreeTypeFont, ink: str) -> None:
    """One line, from the side where its script begins."""
    if _is_right_to_left(text):
        pen.text((SIZE[0] - MARGIN, below), text, fill=ink, font=font, anchor="rs", direction="rtl")
    else:
        pen.text((MARGIN, below), text, fill=ink, font=font, anchor="ls")


def _is_right_to_left(text: str) -> bool:
    """As its first letter that has a direction (UAX 9, rule P2)."""
    strong = (unicodedata.bidirectional(char) for char in text)
    return next((kind for kind in strong if kind in {"L", "R", "AL"}), "L") != "L"


def _title(pen: Pen, title: str) -> tuple[list[str], FreeTypeFont]:
    """In the largest letters in which it takes no more than four lines; then cut."""
    for size in _TITLE_SIZES:
        font = _font(size, bold=True)
        lines = list(_lines(pen, title, font))
        if len(lines) <= (3 if size > 60 else _MOST_LINES):
            return lines, font
    lines = lines[:_MOST_LINES]
    lines[-1] = _cut(pen, f"{lines[-1]} …", font)
    return lines, font


def _lines(pen: Pen, text: str, font: FreeTypeFont) -> Iterator[str]:
    """Broken at blanks; a word that is longer than a line, anywhere."""
    line = ""
    for word in text.split():
        wanted = f"{line} {word}".strip()
        if pen.textlength(wanted, font=font) <= _WIDE:
            line = wanted
            continue
        if line:
            yield line
        line = word
        while pen.textlength(line, font=font) > _WIDE:
            fits = next(n for n in range(len(line) - 1, 0, -1) if _fits(pen, line[:n], font))
            yield line[:fits]
            line = line[fits:]
    if line:
        yield line


def _fits(pen: Pen, text: str, font: FreeTypeFont) -> bool:
    return pen.textlength(text, font=font) <= _WIDE


def _fitting(pen: Pen, text: str, size: int) -> str:
    return _cut(pen, text, _font(size))


def _cut(pen: Pen, text: str, font: FreeTypeFont) -> str:
    """The text, or as much of it as fits, with an ellipsis."""
    if _fits(pen, text, font):
        return text
    while text and not _fits(pen, f"{text}…", font):
        text = text[:-1].rstrip(" …")
    return f"{text}…"
