"""Characters that no name or text of ours holds, folded away where text comes in.

One of them is enough to spoil a whole file: XML 1.0 has no way to write a control character
or U+FFFF, PostgreSQL keeps no NUL, no encoding has half a surrogate pair, and a line end in
a name is a second header of a mail. An override of direction without its end turns round
whatever stands behind it on the page.

Every door uses these two functions: the fields of the models (models/fields.py) and of
forms, imports, notifications and what Kaltura reports. The database refuses what comes by
none of them (constraints.py).

Sources: https://www.w3.org/TR/xml/#charsets, https://www.unicode.org/faq/private_use.html#noncharacters,
https://www.unicode.org/reports/tr9/#Directional_Formatting_Characters.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

# As sets of what is wanted, the most frequent first: with a set of what is not, Python would
# compare each letter of a text with three dozen ranges, seventeen times as slowly.
_WANTED_BEYOND: Final = r"\uE000-\uFDCF\uFDF0-\uFFFD" + "".join(
    rf"\U{plane:04X}0000-\U{plane:04X}FFFD" for plane in range(1, 17)
)
#: What stands in a text only by mistake, as regular expressions that Python and PostgreSQL
#: read alike. Neither database keeps a surrogate, so they let them pass.
UNWANTED_IN_TEXT: Final = rf"[^\u0020-\u007E\t\n\u00A0-\uDFFF{_WANTED_BEYOND}]"
UNWANTED_IN_LINE: Final = rf"[^\u0020-\u007E\u00A0-\u2027\u202A-\uDFFF{_WANTED_BEYOND}]"

_UNWANTED = re.compile(rf"[^\u0020-\u007E\t\n\u00A0-\uD7FF{_WANTED_BEYOND}]")
_LINE_ENDS = re.compile(r"\r\n|[\r\v\f\x1c-\x1e\x85\u2028\u2029]")

_EMBEDDINGS: Final = frozenset("\u202a\u202b\u202d\u202e")
_END_OF_EMBEDDING: Final = "\u202c"
_ISOLATES: Final = frozenset("\u2066\u2067\u2068")
_END_OF_ISOLATE: Final = "\u2069"
_DIRECTIONAL = re.compile("[\u202a-\u202e\u2066-\u2069]")


def clean_text(text: str) -> str:
    """``text`` with plain line ends, without control characters, surrogates and noncharacters.

    Tabs and line ends stay. A byte order mark within a text is none: some readers drop it,
    and then what stood behind it comes first. Cleaning twice changes nothing.
    """
    return _UNWANTED.sub("", _LINE_ENDS.sub("\n", text)).replace("\ufeff", "")


def clean_line(text: str) -> str:
    """``text`` on one line, as names and titles are; what would show nothing is empty.

    Each run of blanks is one blank, and what turns the direction of text has an end.
    """
    line = " ".join(_without_lone_directions(clean_text(text)).split())
    return line if any(_is_visible(char) for char in line) else ""


def _is_visible(char: str) -> bool:
    return unicodedata.category(char) not in {"Cf", "Zs", "Mn", "Me"}


def _without_lone_directions(text: str) -> str:
    """The text without directional characters that open and never end, or end what never began.

    Paired as browsers pair them: the end of an embedding ends nothing outside the isolate
    that it stands in.
    """
    if not _DIRECTIONAL.search(text):
        return text
    lone: set[int] = set()
    opened: list[int] = []
    for at, char in enumerate(text):
        if char in _EMBEDDINGS or char in _ISOLATES:
            opened.append(at)
        elif char == _END_OF_EMBEDDING:
            if opened and text[opened[-1]] in _EMBEDDINGS:
                opened.pop()
            else:
                lone.add(at)
        elif char == _END_OF_ISOLATE:
            if not any(text[begin] in _ISOLATES for begin in opened):
                lone.add(at)
                continue
            while text[begin := opened.pop()] not in _ISOLATES:
                lone.add(begin)
    lone.update(opened)
    return "".join(char for at, char in enumerate(text) if at not in lone)
