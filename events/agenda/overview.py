"""A day at a glance: what is on now, and how much there is in each of its hours."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from events.access import Phase
from events.agenda.cards import Card
from events.zones import clock

HOUR: Final = timedelta(hours=1)
# As many heights as the stylesheet has for the bars of the hours.
HIGHEST_LOAD: Final = 8
# What lasts longer does not make a day longer: it ends with the day and goes on in the next.
LONGEST_PART: Final = timedelta(hours=12)
# A day with its night.
LONGEST_DAY: Final = timedelta(hours=30)


@dataclass(frozen=True)
class TimelineHour:
    """An hour of the day: how many sessions run in it, and where its first begins, if one does."""

    hour: str
    minutes: str
    href: str
    sessions: int
    load: int
    is_now: bool


def on_now(cards: Iterable[Card]) -> list[Card]:
    """The sessions that are live."""
    return [card for card in cards if card.phase is Phase.LIVE]


def full_hour(instant: datetime, zone: ZoneInfo) -> datetime:
    """The last full hour that a clock in ``zone`` has struck by then."""
    local = instant.astimezone(zone)
    return instant - timedelta(
        minutes=local.minute, seconds=local.second, microseconds=local.microsecond
    )


def timeline_hours(cards: list[Card], now: datetime, zone: ZoneInfo) -> list[TimelineHour]:
    """The hours from the first start to the last end, in order; empty without cards."""
    if not cards:
        return []
    begin = full_hour(min(card.session.starts_at for card in cards), zone)
    # What lasts all day and longer says nothing about the hours of this one.
    short = [card for card in cards if card.session.duration <= LONGEST_PART] or cards
    end = min(max(card.session.ends_at for card in short), begin + LONGEST_DAY)
    hours = [begin + number * HOUR for number in range(-((begin - end) // HOUR))]
    running = [sum(_runs(card, hour) for card in cards) for hour in hours]
    return [
        TimelineHour(
            hour=clock(hour, zone)[:2],
            minutes=clock(hour, zone)[2:],
            href=_first_in(cards, hour),
            sessions=count,
            load=-(-count * HIGHEST_LOAD // max(running)),
            is_now=hour <= now < hour + HOUR,
        )
        for hour, count in zip(hours, running, strict=True)
    ]


def _runs(card: Card, hour: datetime) -> bool:
    return card.session.starts_at < hour + HOUR and hour < card.session.ends_at


def _first_in(cards: Iterable[Card], hour: datetime) -> str:
    return next(
        (f"#{card.slot_anchor}" for card in cards if hour <= card.session.starts_at < hour + HOUR),
        "",
    )
