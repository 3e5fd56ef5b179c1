"""The agenda page as a whole: tabs, chips, and the days to show."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from zoneinfo import ZoneInfo

from django.http import QueryDict

from events.agenda.beside import FurtherView, further_views
from events.agenda.cards import AgendaDay, Card, days_with_slots
from events.agenda.chips import Chip, ChipGroup, ChipMaker, Hint, known_values
from events.agenda.days import day_at
from events.agenda.filters import Facet, Filters, count_matches
from events.agenda.grid import Across, GridDay, grid_days
from events.agenda.listing import ProgrammeListing
from events.agenda.overview import TimelineHour, on_now, timeline_hours
from events.agenda.spoken import spoken_in
from events.models import Event
from events.roles import EventMembership

ALL_DAYS = "all"
LIST, GRID = "list", "grid"
VIEWS: Final = (LIST, GRID)


@dataclass(frozen=True)
class Tab:
    """One day to choose; ``date`` is None for all of them."""

    date: date | None
    href: str
    count: int
    is_selected: bool
    is_today: bool = False


@dataclass(frozen=True)
class View:
    """One way to show the days, and where it leads."""

    name: str
    href: str
    is_chosen: bool


@dataclass(frozen=True)
class AgendaPage:
    """Everything the template writes down. ``filters`` are as asked, for other addresses."""

    tabs: list[Tab]
    views: list[View]
    further: list[FurtherView]
    across: list[View]
    groups: list[ChipGroup]
    favourites: Chip
    reach: Chip
    filters: Filters
    # The same and the day that is shown: an address that says what it shows.
    shown_filters: Filters
    active: list[Chip]
    days: list[AgendaDay]
    grids: list[GridDay]
    hours: list[TimelineHour]
    on_now: list[Card]
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
    has_recordings: bool
    # Those whose next phase makes another page of this one.
    timed: list[Card]

    @property
    def view(self) -> str:
        return GRID if self.views[1].is_chosen else LIST

    @property
    def is_across_tracks(self) -> bool:
        return self.across_name == Across.TRACKS

    @property
    def across_name(self) -> str:
        return next(each.name for each in self.across if each.is_chosen)

    @property
    def hidden(self) -> int:
        return self.total - self.matching

    @property
    def shows_today(self) -> bool:
        return self.today in {*(day.date for day in self.days), *(day.date for day in self.grids)}

    @property
    def has_chips(self) -> bool:
        """Whether a listed filter is in use or being chosen, so that the panel stays open."""
        return bool(self.filters.chosen) or any(group.is_picking for group in self.groups)

    @property
    def meant(self) -> list[str]:
        """The words that were taken for mistyped ones."""
        return [word for words in self.filters.meant.values() for word in words]

    @property
    def search_keeps(self) -> list[tuple[str, str]]:
        """What the search form carries along besides its own text."""
        return self.shown_filters.without(Facet.SEARCH).pairs()


def agenda_page(
    event: Event,
    membership: EventMembership,
    kept: Collection[str],
    query: QueryDict,
    now: datetime,
    zone: ZoneInfo,
) -> AgendaPage:
    """The agenda asked for with ``query``, at ``now``, written in ``zone``.

    ``kept`` are the slugs of the person's favourites.
    """
    listing = ProgrammeListing(event, membership)
    cards = listing.cards(kept)
    known = known_values(cards)
    asked = _filters(query, known, listing, cards)
    if asked.reach:
        _dress(cards, now, zone)
    counts = count_matches(cards, asked)
    fitting = [card for card in cards if not asked.misses(card)] if asked.active else cards
    days = sorted({card.day for card in cards})
    today = day_at(now, days, event.zone)
    selected = _selected_day(query.get("day", ""), days, today)
    filters = asked.at(day=selected.isoformat() if selected else ALL_DAYS)
    shown = [card for card in fitting if selected in (None, card.day)]
    todays = [card for card in cards if card.day == today]
    is_grid = query.get("view") == GRID
    across = Across.of(query.get("across", ""))
    timed = fitting if asked.reach or is_grid else [*shown, *todays]
    _dress([*timed, *todays], now, zone)
    tabs = _tabs(days, fitting, filters, selected, today)
    chips = ChipMaker(cards, filters, counts)
    return AgendaPage(
        tabs=tabs,
        views=[
            View(name, filters.at(view=name).query, is_grid is (name == GRID)) for name in VIEWS
        ],
        further=further_views(event),
        across=[View(each, filters.at(across=each).query, each is across) for each in Across],
        groups=chips.groups(known),
        favourites=chips.switch(Facet.FAVOURITES),
        reach=chips.switch(Facet.REACH),
        filters=asked,
        shown_filters=filters,
        active=chips.active(),
        days=[] if is_grid else days_with_slots(shown, now, today),
        grids=grid_days(fitting, selected, across, now, zone) if is_grid else [],
        hours=[] if is_grid or not selected else timeline_hours(shown, now, zone),
        on_now=on_now(todays),
        shown=len(shown),
        matching=counts.matching,
        total=len(cards),
        hints=chips.hints(),
        elsewhere=[tab for tab in tabs if tab.count and tab.date and not tab.is_selected],
        today=today,
        today_href=filters.at(day=today.isoformat() if today else "").query + "#now",
        opens_at_now=today is not None and selected == today and not query.get("day"),
        clear_href=filters.cleared().query,
        matching_slugs=_matching(cards, asked),
        has_recordings=any(
            card.recorded_s is not None and card.session.ends_at <= now for card in cards
        ),
        timed=[*timed, *todays],
    )


def _dress(cards: Iterable[Card], now: datetime, zone: ZoneInfo) -> None:
    for card in cards:
        if not card.is_dressed:
            card.dress(now, zone)


def _filters(
    query: QueryDict, known: dict[Facet, list[str]], listing: ProgrammeListing, cards: list[Card]
) -> Filters:
    """What was asked for; for a search the cards get their words, and slips are forgiven."""
    filters = Filters.from_query(query, known)
    if not filters.search:
        return filters
    index = listing.index()
    is_recorded = any(card.recorded_s is not None for card in cards)
    spoken = spoken_in(listing.event, listing.membership, filters.words) if is_recorded else {}
    for card in cards:
        said = spoken.get(card.session.pk, ())
        card.search_text = " ".join([index.texts.get(card.session.pk, ""), *sorted(said)])
    heard = frozenset[str]().union(*spoken.values())
    return filters.meaning(index.meant(word for word in filters.words if word not in heard))


def _matching(cards: Iterable[Card], filters: Filters) -> frozenset[str]:
    others = filters.without(Facet.FAVOURITES)
    return frozenset(card.slug for card in cards if not others.misses(card))


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
