"""A session as a list writes it.

Not a template, and as few bytes as can be: an agenda has hundreds of these, and each is
written anew whenever its mark changes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from html import escape

from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, get_language_bidi

from events.access import Phase
from events.agenda.cards import Card, language_names
from events.agenda.grid import Across, GridCell
from events.i18n.content import ShownText, lang_attribute
from events.i18n.dates import weekday


def list_item(card: Card, star: str = "", *, day: str = "") -> SafeString:
    """The session as an ``li``; with a ``star`` it can be linked to. ``day`` goes before its time.

    The link's text begins with the time, so a screen reader's list of links is an agenda.
    """
    return mark_safe(CardWriter().list_item(card, star, day))  # noqa: S308  (what people typed is escaped)


def list_items(cards: Iterable[Card], star: Callable[[Card], str]) -> SafeString:
    """Sessions with their stars."""
    write = CardWriter().list_item
    return mark_safe("".join([write(card, star(card)) for card in cards]))  # noqa: S308  (as above)


def grid_item(cell: GridCell, across: str, star: str) -> SafeString:
    """The session in its place in a grid ``across`` rooms or tracks, as an ``li``.

    The zone stands beside the hours, and the room or track above the column.
    """
    return mark_safe(CardWriter().grid_item(cell, across, star))  # noqa: S308  (as above)


class CardWriter:
    """Writes many cards of one page: what its language decides is looked up once.

    ``escape`` is Python's own: Django's is the same, and takes its time to find out that a text
    is no lazy one. A paragraph need not say where it ends when a ``div`` follows.
    """

    def __init__(self) -> None:
        # Marks of direction: names in Latin letters must not draw the dots to their side.
        self._separator = "\u200f · \u200f" if get_language_bidi() else " · "
        self._page_language = get_language()
        self._languages: dict[str, str] = {}

    def list_item(self, card: Card, star: str, day: str = "") -> str:
        anchor = f' id="{card.slug}"' if star else ""
        href = _from_agenda(card) if star else card.href
        on = f"<bdi>{escape(day)}</bdi>, " if day else ""  # The time runs from left to right.
        facts = self._joined(self._track(card), escape(card.session.location), self._language(card))
        return (
            f'<li{anchor} class="{classes_of(card, "card")}">'
            f'<h3><a href="{href}"><small>{on}{when(card)}</small> '
            f"<b{self._lang(card.title)}>{escape(card.title)}</b></a></h3>{_people(card)}"
            f"<div>{card.mark.html}{facts}</div>{star}</li>"
        )

    def grid_item(self, cell: GridCell, across: str, star: str) -> str:
        card = cell.card
        anchor = "" if cell.is_later_part else f' id="{card.slug}"'
        is_by_room = across == Across.ROOMS
        other = self._track(card) if is_by_room else escape(card.session.location)
        return (
            f'<li{anchor} class="{classes_of(card, "cell")} {cell.css}">'
            f'<h4><a href="{_from_agenda(card)}"><small>{_span(cell)}</small> '
            f"<b{self._lang(card.title)}>{escape(card.title)}</b></a></h4>{_people(card)}"
            f"<div>{card.mark.html}{self._joined(other, self._language(card))}</div>{star}</li>"
        )

    def _lang(self, text: ShownText) -> str:
        language = text.language
        return lang_attribute(language) if language and language != self._page_language else ""

    def _track(self, card: Card) -> str:
        if not card.track:
            return ""
        name = card.track_name
        return f"<i{self._lang(name)}>{escape(name)}</i>"

    def _language(self, card: Card) -> str:
        codes = card.session.language
        if codes not in self._languages:
            self._languages[codes] = escape(language_names(card.session))
        return self._languages[codes]

    def _joined(self, *facts: str) -> str:
        return self._separator.join(filter(None, facts))


def _people(card: Card) -> str:
    return f"<p>{escape(card.people)}" if card.people else ""


def _span(cell: GridCell) -> str:
    """ "11:00–11:45", with the day where that is not the grid's own."""
    card = cell.card
    span = f"{card.starts}{card.until}{card.ends}"
    if cell.is_later_part:
        return f"{weekday(card.starts_on or card.day)} {span}"
    return span + (f" ({card.shift})" if card.shift else "")


def when(card: Card) -> str:
    """ "11:00–11:45 CEST (+1 day)"; nothing in it was typed by anybody."""
    shift = f" ({card.shift})" if card.shift else ""
    return f"{card.starts}{card.until}{card.ends} {card.zone}{shift}"


def classes_of(card: Card, base: str) -> str:
    """Its colour, and its state where that is not the plain one: a script changes the latter."""
    track = f" track-{card.track.slug}" if card.track else ""
    state = f" {base}-{card.phase}" if card.phase is not Phase.PLANNED else ""
    return f"{base}{state}{track}"


def _from_agenda(card: Card) -> str:
    """The session's address as seen from the agenda's."""
    return f"../sessions/{card.slug}/"
