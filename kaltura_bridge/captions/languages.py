"""Kaltura's names of languages, which catalogue items and captions are written with.

Sessions say their language by code, REACH by an English name (KalturaLanguage of the client,
which the web process does not load). A test compares the two.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

NAMES: Final = {
    "ar": "Arabic",
    "bg": "Bulgarian",
    "ca": "Catalan",
    "cs": "Czech",
    "cy": "Welsh",
    "da": "Danish",
    "de": "German",
    "el": "Greek",
    "en": "English",
    "en-au": "English (Australian)",
    "en-gb": "English (British)",
    "en-us": "English (American)",
    "es": "Spanish",
    "et": "Estonian",
    "eu": "Basque",
    "fa": "Farsi",
    "fi": "Finnish",
    "fr": "French",
    "fr-ca": "French (Canada)",
    "ga": "Irish",
    "gl": "Galician",
    "he": "Hebrew",
    "hi": "Hindi",
    "hr": "Croatian",
    "hu": "Hungarian",
    "id": "Indonesian",
    "is": "Icelandic",
    "it": "Italian",
    "ja": "Japanese",
    "ko": "Korean",
    "lt": "Lithuanian",
    "lv": "Latvian (Lettish)",
    "mk": "Macedonian",
    "ms": "Malay",
    "nb": "Norwegian",
    "nl": "Dutch",
    "no": "Norwegian",
    "pl": "Polish",
    "pt": "Portuguese",
    "pt-br": "Portuguese (Brazil)",
    "ro": "Romanian",
    "ru": "Russian",
    "sk": "Slovak",
    "sl": "Slovenian",
    "sq": "Albanian",
    "sr": "Serbian",
    "sv": "Swedish",
    "sw": "Swahili (Kiswahili)",
    "ta": "Tamil",
    "te": "Telugu",
    "th": "Thai",
    "tl": "Tagalog",
    "tr": "Turkish",
    "uk": "Ukrainian",
    "ur": "Urdu",
    "vi": "Vietnamese",
    "zh": "Chinese",
}
_CODES: Final = {name: code for code, name in reversed(NAMES.items())}


def kaltura_name(code: str) -> str:
    """Kaltura's name of a language code such as de or pt-BR; "" when it has none that we know."""
    wanted = code.strip().lower().replace("_", "-")
    return NAMES.get(wanted) or NAMES.get(wanted.partition("-")[0], "")


def language_of(codes: Iterable[str]) -> str:
    """Kaltura's name of the first of these codes; a session's first language is spoken most."""
    return kaltura_name(next(iter(codes), ""))


def code_of(name: str) -> str:
    """The code for HTML's ``lang``; "" for a name that we do not know."""
    return _CODES.get(name, "")
