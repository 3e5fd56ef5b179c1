"""PDFs print the letters of most scripts, and say so when they cannot."""

from __future__ import annotations

import pytest

from events.exports.pdf import FAMILY, FontMissing, font_problem, missing_letters, new_document


def test_a_document_embeds_the_font():
    document = new_document("A title")
    document.add_page()
    document.set_font(FAMILY, "B", 20)
    document.cell(text="Jörg Müßig, שלום")
    written = bytes(document.output())

    assert written.startswith(b"%PDF-")
    assert b"/FontFile2" in written


def test_letters_that_the_font_lacks_are_named():
    assert missing_letters("Łukasz Müßig רחל 王") == "王"


def test_without_the_font_it_says_what_to_install(settings):
    settings.PDF_FONT = "/nowhere/font.ttf"

    assert "/nowhere/font.ttf is not there. Install Debian's fonts-dejavu-core" in font_problem()
    with pytest.raises(FontMissing):
        new_document("A title")
