"""The agenda as a grid: rooms or tracks across, time down, to scale.

Positions are counted in steps of five minutes from the day's first full hour, in time that
passes: a night in which clocks change is as long as it really is. They become names of
classes (``s12 e21``), whose rules are in the static grid-places.css, because the pages
allow no style of their own.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from itertools import groupby
from typing import Final
from zoneinfo import ZoneInfo

from events.agenda.cards import Card, iso
from events.agenda.overview import HOUR, LONGEST_PART, full_hour
from events.zones import clock, zone_label

STEP: Final = timedelta(minutes=5)
ONE_DAY: Final = timedelta(days=1)
# A session shorter than this is drawn as long, so that its title can be read.
SHORTEST_DRAWN: Final = 3
LONGEST_WINDOW: Final = timedelta(hours=36)
MOST_STEPS: Final = LONGEST_WINDOW // STEP
# What the stylesheet has room for: sessions beside each other, in a column and in a grid.
MOST_LANES: Final = 24
MOST_ACROSS: Final = 60
# A shorter pause is time to change rooms.
SHORTEST_BREAK: Final = timedelta(minutes=15)
_NUMBER: Final = re.compile(r"(\d+)")


class Across(StrEnum):
    """What stands beside each other."""

    ROOMS = "rooms"
    TRACKS = "tracks"

    @classmethod
    def of(cls, name: str) -> Across:
        """The one of this name, else rooms."""
        return cls.TRACKS if name == cls.TRACKS else cls.ROOMS

    def key(self, card: Card) -> tuple[int, tuple[tuple[int, str], ...], str]:
        """To which column a card belongs; sorts as people count, without a name last."""
        if self is Across.TRACKS:
            track = card.track
            return (track.position, (), track.slug) if track else (_LAST, (), "")
        room = card.session.location
        return (0 if room else 1, tuple(_natural(room)), room)

    def label(self, card: Card) -> str:
        """The name of that column; empty where there is none."""
        if self is Across.TRACKS:
            return card.track_name
        return card.session.location


_LAST: Final = 2**31


def _natural(name: str) -> Iterator[tuple[int, str]]:
    """So that Room 2 comes before Room 10."""
    for part in _NUMBER.split(name.casefold()):
        yield (int(part), "") if part.isascii() and part.isdigit() else (-1, part)


@dataclass(frozen=True)
class GridWindow:
    """The part of time that one day's grid shows."""

    begins: datetime
    ends: datetime

    @property
    def hours(self) -> int:
        return (self.ends - self.begins) // HOUR

    def step(self, instant: datetime) -> int:
        """The line nearest to ``instant``, within the grid; 0 is its beginning."""
        inside = min(max(instant, self.begins), self.ends)
        return round((inside - self.begins) / STEP)

    def shows(self, card: Card) -> bool:
        return card.session.starts_at < self.ends and self.begins < card.session.ends_at


@dataclass(frozen=True)
class GridCell:
    """A session in its place. ``is_later_part``: it began on an earlier day."""

    card: Card
    css: str
    is_later_part: bool
    goes_on: bool


@dataclass(frozen=True)
class GridColumn:
    """A room or a track with its sessions, and the columns beside it."""

    anchor: str
    label: str
    track: str
    lanes: int
    cells: list[GridCell]
    before: str = ""
    after: str = ""


@dataclass(frozen=True)
class GridBlock:
    """Columns that stand beside each other; more than fit make another block below."""

    css: str
    columns: list[GridColumn]


@dataclass(frozen=True)
class GridHour:
    """A full hour; ``zone`` is written where it is another than the hour's before."""

    label: str
    iso: str
    zone: str
    css: str


@dataclass(frozen=True)
class GridBreak:
    """A time in which nothing happens anywhere, but what is open all day."""

    starts: str
    ends: str
    minutes: int
    css: str


@dataclass(frozen=True)
class GridDay:
    """One day as a grid. ``now`` is the class of the line for now, empty on other days."""

    date: date
    blocks: list[GridBlock]
    hours: list[GridHour]
    breaks: list[GridBreak]
    now: str
    begins_unix: int


def grid_days(
    cards: list[Card],
    selected: date | None,
    across: Across,
    now: datetime,
    zone: ZoneInfo,
) -> list[GridDay]:
    """A grid for the ``selected`` day, or for each, of dressed cards in order of their start."""
    by_day = [(day, list(its)) for day, its in groupby(cards, key=lambda card: card.day)]
    return [
        _grid_day(day, window_of(day, its, zone), cards, across, now, zone)
        for day, its in by_day
        if selected in (None, day)
    ]


def window_of(day: date, cards: list[Card], zone: ZoneInfo) -> GridWindow:
    """From the full hour before the first start to the one after the last end.

    What lasts all day and longer is cut where the others end, or at midnight.
    """
    begins = full_hour(cards[0].session.starts_at, zone)
    midnight = datetime.combine(day + ONE_DAY, time(), cards[0].session.event.zone)
    short = [card.session.ends_at for card in cards if not _is_long(card)]
    long = [card.session for card in cards if _is_long(card)]
    until = [min(each.ends_at, max(midnight, each.starts_at + HOUR)) for each in long]
    last = max([*short, *(each.starts_at + HOUR for each in long)] if short else until)
    hours = -((begins - min(last, begins + LONGEST_WINDOW)) // HOUR)
    return GridWindow(begins, begins + hours * HOUR)


def _is_long(card: Card) -> bool:
    return card.session.duration > LONGEST_PART


def _grid_day(
    day: date, window: GridWindow, cards: list[Card], across: Across, now: datetime, zone: ZoneInfo
) -> GridDay:
    shown = [card for card in cards if window.shows(card)]
    return GridDay(
        date=day,
        blocks=_blocks(_columns(day, window, shown, across), window),
        hours=list(_hours(window, zone)),
        breaks=list(_breaks(window, shown, zone)),
        now=f"s{window.step(now)}" if window.begins <= now < window.ends else "",
        begins_unix=int(window.begins.timestamp()),
    )


def _columns(day: date, window: GridWindow, cards: list[Card], across: Across) -> list[GridColumn]:
    ordered = sorted(cards, key=lambda card: (across.key(card), card.session.starts_at))
    columns = []
    for number, (_, its) in enumerate(groupby(ordered, key=across.key)):
        its_cards = list(its)
        lanes, cells = _cells(day, window, its_cards)
        first = its_cards[0]
        track = first.track.slug if across is Across.TRACKS and first.track else ""
        anchor = f"d{day:%m%d}-{number}"
        columns.append(GridColumn(anchor, across.label(first), track, lanes, cells))
    return _linked(columns)


def _linked(columns: list[GridColumn]) -> list[GridColumn]:
    anchors = ["", *(column.anchor for column in columns), ""]
    return [
        replace(column, before=anchors[at], after=anchors[at + 2])
        for at, column in enumerate(columns)
    ]


@dataclass
class _Placed:
    """A card on its way to its place, in steps; ``lane`` counts from 0."""

    card: Card
    start: int
    end: int
    lane: int = 0


def _cells(day: date, window: GridWindow, cards: list[Card]) -> tuple[int, list[GridCell]]:
    """The cells of one column, and how many stand beside each other at most."""
    placed = [_placed(window, card) for card in cards]
    together = list(_together(placed))
    lanes = max(max(item.lane for item in items) for items in together) + 1
    cells = [
        _cell(day, window, item, lanes, max(other.lane for other in items))
        for items in together
        for item in items
    ]
    return lanes, cells


def _placed(window: GridWindow, card: Card) -> _Placed:
    last = window.hours * (HOUR // STEP)
    start = min(window.step(card.session.starts_at), last - SHORTEST_DRAWN)
    return _Placed(card, start, max(window.step(card.session.ends_at), start + SHORTEST_DRAWN))


def _together(placed: list[_Placed]) -> Iterator[list[_Placed]]:
    """Groups of cards that overlap one after another, each given the first free lane."""
    group: list[_Placed] = []
    free_at: list[int] = []
    for item in sorted(placed, key=lambda item: item.start):
        if group and item.start >= max(free_at):
            yield group
            group, free_at = [], []
        free = (lane for lane, until in enumerate(free_at) if until <= item.start)
        item.lane = next(free, min(len(free_at), MOST_LANES - 1))
        taken = free_at[item.lane : item.lane + 1]
        free_at[item.lane : item.lane + 1] = [max([item.end, *taken])]
        group.append(item)
    if group:
        yield group


def _cell(day: date, window: GridWindow, item: _Placed, lanes: int, last_lane: int) -> GridCell:
    # The last one in its group takes the width that nobody else needs.
    is_wide = item.lane == last_lane < lanes - 1
    column = f"l{item.lane} wide" if is_wide else f"l{item.lane}"
    session = item.card.session
    return GridCell(
        card=item.card,
        css=f"s{item.start} e{item.end} {column}",
        is_later_part=item.card.day != day,
        goes_on=session.ends_at > window.ends,
    )


def _blocks(columns: list[GridColumn], window: GridWindow) -> list[GridBlock]:
    blocks: list[list[GridColumn]] = [[]]
    lanes = 0
    for column in columns:
        if blocks[-1] and lanes + column.lanes > MOST_ACROSS:
            blocks.append([])
            lanes = 0
        blocks[-1].append(column)
        lanes += column.lanes
    return [GridBlock(_block_css(block, window), block) for block in blocks]


def _block_css(columns: list[GridColumn], window: GridWindow) -> str:
    return f"hours-{window.hours} lanes-{sum(c.lanes for c in columns)} rooms-{len(columns)}"


def _hours(window: GridWindow, zone: ZoneInfo) -> Iterator[GridHour]:
    before = ""
    for number in range(window.hours):
        hour = window.begins + number * HOUR
        name = zone_label(hour, zone)
        told = name if name != before else ""
        yield GridHour(clock(hour, zone), iso(hour), told, f"s{window.step(hour)}")
        before = name


def _breaks(window: GridWindow, cards: Iterable[Card], zone: ZoneInfo) -> Iterator[GridBreak]:
    until = None
    sessions = (card.session for card in cards if not _is_long(card))
    for session in sorted(sessions, key=lambda session: session.starts_at):
        if until and session.starts_at - until >= SHORTEST_BREAK:
            yield GridBreak(
                clock(until, zone),
                clock(session.starts_at, zone),
                (session.starts_at - until) // timedelta(minutes=1),
                f"s{window.step(until)} e{window.step(session.starts_at)}",
            )
        until = max(until, session.ends_at) if until else session.ends_at


def places_stylesheet() -> str:
    """The rules of grid-places.css: where a step, a lane and a whole grid are.

    Row 1 is the head, so step 0 begins at line 2.
    """
    rules: list[tuple[range, Callable[[int], str]]] = [
        (range(MOST_STEPS + 1), lambda step: f".s{step}{{grid-row-start:{step + 2}}}"),
        (range(MOST_STEPS + 1), lambda step: f".e{step}{{grid-row-end:{step + 2}}}"),
        (range(MOST_LANES), lambda lane: f".l{lane}{{grid-column-start:{lane + 1}}}"),
        (
            range(1, LONGEST_WINDOW // HOUR + 1),
            lambda hours: f".hours-{hours}{{--steps:{hours * (HOUR // STEP)}}}",
        ),
        (range(1, MOST_ACROSS + 1), lambda lanes: f".lanes-{lanes}{{--lanes:{lanes}}}"),
        (range(1, MOST_ACROSS + 1), lambda rooms: f".rooms-{rooms}{{--rooms:{rooms}}}"),
    ]
    text = "".join(rule(number) for numbers, rule in rules for number in numbers)
    return f"/* Made by events/agenda/grid.py: where things are in a grid. */\n{text}\n"
