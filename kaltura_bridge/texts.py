"""Text as Kaltura keeps it: what is sent in this form comes back unchanged.

As seen at a running Kaltura server (recorded in tests/kaltura_simulator/recordings): lengths
count bytes; control characters are refused; tags are trimmed, lower-cased, unique, cut at 100
bytes and joined with a comma and a blank; ``<``, ``>`` and ``,`` in a category's name become ``_``.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from events.characters import clean_text

NAME_BYTES = 200
SUMMARY_BYTES = 256
TAG_BYTES = 100


def cut(text: str, size: int) -> str:
    """The longest beginning of ``text`` that fits into ``size`` UTF-8 bytes."""
    return text.encode()[:size].decode(errors="ignore").strip()


def plain(text: str) -> str:
    """Text without what XML cannot carry, in one Unicode form, with plain line ends."""
    return unicodedata.normalize("NFC", clean_text(text)).strip()


def line(text: str, size: int = NAME_BYTES) -> str:
    """One line of at most ``size`` bytes."""
    return cut(" ".join(plain(text).split()), size)


def category_name(text: str, uuid: object, mark: str = "") -> str:
    """A category's name as Kaltura will hold it; never empty.

    ``mark`` follows in brackets, also where the text had to be cut for it.
    """
    ending = f" ({mark})" if mark else ""
    name = cut(re.sub(r"[<>,]", "_", line(text)), NAME_BYTES - len(ending.encode()))
    return f"{name or uuid}{ending}"


def summary(text: str) -> str:
    return line(text, SUMMARY_BYTES)


def ascii_lower(text: str) -> str:
    """In lower case as Kaltura makes it: ASCII letters only."""
    return "".join(c.lower() if c.isascii() else c for c in text)


def tags(words: Iterable[str]) -> str:
    """An entry's tags in the form in which Kaltura returns them, sorted for comparison."""
    cleaned = {ascii_lower(line(word.replace(",", " "), TAG_BYTES)) for word in words}
    return ", ".join(sorted(word for word in cleaned if len(word.encode()) >= 2))


def tags_read(text: str) -> str:
    """Tags as read back, brought into the order of ``tags``."""
    return ", ".join(sorted({word.strip() for word in text.split(",") if word.strip()}))


def calendar_word(text: str) -> str:
    """A word among an event's tags: with a comma it would be two, with a colon a room's setting."""
    return " ".join(re.sub("[,:]", " ", text).split())


def admin_tags(words: Iterable[str]) -> str:
    return ",".join(sorted(set(words)))


def admin_tags_read(text: str) -> str:
    return admin_tags(word.strip() for word in text.split(",") if word.strip())


_WIDE = re.compile("[\U00010000-\U0010ffff]")


def with_question_marks(text: str) -> frozenset[str]:
    """How a text may come back from an installation that keeps three bytes for a character.

    An emoji and all else beyond U+FFFF is then one question mark or one for each of its four
    bytes, as the connection to Kaltura's database is set. Empty when there is none in it.
    """
    if not _WIDE.search(text):
        return frozenset()
    return frozenset(_WIDE.sub(marks, text) for marks in ("?", "????"))
