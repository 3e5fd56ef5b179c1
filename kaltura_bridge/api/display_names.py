"""Makes a name that a person typed harmless inside a KS, and still theirs to read.

Refusing would lock people called "Doe, Jane" out; deleting would garble them. So each
dangerous character becomes one that looks the same and means nothing to Kaltura.
Full-width forms would not do: normalising them (NFKC) gives the ASCII character back.
The ones below no normalisation turns back.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

# Long enough for nearly every real name, short enough for the KS to fit a URL.
MAX_BYTES: Final = 96

_LOOK_ALIKES: Final = {
    ",": "\u201a",  # ‚ low quotation mark
    ":": "\u2236",  # ∶ ratio
    "*": "\u2217",  # ∗ asterisk operator
    "<": "\u2039",  # ‹ so that no page that forgets to escape shows markup
    ">": "\u203a",  # ›
}
# Joiners shape Persian and Indic names and emoji; all other format characters, with
# the ones that turn the direction of text round, only mislead.
_JOINERS: Final = {"\u200c", "\u200d"}
# Privileges that count without a value, so a mere piece of text could stand for them.
FLAG_WORDS: Final = re.compile(
    "(?:enable|disable)(?=entitlement)"
    "|enable(?=categorymoderation|changeaccount|captionmoderation)"
    "|disable(?=sessiontypecheck)",
    re.IGNORECASE,
)
_PERCENT_CODE: Final = re.compile("%(?=[0-9A-Fa-f]{2})")


def clean_display(text: str, max_bytes: int = MAX_BYTES) -> str:
    """``text`` on one line, at most ``max_bytes`` of UTF-8, without power over a KS.

    Comma, colon, asterisk and angle brackets (and all that normalises to them) become
    look-alikes; percent codes and bare privilege words are broken up; controls and
    marks that turn the direction of text are dropped. Cleaning twice changes nothing.
    """
    safe = "".join(_safe(char) for char in unicodedata.normalize("NFC", text))
    # Once more: what stood between a letter and its accent may be gone.
    safe = unicodedata.normalize("NFC", safe)
    safe = _PERCENT_CODE.sub("\u066a", safe)  # ٪, or a second decoding would bring a comma back
    safe = FLAG_WORDS.sub(lambda word: f"{word.group()}\u00b7", safe)
    return _fit(" ".join(safe.split()), max_bytes)


def _safe(char: str) -> str:
    kind = unicodedata.category(char)
    if kind in {"Cc", "Zs", "Zl", "Zp"}:
        return " "
    if kind in {"Cs", "Co", "Cn"} or (kind == "Cf" and char not in _JOINERS):
        return ""
    plain = unicodedata.normalize("NFKC", char)
    danger = next((found for found in plain if found in _LOOK_ALIKES), None)
    return _LOOK_ALIKES[danger] if danger else char


def _fit(text: str, max_bytes: int) -> str:
    """The longest beginning that fits, never half a character."""
    return text.encode()[:max_bytes].decode(errors="ignore").strip()
