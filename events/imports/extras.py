"""What a row of a schedule file says beside the talk itself: links, other languages."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final
from urllib.parse import urljoin

from django.core.exceptions import ValidationError

from events.characters import clean_line, clean_text
from events.i18n.languages import offered
from events.imports.schedule import TRANSLATED, RawRow, ScheduleLink, WarningList
from events.models import SessionMaterial, SessionTranslation

LINK_LEFT_OUT: Final = "A link cannot be used and is left out; the talk comes in."
TEXT_LEFT_OUT: Final = "A translation cannot be used and is left out; the talk comes in."
_ADDRESS: Final = SessionMaterial._meta.get_field("url")
_LONG: Final = frozenset({"abstract", "description"})
_LONGEST_TITLE: Final = int(getattr(SessionMaterial._meta.get_field("title"), "max_length", 0))


def web_address(found: object, base_url: str) -> str:
    """A whole address on the web; "" for what is none. One without a host is of ``base_url``."""
    if not isinstance(found, str) or not (text := clean_line(found)):
        return ""
    try:
        address = urljoin(base_url, text)
        return str(_ADDRESS.clean(address, None))
    except (ValidationError, ValueError):
        return ""


def links_of(row: RawRow, base_url: str, warnings: WarningList) -> tuple[ScheduleLink, ...]:
    """Links and documents, each address once."""
    found: dict[str, ScheduleLink] = {}
    for address, title in row.links:
        if url := web_address(address, base_url):
            named = clean_line(title) if isinstance(title, str) else ""
            found.setdefault(url, ScheduleLink(url, (named or url)[:_LONGEST_TITLE]))
        elif address:
            warnings.note(LINK_LEFT_OUT, f"{row.name}: {str(address)[:60]}")
    return tuple(found.values())


def translations_of(row: RawRow, warnings: WarningList) -> dict[str, dict[str, str]]:
    """The texts in languages that the portal speaks: "de-CH" is German."""
    found: dict[str, dict[str, str]] = {}
    for code, texts in row.translations.items():
        if language := offered(code.lower().replace("_", "-").partition("-")[0]):
            known = found.setdefault(language, {})
            for name, text in _texts(row, code, texts, warnings):
                known.setdefault(name, text)
    return {language: texts for language, texts in found.items() if texts}


def _texts(
    row: RawRow, code: str, texts: object, warnings: WarningList
) -> Iterator[tuple[str, str]]:
    for name, text in texts.items() if isinstance(texts, dict) else ():
        is_ours = name in TRANSLATED
        field: Any = SessionTranslation._meta.get_field(name) if is_ours else None
        if field is None or not isinstance(text, str):
            continue
        cleaned = clean_text(text).strip() if name in _LONG else clean_line(text)
        try:
            field.run_validators(cleaned)
        except ValidationError:
            warnings.note(TEXT_LEFT_OUT, f"{row.name}: {name} ({code})")
            continue
        if cleaned:
            yield name, cleaned
