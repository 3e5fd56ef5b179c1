"""The agenda's filters: read from the query string, counted, and written back.

Values of one facet widen the choice (Security or Science), facets narrow it
(Security, and in German). A value the event does not have is dropped, so an old
link shows the agenda rather than nothing.
"""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import cached_property
from typing import Protocol
from urllib.parse import urlencode

from django.http import QueryDict

NO_VALUES: frozenset[str] = frozenset()
LONGEST_SEARCH = 100


class Facet(StrEnum):
    """What can be filtered by; the value is its name in the query string."""

    TRACK = "track"
    TYPE = "type"
    LANGUAGE = "language"
    ROOM = "room"
    SPEAKER = "speaker"
    FAVOURITES = "favourites"
    REACH = "reach"
    SEARCH = "q"


# Facets with values to choose from; the others are two switches and a text.
LISTED = (Facet.TRACK, Facet.TYPE, Facet.LANGUAGE, Facet.ROOM, Facet.SPEAKER)
SWITCHES = (Facet.FAVOURITES, Facet.REACH)
ON = "1"
# What else an address of the agenda may say.
KEPT = ("view", "across", "day", "zone", "pick")


class Filterable(Protocol):
    """What the filters need to know of a session."""

    facets: Mapping[Facet, tuple[str, ...]]
    is_kept: bool
    search_text: str

    @property
    def is_in_reach(self) -> bool:
        """Whether there is something of it left to come to."""


def folded(text: str) -> str:
    """Lower case and without accents, so that "cafe" finds "Café"."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(char for char in decomposed if not unicodedata.combining(char))


@dataclass(frozen=True)
class Filters:
    """What a visitor asked to see. ``kept`` are query parameters that are not filters.

    ``meant`` are the words to take for a word that was searched and stands nowhere.
    """

    chosen: Mapping[Facet, frozenset[str]] = field(default_factory=dict)
    favourites: bool = False
    reach: bool = False
    search: str = ""
    kept: tuple[tuple[str, str], ...] = ()
    meant: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @classmethod
    def from_query(cls, query: QueryDict, known: Mapping[Facet, Iterable[str]]) -> Filters:
        """The filters of a query string; values that are not ``known`` are dropped."""
        chosen = {
            facet: frozenset(query.getlist(facet)) & set(known.get(facet, ())) for facet in LISTED
        }
        return cls(
            chosen={facet: values for facet, values in chosen.items() if values},
            favourites=query.get(Facet.FAVOURITES) == ON,
            reach=query.get(Facet.REACH) == ON,
            search=" ".join(query.get(Facet.SEARCH, "").split())[:LONGEST_SEARCH],
            kept=tuple((key, str(query[key])) for key in KEPT if query.get(key)),
        )

    @cached_property  # Every session asks for it.
    def active(self) -> tuple[Facet, ...]:
        """The facets in use, in the order of the page."""
        listed = tuple(facet for facet in LISTED if facet in self.chosen)
        switches = tuple(facet for facet in SWITCHES if self._is_on(facet))
        return listed + switches + ((Facet.SEARCH,) if self.search else ())

    def _is_on(self, switch: Facet) -> bool:
        return self.favourites if switch is Facet.FAVOURITES else self.reach

    @property
    def words(self) -> list[str]:
        """The words that are searched, folded as the texts are."""
        return folded(self.search).split()

    def misses(self, row: Filterable) -> list[Facet]:
        """The facets in use that ``row`` does not fulfil."""
        return [facet for facet in self.active if not self._fits(facet, row)]

    def _fits(self, facet: Facet, row: Filterable) -> bool:
        if facet is Facet.FAVOURITES:
            return row.is_kept
        if facet is Facet.REACH:
            return row.is_in_reach
        if facet is Facet.SEARCH:
            return all(self._finds(word, row.search_text) for word in self.words)
        return not self.chosen[facet].isdisjoint(row.facets.get(facet, ()))

    def _finds(self, word: str, text: str) -> bool:
        return any(meant in text for meant in self.meant.get(word, (word,)))

    def meaning(self, meant: Mapping[str, tuple[str, ...]]) -> Filters:
        """The same filters, which take other words for some of those that are searched."""
        return replace(self, meant=meant)

    def toggled(self, facet: Facet, value: str = ON) -> Filters:
        """The same filters with one value added, or removed when it was chosen."""
        if facet is Facet.FAVOURITES:
            return replace(self, favourites=not self.favourites)
        if facet is Facet.REACH:
            return replace(self, reach=not self.reach)
        values = self.chosen.get(facet, NO_VALUES) ^ {value}
        others = {other: chosen for other, chosen in self.chosen.items() if other != facet}
        return replace(self, chosen={**others, facet: values} if values else others)

    def without(self, facet: Facet) -> Filters:
        if facet is Facet.SEARCH:
            return replace(self, search="", meant={})
        if facet is Facet.FAVOURITES:
            return replace(self, favourites=False)
        if facet is Facet.REACH:
            return replace(self, reach=False)
        others = {other: chosen for other, chosen in self.chosen.items() if other != facet}
        return replace(self, chosen=others)

    def cleared(self) -> Filters:
        return Filters(kept=self.kept)

    def at(self, **parameters: str) -> Filters:
        """The same filters with other non-filter parameters; "" removes one."""
        kept = {**dict(self.kept), **parameters}
        return replace(self, kept=tuple((k, v) for k, v in kept.items() if v))

    def pairs(self) -> list[tuple[str, str]]:
        """Every query parameter, always in the same order."""
        listed = [(str(f), v) for f in LISTED for v in sorted(self.chosen.get(f, NO_VALUES))]
        switches = [(str(facet), ON) for facet in SWITCHES if self._is_on(facet)]
        search = [(str(Facet.SEARCH), self.search)] if self.search else []
        return [*self.kept, *listed, *switches, *search]

    @property
    def calendar_query(self) -> str:
        """The query string for a calendar of the same sessions; empty for one of all."""
        lasting = replace(self, kept=(), reach=False)
        if not lasting.active or self.favourites:
            return ""
        return lasting.query

    @property
    def query(self) -> str:
        """The query string, with its question mark; "?" when there is nothing to say."""
        return "?" + urlencode(self.pairs())


@dataclass(frozen=True)
class FilterCounts:
    """How many sessions each choice would show."""

    matching: int
    by_value: Mapping[tuple[Facet, str], int]
    # What would be shown without this one facet, for every facet in use.
    without: Mapping[Facet, int]


def count_matches(rows: Iterable[Filterable], filters: Filters) -> FilterCounts:
    """Count once over all rows.

    A value's count answers "what if I chose this": the facet's own choice does not
    narrow it, all the others do. So a row counts for every facet when it fits, and
    for just the one that it misses otherwise.
    """
    matching, by_value, missed = 0, Counter[tuple[Facet, str]](), Counter[Facet]()
    for row in rows:
        misses = filters.misses(row)
        if len(misses) > 1:
            continue
        matching += not misses
        missed.update(misses)
        _count_values(by_value, row, misses)
    return FilterCounts(matching, by_value, {f: matching + missed[f] for f in filters.active})


def _count_values(counts: Counter[tuple[Facet, str]], row: Filterable, misses: list[Facet]) -> None:
    for facet, values in row.facets.items():
        if not misses or misses == [facet]:
            for value in values:
                if value:
                    counts[facet, value] += 1
    if row.is_kept and misses in ([], [Facet.FAVOURITES]):
        counts[Facet.FAVOURITES, ON] += 1
