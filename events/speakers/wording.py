"""What goes and what comes between two texts, word by word."""

from __future__ import annotations

import re
from difflib import SequenceMatcher
from typing import Final

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

# Comparing takes the square of the number of words at worst.
_MOST_WORDS: Final = 2_000


def marked_changes(before: str, after: str) -> SafeString:
    """``after`` with what is new in it in <ins>, and what is gone in <del>."""
    old, new = _words(before), _words(after)
    if len(old) + len(new) > 2 * _MOST_WORDS:
        return format_html("<del>{}</del><ins>{}</ins>", before, after)
    parts: list[tuple[SafeString]] = []
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    for verb, i1, i2, j1, j2 in matcher.get_opcodes():
        if verb == "equal":
            parts.append((format_html("{}", "".join(new[j1:j2])),))
            continue
        if i2 > i1:
            parts.append((format_html("<del>{}</del>", "".join(old[i1:i2])),))
        if j2 > j1:
            parts.append((format_html("<ins>{}</ins>", "".join(new[j1:j2])),))
    return format_html_join(mark_safe(""), "{}", parts)


def _words(text: str) -> list[str]:
    return [word for word in re.split(r"(\s+)", text) if word]
