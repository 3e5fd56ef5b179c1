"""PDF documents in a font that has most of the world's letters.

The font comes from Debian (fonts-dejavu-core) or from wherever PDF_FONT says: no letter
that is missing in it can be printed, so a conference with Chinese names sets another.
"""

from __future__ import annotations

import logging
from pathlib import Path
from typing import TYPE_CHECKING, Final

from django.conf import settings
from django.utils import timezone

from events.exports.fonts import letters_of

if TYPE_CHECKING:
    from fpdf import FPDF

FAMILY: Final = "Portal"
# It tells the log of every table of every font that it cuts down.
logging.getLogger("fontTools").setLevel(logging.WARNING)


class FontMissing(Exception):
    """The file of the font is not there; says what to do."""


def font_problem() -> str:
    """Why no PDF can be made, as a sentence; empty when one can."""
    missing = [path for path in _files() if not Path(path).is_file()]
    if not missing:
        return ""
    return (
        f"The font {missing[0]} is not there. Install Debian's fonts-dejavu-core, or set "
        "PDF_FONT and PDF_FONT_BOLD to TrueType files."
    )


def new_document(title: str, language: str = "en", *, landscape: bool = False) -> FPDF:
    """An empty A4 document with the portal's font, regular and bold.

    Text is shaped and ordered by script, right to left where it is. Raises FontMissing.
    """
    # With the font library behind it a third of what a web process would weigh.
    from fpdf import FPDF

    if problem := font_problem():
        raise FontMissing(problem)
    document = FPDF(orientation="landscape" if landscape else "portrait", format="A4")
    regular, bold = _files()
    document.add_font(FAMILY, "", regular)
    document.add_font(FAMILY, "B", bold)
    document.set_text_shaping(True)
    document.set_font(FAMILY, size=11)
    document.set_title(title)
    document.set_lang(language)
    document.set_creation_date(timezone.now())
    return document


def missing_letters(text: str) -> str:
    """The letters of ``text`` that the font cannot print, each once."""
    known = letters_of(_files()[0])
    return "".join(sorted({letter for letter in text if ord(letter) not in known}))


def _files() -> tuple[str, str]:
    return settings.PDF_FONT, settings.PDF_FONT_BOLD
