"""Languages: Kaltura orders captions in "English", programs want ``en``."""

from __future__ import annotations

from typing import Final

from django.conf.locale import LANG_INFO

# Names that Kaltura has and Django spells otherwise or lacks.
_FURTHER: Final = {
    "chinese": "zh",
    "mandarin": "zh",
    "hebrew": "he",
    "norwegian": "no",
    "tagalog": "tl",
    "malay": "ms",
    "urdu": "ur",
}
_BY_NAME: Final = {
    str(info["name"]).casefold(): code
    for code, info in LANG_INFO.items()
    if "name" in info and "-" not in code
} | _FURTHER


def language_code(name: str) -> str:
    """The two-letter code of "English" or "English (US)"; empty for what is not known."""
    plain = name.partition("(")[0].strip().casefold()
    return _BY_NAME.get(plain, "")
