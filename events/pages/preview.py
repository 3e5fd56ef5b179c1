"""The picture that messengers show beside a link to an event, one of its sessions or speakers.

Title, days or time, place or people, over the event's own picture or colour.

It is drawn in the portal's own font (exports/pdf.py); Pillow is loaded where one is drawn.
"""

from __future__ import annotations

import io
import time
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from django.conf import settings
from django.utils.translation import get_language, gettext

from events import theme
from events.caching.fragments import Fragment, FragmentStore, fragment_key
from events.exports.fonts import letters_of
from events.i18n.content import shown_title
from events.i18n.dates import days_between, moment
from events.models import Event, Session, Speaker
from events.programme.reading import version_name
from events.zones import zone_label

if TYPE_CHECKING:
    from PIL.Image import Image as Picture
    from PIL.ImageDraw import ImageDraw as Pen
    from PIL.ImageFont import FreeTypeFont

#: What Facebook, LinkedIn, Slack, Signal and Mastodon show whole.
SIZE: Final = (1200, 630)
MARGIN: Final = 72
PORTRAIT: Final = 380
_TITLE_SIZES: Final = (84, 72, 60, 50, 42)
_MOST_LINES: Final = 4
_KEPT_S: Final = 86_400
_IMAGES: Final[FragmentStore[bytes]] = FragmentStore(at_most=16)
# Before Hebrew and Arabic, and all that comes behind them.
_USUAL: Final = 0x052F
# Scripts whose letters join, or run from right to left.
_SHAPED: Final = frozenset({"R", "AL", "RLE", "RLO", "NSM"})


@dataclass(frozen=True)
class PreviewText:
    """What stands on an image: a title, and lines below it; beside them a portrait, if any."""

    title: str
    below: tuple[str, ...]
    portrait: Any = None

    @property
    def letters(self) -> str:
        """All that must be written."""
        return "".join((self.title, *self.below))


def text_of_event(event: Event) -> PreviewText:
    """Days and place."""
    return PreviewText(
        shown_title(event),
        (
            days_between(event.starts_on, event.ends_on),
            event.location or gettext("Online"),
        ),
    )


def text_of_session(session: Session) -> PreviewText:
    """When it begins on the event's clock, who is on stage, and at which event."""
    event, starts_at = session.event, session.starts_at.astimezone(session.event.zone)
    when = f"{moment(starts_at)} {zone_label(session.starts_at, event.zone)}"
    names = ", ".join(each.speaker.name for each in session.on_stage)  # type: ignore[attr-defined]
    below = filter(None, (names, when, shown_title(event)))
    return PreviewText(shown_title(session), tuple(below))


def text_of_speaker(event: Event, speaker: Speaker) -> PreviewText:
    """Their name, what they are, and at which event; with their portrait."""
    below = filter(None, (speaker.title, shown_title(event)))
    return PreviewText(speaker.name, tuple(below), speaker.picture)


def preview_of(event: Event, text: PreviewText) -> bytes:
    """The image as JPEG; drawn once for each version of the event, language and text."""
    portrait = text.portrait.name if text.portrait else ""
    key = fragment_key(
        "preview", version_name(event), get_language(), text.title, *text.below, portrait
    )
    return _IMAGES.get(key, lambda: Fragment(_draw(event, text), time.time() + _KEPT_S))


def can_draw(text: PreviewText) -> bool:
    """Whether it can be written: the font is there, its letters, and what shapes them.

    Letters of plain scripts need nothing; others need libraqm with FriBiDi, which Pillow looks
    for when it is asked.
    """
    return (
        _has_fonts(settings.PDF_FONT, settings.PDF_FONT_BOLD)
        and _has_letters(text.letters)
        and (_is_plain(text.letters) or _can_shape())
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


def _draw(event: Event, text: PreviewText) -> bytes:
    from PIL import ImageDraw

    image = _ground(event)
    right = SIZE[0] - MARGIN
    if portrait := _opened(text.portrait, (PORTRAIT, PORTRAIT)):
        right -= PORTRAIT + MARGIN
        image.paste(portrait, (right + MARGIN, (SIZE[1] - PORTRAIT) // 2), _circle())
    ink = "#ffffff" if event.picture else theme.on(_fill(event))
    sheet = _Sheet(ImageDraw.Draw(image), ink, right)
    below = SIZE[1] - MARGIN
    for line in reversed(text.below):
        sheet.write(sheet.cut(line, _font(34)), below, _font(34))
        below -= 50
    lines, font = sheet.title(text.title)
    below -= 26
    for line in reversed(lines):
        sheet.write(line, below, font)
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
    photo = _opened(event.picture, SIZE)
    if photo is None:
        return ground
    shade = Image.linear_gradient("L").resize(SIZE).point(lambda level: 70 + round(level * 0.62))
    return Image.composite(Image.new("RGB", SIZE, "#0b0b0d"), photo, shade)


def _opened(picture: Any, size: tuple[int, int]) -> Picture | None:
    """A picture over all of such a space; None where there is none, or its file is gone."""
    from PIL import Image, ImageOps

    if not picture:
        return None
    try:
        with picture.open("rb") as file:
            return ImageOps.fit(Image.open(file).convert("RGB"), size)
    except OSError:
        return None


def _circle() -> Picture:
    """What is seen of a portrait. Drawn larger and made small, its edge is smooth."""
    from PIL import Image, ImageDraw

    large = Image.new("L", (PORTRAIT * 2, PORTRAIT * 2))
    ImageDraw.Draw(large).ellipse((0, 0, *large.size), fill=255)
    return large.resize((PORTRAIT, PORTRAIT))


def _font(size: int, *, bold: bool = False) -> FreeTypeFont:
    from PIL import ImageFont

    return ImageFont.truetype(settings.PDF_FONT_BOLD if bold else settings.PDF_FONT, size)


def _is_right_to_left(text: str) -> bool:
    """As its first letter that has a direction (UAX 9, rule P2)."""
    strong = (unicodedata.bidirectional(char) for char in text)
    return next((kind for kind in strong if kind in {"L", "R", "AL"}), "L") != "L"


@dataclass(frozen=True)
class _Sheet:
    """Where text is written: between the margin and ``right``."""

    pen: Pen
    ink: str
    right: int

    def write(self, text: str, below: int, font: FreeTypeFont) -> None:
        """One line, from the side where its script begins."""
        more: dict[str, Any] = {"fill": self.ink, "font": font}
        if _is_right_to_left(text):
            self.pen.text((self.right, below), text, anchor="rs", direction="rtl", **more)
        else:
            self.pen.text((MARGIN, below), text, anchor="ls", **more)

    def title(self, title: str) -> tuple[list[str], FreeTypeFont]:
        """In the largest letters in which it takes no more than four lines; then cut."""
        for size in _TITLE_SIZES:
            font = _font(size, bold=True)
            lines = list(self._lines(title, font))
            if len(lines) <= (3 if size > 60 else _MOST_LINES):
                return lines, font
        lines = lines[:_MOST_LINES]
        lines[-1] = self.cut(f"{lines[-1]} …", font)
        return lines, font

    def _lines(self, text: str, font: FreeTypeFont) -> Iterator[str]:
        """Broken at blanks; a word that is longer than a line, anywhere."""
        line = ""
        for word in text.split():
            wanted = f"{line} {word}".strip()
            if self._fits(wanted, font):
                line = wanted
                continue
            if line:
                yield line
            line = word
            while not self._fits(line, font):
                ends = range(len(line) - 1, 0, -1)
                fits = next(n for n in ends if self._fits(line[:n], font))
                yield line[:fits]
                line = line[fits:]
        if line:
            yield line

    def _fits(self, text: str, font: FreeTypeFont) -> bool:
        return self.pen.textlength(text, font=font) <= self.right - MARGIN

    def cut(self, text: str, font: FreeTypeFont) -> str:
        """The text, or as much of it as fits, with an ellipsis."""
        if self._fits(text, font):
            return text
        while text and not self._fits(f"{text}…", font):
            text = text[:-1].rstrip(" …")
        return f"{text}…"
