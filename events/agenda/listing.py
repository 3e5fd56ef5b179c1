"""The sessions of an event as the agenda's pages share them: read once for each version.

What is kept here is the same for all who may see the same, and changes with the programme
only. It stays within the process: everything in it comes from the database in a few queries.
"""

from __future__ import annotations

import copy
import time
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Final, TypeVar
from zoneinfo import ZoneInfo

from django.contrib.auth.models import AnonymousUser
from django.db.models import prefetch_related_objects

from events.agenda.cards import LONG_TEXTS, Card, cards_for, search_text, translated_words
from events.agenda.search import SearchIndex
from events.caching.fragments import Fragment, FragmentStore, fragment_key
from events.i18n.content import translated_into, words_in_every_language
from events.models import Event, Session, Track
from events.programme.reading import version_name
from events.queries import sees_programme, sessions_for, speakers_of
from events.roles import EventMembership

Content = TypeVar("Content")

# Programmes of so many events, or of half as many that their teams look at, too.
KEPT_PROGRAMMES: Final = 8
KEPT_S: Final = 3600
_OF_EVENT: Final = {
    "_state",
    "_prefetched_objects_cache",
    *(each.attname for each in Event._meta.concrete_fields),
}

_CARDS: Final[FragmentStore[tuple[Card, ...]]] = FragmentStore(KEPT_PROGRAMMES, is_shared=False)
_INDEXES: Final[FragmentStore[SearchIndex]] = FragmentStore(KEPT_PROGRAMMES, is_shared=False)


@dataclass(frozen=True, slots=True)
class ListedSpeaker:
    """Somebody on stage."""

    slug: str
    name: str


_SPEAKERS: Final[FragmentStore[tuple[ListedSpeaker, ...]]] = FragmentStore(
    KEPT_PROGRAMMES, is_shared=False
)


@dataclass(frozen=True)
class ProgrammeListing:
    """What may be seen of an event by somebody, at one version."""

    event: Event
    membership: EventMembership

    @property
    def scope(self) -> str:
        """The team sees drafts; of a programme for registered people others see nothing."""
        if not sees_programme(self.event, self.membership):
            return "hidden"
        return "team" if self.membership.is_team else "shown"

    def cards(self, kept: Collection[str] = ()) -> list[Card]:
        """A card of one's own for every session, in order; ``kept`` are slugs of favourites."""
        cards = [copy.copy(card) for card in self._cards]
        for card in cards:
            card.is_kept = card.slug in kept
        return cards

    def sessions(self, speaker: str = "") -> list[Session]:
        """The sessions alone, in order and without long texts; all, or those of one speaker."""
        return [c.session for c in self._cards if not speaker or speaker in c.speakers]

    def at(self, now: datetime, zone: ZoneInfo, sessions: Collection[Session]) -> list[Card]:
        """Cards of one's own for these sessions, with what depends on moment and zone."""
        chosen = {session.pk for session in sessions}
        cards = [copy.copy(card) for card in self._cards if card.session.pk in chosen]
        for card in cards:
            card.dress(now, zone)
        return cards

    def tracks(self) -> list[Track]:
        """The tracks that something is in, in order."""
        used = {card.track.pk for card in self._cards if card.track}
        event = self._cards[0].session.event if self._cards else None
        return [track for track in event.tracks.all() if track.pk in used] if event else []

    def speakers(self) -> list[ListedSpeaker]:
        """Who is on stage in any of them, in order; one query when it is made."""
        found = _SPEAKERS.get(self._key("speakers"), lambda: _lasting(self._read_speakers()))
        return list(found)

    def index(self) -> SearchIndex:
        """For finding sessions by their words in any language; two queries when it is made."""
        return _INDEXES.get(self._key("words"), lambda: _lasting(self._read_index()))

    @property
    def _cards(self) -> tuple[Card, ...]:
        return _CARDS.get(
            self._key("cards", translated_into(self.event)), lambda: _lasting(self._read_cards())
        )

    def _key(self, kind: str, language: str = "") -> str:
        return fragment_key(kind, version_name(self.event), self.scope, language)

    def _read_cards(self) -> tuple[Card, ...]:
        # The page's stylesheet asks for them, too.
        prefetch_related_objects([self.event], "tracks")
        event = copy.copy(self.event)
        # Not what the query has noted on it about who asks.
        for name in [name for name in vars(event) if name not in _OF_EVENT]:
            delattr(event, name)
        return tuple(cards_for(event, self.membership, AnonymousUser(), searching=False))

    def _read_speakers(self) -> tuple[ListedSpeaker, ...]:
        rows = speakers_of(self.event, self.membership).values_list("slug", "name")
        return tuple(ListedSpeaker(*row) for row in rows)

    def _read_index(self) -> SearchIndex:
        rows = sessions_for(self.event, self.membership).values_list("pk", *LONG_TEXTS)
        long_texts = {pk: texts for pk, *texts in rows}
        words = words_in_every_language(self.event)

        def texts_of(card: Card) -> list[str]:
            return [*long_texts.get(card.session.pk, ()), *translated_words(card, words)]

        return SearchIndex({c.session.pk: search_text(c, *texts_of(c)) for c in self._cards})


def _lasting(content: Content) -> Fragment[Content]:
    return Fragment(content, time.time() + KEPT_S)
