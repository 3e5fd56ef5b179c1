"""The agenda page as a whole: tabs, chips, and the days to show."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.http import QueryDict

from events.agenda.cards import (
    TYPE_LABELS,
    AgendaDay,
    Card,
    cards_for,
    days_with_slots,
    language_label,
)
from events.agenda.days import day_at
from events.agenda.filters import LISTED, ON, Facet, FilterCounts, Filters, count_matches
from events.models import Event
from events.roles import EventMembership

ALL_DAYS = "all"
FACET_LABELS = {
    Facet.TRACK: "Track",
    Facet.TYPE: "Type",
    Facet.LANGUAGE: "Language",
    Facet.ROOM: "Room",
    Facet.FAVOURITES: "Favourites",
    Facet.SEARCH: "Search",
}


@dataclass(frozen=True)
class Tab:
    """One day to choose; ``date`` is None for all of them."""

    date: date | None
    href: str
    count: int
    is_selected: bool
    is_today: bool = False


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
    label: str
    chips: list[Chip]


@dataclass(frozen=True)
class Hint:
    """A filter to drop, and what that would show."""

    label: str
    href: str
    count: int


@dataclass(frozen=True)
class AgendaPage:
    """Everything the template writes down."""

    tabs: list[Tab]
    groups: list[ChipGroup]
    favourites: Chip
    filters: Filters
    active: list[Chip]
    days: list[AgendaDay]
    shown: int
    matching: int
    total: int
    hints: list[Hint]
    elsewhere: list[Tab]
    today: date | None
    today_href: str
    opens_at_now: bool
    clear_href: str
    # What fits all filters but the favourites.
    matching_slugs: frozenset[str]

    @property
    def cards(self) -> list[Card]:
        """Every card that is shown."""
        return [card for day in self.days for slot in day.slots for card in slot.cards]

    @property
    def hidden(self) -> int:
        return self.total - self.matching

    @property
    def shows_today(self) -> bool:
        return any(day.date == self.today for day in self.days)

    @property
    def has_chips(self) -> bool:
        """Whether a listed filter is in use, so that the panel stays open."""
        return bool(self.filters.chosen)

    @property
    def search_keeps(self) -> list[tuple[str, str]]:
        """What the search form carries along besides its own text."""
        return self.filters.without(Facet.SEARCH).pairs()


def agenda_page(
    event: Event,
    membership: EventMembership,
    user: Any,
    query: QueryDict,
    now: datetime,
    zone: ZoneInfo,
) -> AgendaPage:
    """The agenda this person asked for with ``query``, at ``now``, written in ``zone``."""
    cards = cards_for(event, membership, user, searching=bool(query.get(Facet.SEARCH)))
    known = known_values(cards)
    filters = Filters.from_query(query, known)
    counts = count_matches(cards, filters)
    fitting = [card for card in cards if not filters.misses(card)] if filters.active else cards
    days = sorted({card.day for card in cards})
    today = day_at(now, days, event.zone)
    selected = _selected_day(query.get("day", ""), days, today)
    shown = [card for card in fitting if selected in (None, card.day)]
    for card in shown:
        card.dress(now, zone)
    tabs = _tabs(days, fitting, filters, selected, today)
    return AgendaPage(
        tabs=tabs,
        groups=_groups(cards, known, filters, counts),
        favourites=_favourites_chip(filters, counts),
        filters=filters,
        active=_active_chips(cards, filters, counts),
        days=days_with_slots(shown, now, today),
        shown=len(shown),
        matching=counts.matching,
        total=len(cards),
        hints=_hints(filters, counts),
        elsewhere=[tab for tab in tabs if tab.count and tab.date and not tab.is_selected],
        today=today,
        today_href=filters.at(day="").query + "#now",
        opens_at_now=today is not None and selected == today and not query.get("day"),
        clear_href=filters.cleared().query,
        matching_slugs=_matching(cards, filters),
    )


def _matching(cards: Iterable[Card], filters: Filters) -> frozenset[str]:
    others = filters.without(Facet.FAVOURITES)
    return frozenset(card.slug for card in cards if not others.misses(card))


def known_values(cards: Iterable[Card]) -> dict[Facet, list[str]]:
    """The values of every listed facet that occur, in the order to show them."""
    found: dict[Facet, dict[str, int]] = {facet: {} for facet in LISTED}
    for card in cards:
        for facet, values in card.facets.items():
            for value in filter(None, values):
                found[facet].setdefault(value, card.track.position if card.track else 0)
    tracks = found[Facet.TRACK]
    return {
        Facet.TRACK: sorted(tracks, key=lambda slug: (tracks[slug], slug)),
        Facet.TYPE: [value for value in TYPE_LABELS if value in found[Facet.TYPE]],
        Facet.LANGUAGE: sorted(found[Facet.LANGUAGE], key=language_label),
        Facet.ROOM: sorted(found[Facet.ROOM]),
    }


def _selected_day(asked: str, days: list[date], today: date | None) -> date | None:
    """The day asked for, else today, else the first; None for all days."""
    if asked == ALL_DAYS or not days:
        return None
    for day in days:
        if day.isoformat() == asked:
            return day
    return today or days[0]


def _tabs(
    days: list[date],
    fitting: list[Card],
    filters: Filters,
    selected: date | None,
    today: date | None,
) -> list[Tab]:
    counts = dict.fromkeys(days, 0)
    for card in fitting:
        counts[card.day] += 1
    tabs = [
        Tab(day, filters.at(day=day.isoformat()).query, counts[day], day == selected, day == today)
        for day in days
    ]
    if len(days) > 1:
        everything = filters.at(day=ALL_DAYS).query
        tabs.append(Tab(None, everything, len(fitting), selected is None))
    return tabs


def _labels(cards: Iterable[Card]) -> dict[tuple[Facet, str], str]:
    """What people read for each value."""
    labels: dict[tuple[Facet, str], str] = {}
    for card in cards:
        for facet, values in card.facets.items():
            for value in values:
                labels.setdefault((facet, value), _label(facet, value, card))
    return labels


def _label(facet: Facet, value: str, card: Card) -> str:
    if facet is Facet.TRACK and card.track:
        return card.track.name
    if facet is Facet.TYPE:
        return card.type_label
    return language_label(value) if facet is Facet.LANGUAGE else value


def _groups(
    cards: list[Card], known: dict[Facet, list[str]], filters: Filters, counts: FilterCounts
) -> list[ChipGroup]:
    """A group for every facet that offers a choice."""
    labels = _labels(cards)
    return [
        ChipGroup(
            FACET_LABELS[facet],
            [_chip(facet, value, labels[facet, value], filters, counts) for value in values],
        )
        for facet, values in known.items()
        if len(values) > 1 or facet in filters.chosen
    ]


def _chip(facet: Facet, value: str, label: str, filters: Filters, counts: FilterCounts) -> Chip:
    return Chip(
        label=label,
        count=counts.by_value.get((facet, value), 0),
        href=filters.toggled(facet, value).query,
        is_active=value in filters.chosen.get(facet, ()),
        css=f"track track-{value}" if facet is Facet.TRACK else "",
    )


def _favourites_chip(filters: Filters, counts: FilterCounts) -> Chip:
    return Chip(
        label=FACET_LABELS[Facet.FAVOURITES],
        count=counts.by_value.get((Facet.FAVOURITES, ON), 0),
        href=filters.toggled(Facet.FAVOURITES).query,
        is_active=filters.favourites,
    )


def _active_chips(cards: list[Card], filters: Filters, counts: FilterCounts) -> list[Chip]:
    """What is chosen now, each leading to the page without it."""
    labels = _labels(cards)
    chips = [
        _chip(facet, value, labels[facet, value], filters, counts)
        for facet in LISTED
        for value in sorted(filters.chosen.get(facet, ()))
    ]
    if filters.favourites:
        chips.append(_favourites_chip(filters, counts))
    if filters.search:
        without = filters.without(Facet.SEARCH).query
        chips.append(Chip(f"“{filters.search}”", counts.matching, without, True))
    return chips


def _hints(filters: Filters, counts: FilterCounts) -> list[Hint]:
    """For an empty result: which single filter to drop, the most helpful first."""
    if counts.matching:
        return []
    hints = [
        Hint(FACET_LABELS[facet], filters.without(facet).query, count)
        for facet, count in counts.without.items()
        if count
    ]
    return sorted(hints, key=lambda hint: -hint.count)
