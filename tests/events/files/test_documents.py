from __future__ import annotations

from io import BytesIO

import pytest

from events.files.documents import BadDocument, check_document, shown_name, type_of


def refused(name: str, content: bytes, size: int | None = None) -> str:
    try:
        check_document(BytesIO(content), name, len(content) if size is None else size)
    except BadDocument as bad:
        return str(bad)
    return ""


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("slides.pdf", b"%PDF-1.7 ..."),
        ("Slides.ODP", b"PK\x03\x04..."),
        ("notes.txt", "Grüße".encode()),
        ("data.csv", b"a,b\r\n1,2\r\n"),
        ("photo.jpeg", b"\xff\xd8\xff\xe0"),
    ],
)
def test_documents_that_are_what_they_are_called_come_in(name, content):
    assert refused(name, content) == ""


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("page.html", b"<script>", "Files of this kind (.html) are not taken. Choose one of: csv,"),
        ("drawing.svg", b"<svg>", "Files of this kind (.svg) are not taken."),
        ("run.exe", b"MZ", "Files of this kind (.exe) are not taken."),
        ("slides", b"%PDF-", "Files of this kind (no ending) are not taken."),
        ("slides.pdf", b"<html>", "The file is called .pdf but is something else inside."),
        ("photo.png", b"%PDF-", "The file is called .png but is something else inside."),
        ("notes.txt", b"MZ\0\0", "The file is called .txt but is something else inside."),
    ],
)
def test_others_are_refused_in_words(name, content, said):
    assert refused(name, content).startswith(said)


def test_large_documents_are_refused_with_what_to_do():
    assert refused("film.zip", b"PK\x03\x04", 60 * 1024 * 1024) == (
        "The file has 60.0 MB; a document may have 50. Link to it instead."
    )


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("slides.pdf", "slides.pdf"),
        ("../../etc/passwd.txt", "passwd.txt"),
        ("C:\\Users\\me\\a.pdf", "a.pdf"),
        ('a"\r\nb.pdf', 'a" b.pdf'),
        ("א" * 300 + ".pdf", "א" * 146 + ".pdf"),
        ("", "document"),
    ],
)
def test_names_are_one_line_without_folders(name, shown):
    assert shown_name(name) == shown


def test_type_follows_the_name():
    assert (type_of("a.pdf"), type_of("a.html")) == ("application/pdf", "application/octet-stream")
