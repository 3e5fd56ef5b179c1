"""A session as a list writes it.

Not a template, and as few bytes as can be: an agenda has hundreds of these, and each is
written anew whenever its mark changes.
"""

from __future__ import annotations

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language_bidi

from events.access import Phase
from events.agenda.cards import Card
from events.agenda.grid import Across, GridCell
from events.i18n.dates import weekday


def list_item(card: Card, star: str = "", *, day: str = "") -> SafeString:
    """The session as an ``li``; with a ``star`` it can be linked to. ``day`` goes before its time.

    The link's text begins with the time, so a screen reader's list of links is an agenda.
    """
    anchor = f' id="{card.slug}"' if star else ""
    href = _from_agenda(card) if star else card.href
    people = f"<p>{escape(card.people)}</p>" if card.people else ""
    on = f"<bdi>{escape(day)}</bdi>, " if day else ""  # The time runs from left to right.
    return mark_safe(  # noqa: S308  (what people typed is escaped)
        f'<li{anchor} class="{classes_of(card, "card")}">'
        f'<h3><a href="{href}"><small>{on}{when(card)}</small> '
        f"<b{card.title.lang}>{escape(card.title)}</b></a></h3>{people}"
        f"<div>{card.mark.html}{_facts(card)}</div>{star}</li>"
    )


def grid_item(cell: GridCell, across: str, star: str) -> SafeString:
    """The session in its place in a grid ``across`` rooms or tracks, as an ``li``.

    The zone stands beside the hours, and the room or track above the column.
    """
    card = cell.card
    anchor = "" if cell.is_later_part else f' id="{card.slug}"'
    people = f"<p>{escape(card.people)}</p>" if card.people else ""
    other = _track(card) if across == Across.ROOMS else escape(card.session.location)
    return mark_safe(  # noqa: S308  (what people typed is escaped)
        f'<li{anchor} class="{classes_of(card, "cell")} {cell.css}">'
        f'<h4><a href="{_from_agenda(card)}"><small>{_span(cell)}</small> '
        f"<b{card.title.lang}>{escape(card.title)}</b></a></h4>{people}"
        f"<div>{card.mark.html}{_joined(other, escape(card.language))}</div>{star}</li>"
    )


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


def _facts(card: Card) -> str:
    return _joined(_track(card), escape(card.session.location), escape(card.language))


def _track(card: Card) -> str:
    return f"<i{card.track_name.lang}>{escape(card.track_name)}</i>" if card.track else ""


def _joined(*facts: str) -> str:
    # Marks of direction: names in Latin letters must not draw the dots to their side.
    separator = "\u200f · \u200f" if get_language_bidi() else " · "
    return separator.join(filter(None, facts))
