"""What the filters look like on the page: values to choose, what is chosen, what to drop."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from events.agenda.cards import TYPE_LABELS, Card, language_label
from events.agenda.filters import LISTED, ON, Facet, FilterCounts, Filters

FACET_LABELS: Final[dict[Facet, str | Promise]] = {
    Facet.TRACK: _("Track"),
    Facet.TYPE: _("Type"),
    Facet.LANGUAGE: _("Language"),
    Facet.ROOM: _("Room"),
    Facet.SPEAKER: _("Speaker"),
    Facet.FAVOURITES: _("Favourites"),
    Facet.REACH: _("Still to come"),
    Facet.SEARCH: _("Search"),
}
# Facets with so many values that they are shown only when somebody wants to choose.
PICKED: Final = (Facet.SPEAKER,)
PICK: Final = "pick"


@dataclass(frozen=True)
class Chip:
    """One filter value, and where choosing or dropping it leads."""

    label: str
    count: int
    href: str
    is_active: bool
    css: str = ""


@dataclass(frozen=True)
class ChipGroup:
    """The values of one facet; ``pick_href`` leads to all of them, or back to the chosen ones."""

    label: str
    chips: list[Chip]
    pick_href: str = ""
    is_picking: bool = False


@dataclass(frozen=True)
class Hint:
    """A filter to drop, and what that would show."""

    label: str
    href: str
    count: int


def known_values(cards: Iterable[Card]) -> dict[Facet, list[str]]:
    """The values of every listed facet that occur, in the order to show them."""
    found: dict[Facet, dict[str, int]] = {facet: {} for facet in LISTED}
    names: dict[str, str] = {}
    for card in cards:
        names.update(card.speakers)
        for facet, values in card.facets.items():
            for value in filter(None, values):
                found[facet].setdefault(value, card.track.position if card.track else 0)
    tracks = found[Facet.TRACK]
    return {
        Facet.TRACK: sorted(tracks, key=lambda slug: (tracks[slug], slug)),
        Facet.TYPE: [value for value in TYPE_LABELS if value in found[Facet.TYPE]],
        Facet.LANGUAGE: sorted(found[Facet.LANGUAGE], key=language_label),
        Facet.ROOM: sorted(found[Facet.ROOM]),
        Facet.SPEAKER: sorted(
            found[Facet.SPEAKER], key=lambda slug: (names[slug].casefold(), slug)
        ),
    }


class ChipMaker:
    """Writes the chips of one page: its ``cards``, what is chosen, and how much each would show."""

    def __init__(self, cards: Iterable[Card], filters: Filters, counts: FilterCounts) -> None:
        self.filters, self.counts = filters, counts
        self._labels: dict[tuple[Facet, str], str] = {}
        for card in cards:
            for facet, values in card.facets.items():
                for value in values:
                    # Hundreds of sessions share a few rooms, types and languages.
                    if (facet, value) not in self._labels:
                        self._labels[facet, value] = _label(facet, value, card)

    def groups(self, known: dict[Facet, list[str]]) -> list[ChipGroup]:
        """A group for every facet that offers a choice."""
        return [
            self._picked(facet, values) if facet in PICKED else self._group(facet, values)
            for facet, values in known.items()
            if len(values) > 1 or facet in self.filters.chosen
        ]

    def _group(self, facet: Facet, values: Iterable[str]) -> ChipGroup:
        return ChipGroup(str(FACET_LABELS[facet]), [self._chip(facet, value) for value in values])

    def _picked(self, facet: Facet, values: list[str]) -> ChipGroup:
        is_picking = dict(self.filters.kept).get(PICK) == facet
        chosen = self.filters.chosen.get(facet, frozenset())
        shown = values if is_picking else [value for value in values if value in chosen]
        href = self.filters.at(**{PICK: "" if is_picking else str(facet)}).query
        return ChipGroup(
            str(FACET_LABELS[facet]), [self._chip(facet, v) for v in shown], href, is_picking
        )

    def _chip(self, facet: Facet, value: str) -> Chip:
        return Chip(
            label=self._labels[facet, value],
            count=self.counts.by_value.get((facet, value), 0),
            href=self.filters.toggled(facet, value).query,
            is_active=value in self.filters.chosen.get(facet, ()),
            css=f"track track-{value}" if facet is Facet.TRACK else "",
        )

    def switch(self, facet: Facet) -> Chip:
        """The chip of a filter that is on or off."""
        return Chip(
            label=str(FACET_LABELS[facet]),
            count=self.counts.by_value.get((facet, ON), 0),
            href=self.filters.toggled(facet).query,
            is_active=facet in self.filters.active,
        )

    def active(self) -> list[Chip]:
        """What is chosen now, each leading to the page without it."""
        filters = self.filters
        chips = [
            self._chip(facet, value)
            for facet in LISTED
            for value in sorted(filters.chosen.get(facet, ()))
        ]
        chips += [
            self.switch(facet)
            for facet in (Facet.FAVOURITES, Facet.REACH)
            if facet in filters.active
        ]
        if filters.search:
            without = filters.without(Facet.SEARCH).query
            chips.append(Chip(f"“{filters.search}”", self.counts.matching, without, True))
        return chips

    def hints(self) -> list[Hint]:
        """For an empty result: which single filter to drop, the most helpful first."""
        if self.counts.matching:
            return []
        hints = [
            Hint(str(FACET_LABELS[facet]), self.filters.without(facet).query, count)
            for facet, count in self.counts.without.items()
            if count
        ]
        return sorted(hints, key=lambda hint: -hint.count)


def _label(facet: Facet, value: str, card: Card) -> str:
    """What people read for a value."""
    if facet is Facet.TRACK and card.track:
        return card.track_name
    if facet is Facet.TYPE:
        return card.type_label
    if facet is Facet.SPEAKER:
        return card.speakers[value]
    return language_label(value) if facet is Facet.LANGUAGE else value
