"""The agenda as other sites show it: rendered once for all who ask the same."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from django.conf import settings
from django.template.loader import render_to_string
from django.utils import timezone, translation

from events import theme
from events.agenda.cards import Card
from events.agenda.days import day_at
from events.agenda.listing import ProgrammeListing
from events.caching.fragments import Fragment, FragmentStore, fragment_key
from events.i18n.content import content_of
from events.models import Event, SessionStatus
from events.programme.reading import version_name
from events.roles import EventMembership
from events.widget.options import ALL_DAYS, AUTO, WidgetOptions

_PAGES: Final[FragmentStore[str]] = FragmentStore()
_KEPT_S: Final = 3600


@dataclass(frozen=True)
class WidgetTab:
    """A day to choose."""

    day: date
    href: str
    is_selected: bool


@dataclass(frozen=True)
class WidgetDay:
    """The sessions of one day, in order."""

    date: date
    cards: list[Card]


@dataclass(frozen=True)
class WidgetView:
    """One choice of the agenda at one moment."""

    listing: ProgrammeListing
    options: WidgetOptions
    selected: date | None

    @classmethod
    def of(cls, event: Event, options: WidgetOptions, now: datetime) -> WidgetView:
        """What a visitor sees, whoever it is; today while the event runs, else the first day."""
        listing = ProgrammeListing(event, EventMembership())
        cards = listing.cards()
        tracks = {card.track.slug for card in cards if card.track}
        days = sorted({card.day for card in cards})
        known = options.known(tracks, days)
        selected = None
        if days and known.day != ALL_DAYS:
            due = day_at(now, days, event.zone) or days[0]
            selected = date.fromisoformat(known.day) if known.day else due
        return cls(listing, known, selected)

    def html(self, language: str) -> str:
        """The whole document."""
        event = self.listing.event
        parts = (version_name(event), language, self.options, self.selected)
        key = fragment_key("widget", *parts)
        return _PAGES.get(key, lambda: Fragment(self._rendered(language), time.time() + _KEPT_S))

    def _rendered(self, language: str) -> str:
        with translation.override(language):
            return self._document()

    def _document(self) -> str:
        event, zone = self.listing.event, self.listing.event.zone
        cards = self.listing.cards()
        shown = [card for card in cards if self._shows(card)]
        for card in shown:
            card.dress(timezone.now(), zone)
        scheme = "" if self.options.theme == AUTO else self.options.theme
        context = {
            "event": event,
            "title": content_of(event).text(event, "title"),
            "options": self.options,
            "tabs": self._tabs(sorted({card.day for card in cards})),
            "days": _days(shown),
            "tracks": sorted({(c.track_name, c.track.slug) for c in cards if c.track}),
            "scheme": scheme,
            "theme_version": theme.version(theme.stylesheet(event, scheme)),
            "zone": zone,
            "site_url": settings.SITE_URL,
            "cancelled": SessionStatus.CANCELLED,
        }
        return render_to_string("events/widget.html", context)

    def _shows(self, card: Card) -> bool:
        track = card.track.slug if card.track else ""
        return self.options.track in ("", track) and self.selected in (None, card.day)

    def _tabs(self, days: list[date]) -> list[WidgetTab]:
        if len(days) < 2:
            return []
        return [
            WidgetTab(day, self.options.at(day.isoformat()) or "?", day == self.selected)
            for day in days
        ]


def _days(cards: list[Card]) -> list[WidgetDay]:
    days: dict[date, list[Card]] = {}
    for card in cards:
        days.setdefault(card.day, []).append(card)
    return [WidgetDay(day, its_cards) for day, its_cards in days.items()]
