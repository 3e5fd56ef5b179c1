"""CSV as programs write it: any usual separator and encoding, found out by looking."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Iterator
from typing import Final

from django.utils.translation import gettext as _

from events.exports.tables import without_guard
from events.imports.schedule import BrokenFile
from events.imports.tables.columns import known_headers
from events.imports.tables.sheets import (
    MAX_CELL_CHARACTERS,
    MAX_COLUMNS,
    MAX_ROWS,
    TableFile,
    TableSheet,
    is_empty,
)

_SEPARATORS: Final = ",;\t|"
# Excel's own first line, which says the separator.
_SEP_LINE = re.compile(r"sep=(.)\r?\n", re.I)
_LOOKED_AT: Final = 64 * 1024
_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def read_csv(data: bytes) -> TableFile:
    """Raises BrokenFile for what is no text, or too much."""
    text, notes = _decoded(data)
    if "\0" in text:
        raise BrokenFile("The file is no text, so no CSV file.")
    separator = ""
    if said := _SEP_LINE.match(text):
        separator, text = said[1], text[said.end() :]
    separator = separator or _separator(text)
    rows = list(_rows(text, separator))
    while rows and all(map(is_empty, rows[-1])):
        rows.pop()
    # Its one sheet has no name.
    return TableFile("csv", [TableSheet("", list(rows))] if rows else [], notes, separator)


def _decoded(data: bytes) -> tuple[str, list[str]]:
    try:
        for mark, encoding in _MARKS:
            if data.startswith(mark):
                return data.decode(encoding), []
        if guess := _utf16_without_mark(data):
            return data.decode(guess), []
        return data.decode("utf-8"), []
    except UnicodeDecodeError as error:
        if error.encoding != "utf-8":
            raise BrokenFile(
                f"The file begins as {error.encoding}, but goes on otherwise."
            ) from None
    # Five bytes mean nothing in it; what they stand for nobody knows.
    text = data.decode("cp1252", "replace")
    shown = _foreign_words(text)
    return text, [
        _(
            "The file is not UTF-8; it was read as Windows-1252. Look whether these are right: "
            "%(words)s. If not, save the file as “CSV UTF-8”."
        )
        % {"words": shown}
    ]


def _utf16_without_mark(data: bytes) -> str:
    """Every other byte of Latin text is zero."""
    head = data[:400]
    even, odd = head[::2].count(0), head[1::2].count(0)
    if odd > len(head) // 4 and not even:
        return "utf-16-le"
    return "utf-16-be" if even > len(head) // 4 and not odd else ""


def _foreign_words(text: str) -> str:
    words = re.findall(r"[^\s,;|\"]*[^\x00-\x7f][^\s,;|\"]*", text)
    return ", ".join(f"“{word[:40]}”" for word in dict.fromkeys(words[:200]))[:200]


def _separator(text: str) -> str:
    """The one that makes the most known headers; else the most columns that rows agree on."""
    head = text[:_LOOKED_AT]

    def score(separator: str) -> tuple[int, int, int]:
        rows = []
        try:
            for row in csv.reader(io.StringIO(head, newline=""), delimiter=separator):
                rows.append(row)
                if len(rows) == 50:
                    break
        except csv.Error:
            return (0, 0, 0)
        known = max((known_headers(row) for row in rows[:10]), default=0)
        widths = [len(row) for row in rows if row]
        usual = max(set(widths), key=widths.count, default=1)
        agreeing = widths.count(usual) if usual > 1 else 0
        return (known, agreeing, usual)

    return max(_SEPARATORS, key=score)


def _rows(text: str, separator: str) -> Iterator[list[str]]:
    csv.field_size_limit(MAX_CELL_CHARACTERS)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    try:
        for number, row in enumerate(reader, 1):
            if number > MAX_ROWS + 10:
                raise BrokenFile(f"The file has more than {MAX_ROWS:,} rows. Split it.")
            if len(row) > MAX_COLUMNS and not all(map(is_empty, row[MAX_COLUMNS:])):
                raise BrokenFile(f"Row {number} has more than {MAX_COLUMNS} columns.")
            yield [without_guard(cell) for cell in row[:MAX_COLUMNS]]
    except csv.Error as error:
        if "field larger" in str(error):
            reason = f"a cell has more than {MAX_CELL_CHARACTERS:,} characters"
        else:
            reason = "a quotation mark is missing or too many"
        raise BrokenFile(
            f"The file cannot be read near line {reader.line_num}: {reason}."
        ) from None
