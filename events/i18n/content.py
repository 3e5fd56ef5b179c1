"""An event's own texts in the language of the page, where somebody translated them.

Which languages an event has translations in stands with its version, so an event without any
costs no query; one with some costs one for each version and language in each process.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.conf.locale import LANG_INFO
from django.db.models import CharField, QuerySet, Value
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language

from events.caching.fragments import Fragment, FragmentStore, fragment_key
from events.models import (
    Event,
    EventTranslation,
    Session,
    SessionTranslation,
    Track,
    TrackTranslation,
)
from events.programme.reading import programme_version, version_name

Translatable = Event | Track | Session
Key = tuple[str, int]  # The model's name and the primary key.

_FIELDS: Final[dict[type[Translatable], tuple[str, ...]]] = {
    Event: ("title", "tagline", "description"),
    Track: ("name",),
    Session: ("title", "subtitle", "abstract", "description"),
}
_WIDEST: Final = 4
_KEPT_S: Final = 3600
_TRANSLATIONS: Final[FragmentStore[Mapping[Key, tuple[str, ...]]]] = FragmentStore(is_shared=False)


class ShownText(str):
    """A text as the page shows it; ``language`` is the one it is in, "" when nobody said."""

    __slots__ = ("language",)
    language: str

    def __new__(cls, text: str, language: str) -> ShownText:
        made = super().__new__(cls, text)
        made.language = language
        return made

    def __getnewargs__(self) -> tuple[str, str]:  # type: ignore[override]
        return str(self), self.language

    @property
    def lang(self) -> SafeString:
        """Its ``lang`` attribute, where it is in another language than the page."""
        return lang_attribute(self.language)

    @property
    def marked(self) -> SafeString:
        """The text for the middle of a sentence in HTML: another language has its own direction."""
        if lang := self.lang:
            return format_html("<bdi{}>{}</bdi>", lang, str(self))
        return escape(str(self))


NO_TEXT: Final = ShownText("", "")


def lang_attribute(language: str) -> SafeString:
    """The attribute for words in ``language``, with a space before; "" in the page's own."""
    if not language or language == get_language():
        return mark_safe("")
    return format_html(' lang="{}"', language)


def written_language(thing: Translatable, event: Event) -> str:
    """The language of the original; "" when nobody said, or nobody knows it."""
    own = thing.language if isinstance(thing, Session) else ""
    return own if own and _is_known(own) else event.language


def _is_known(code: str) -> bool:
    return "name" in (
        LANG_INFO.get(code.lower()) or LANG_INFO.get(code.lower().partition("-")[0], {})
    )


@dataclass(frozen=True)
class EventContent:
    """The texts of one event for pages in one language; ``language`` is "" without any in it."""

    event: Event
    language: str
    translated: Mapping[Key, tuple[str, ...]]

    def texts(self, thing: Translatable) -> dict[str, ShownText]:
        """All that ``thing`` says, by field: translated where it is, as written where not."""
        return {name: self.text(thing, name) for name in _FIELDS[type(thing)]}

    def text(self, thing: Translatable, name: str) -> ShownText:
        """One field of it."""
        model = type(thing)
        found = self.translated.get((model.__name__, thing.pk))
        if found and (words := found[_FIELDS[model].index(name)]):
            return ShownText(words, self.language)
        return ShownText(getattr(thing, name), written_language(thing, self.event))


def content_of(event: Event) -> EventContent:
    """The event's texts for a page in the active language; no query while nothing changes."""
    return content_in(event, get_language() or "")


def content_in(event: Event, language: str) -> EventContent:
    """The same for a file in ``language``; "" leaves everything as it was written."""
    if not is_translated(event, language):
        return EventContent(event, "", {})
    return EventContent(event, language, _kept(event, language))


def shown_title(thing: Event | Session) -> ShownText:
    """What an event, or a session of one that is loaded, is called on a page or in a mail."""
    return content_of(thing if isinstance(thing, Event) else thing.event).text(thing, "title")


def translated_into(event: Event) -> str:
    """The active language, if something of the event is translated into it; else ""."""
    active = get_language() or ""
    return active if is_translated(event, active) else ""


def is_translated(event: Event, language: str) -> bool:
    """Whether something of it says something in ``language``."""
    return bool(language) and language in programme_version(event).languages.split(",")


def words_in_every_language(event: Event) -> Mapping[Key, list[str]]:
    """All translated texts, for searching; one query, none for an event without any."""
    found = defaultdict[Key, list[str]](list)
    if programme_version(event).languages:
        for kind, pk, *texts in _rows(event):
            found[kind, pk] += filter(None, texts)
    return found


def _kept(event: Event, language: str) -> Mapping[Key, tuple[str, ...]]:
    def read() -> Fragment[Mapping[Key, tuple[str, ...]]]:
        rows = _rows(event, language=language)
        found = {(kind, pk): tuple(texts) for kind, pk, *texts in rows}
        return Fragment(found, time.time() + _KEPT_S)

    return _TRANSLATIONS.get(fragment_key("content", version_name(event), language), read)


def _rows(event: Event, **only: str) -> QuerySet[Any, tuple[Any, ...]]:
    """The translations of an event and of all in it: whose, and the texts; one query."""
    of_event = EventTranslation.objects.filter(event=event, **only)
    of_tracks = TrackTranslation.objects.filter(event=event, **only)
    of_sessions = SessionTranslation.objects.filter(session__event=event, **only)
    return _columns(of_event, Event, "event_id").union(
        _columns(of_tracks, Track, "track_id"),
        _columns(of_sessions, Session, "session_id"),
        all=True,
    )


def _columns(
    rows: QuerySet[Any], model: type[Translatable], key: str
) -> QuerySet[Any, tuple[Any, ...]]:
    """As many columns for each model, so that one statement reads all of them."""
    names = _FIELDS[model]
    text = CharField()
    padding = [Value("", output_field=text)] * (_WIDEST - len(names))
    kind = Value(model.__name__, output_field=text)
    return rows.order_by().values_list(kind, key, *names, *padding)
