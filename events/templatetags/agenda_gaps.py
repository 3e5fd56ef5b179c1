"""What a shared page of the agenda is made of, with gaps for what is one person's own."""

from collections.abc import Iterable
from typing import Any

from django import template
from django.utils.safestring import SafeString

from events.agenda.card_html import grid_item, list_items
from events.agenda.cards import Card
from events.agenda.grid import GridCell

register = template.Library()


@register.simple_tag(takes_context=True)
def gap(context: dict[str, Any], name: str) -> SafeString:
    """The gap of this name: ``favourites`` is a number, ``token`` what a form needs."""
    found: SafeString = context["gaps"].gap(name)
    return found


@register.simple_tag(takes_context=True)
def starred_cards(context: dict[str, Any], cards: Iterable[Card]) -> SafeString:
    """Sessions of the list, each with the gap for its star.

    All of a slot at once: a template's loop takes longer than what it writes.
    """
    return list_items(cards, context["gaps"].star)


@register.simple_tag(takes_context=True)
def grid_cell(context: dict[str, Any], cell: GridCell, across: str) -> SafeString:
    """A session in the grid, with the gap for its star."""
    return grid_item(cell, across, context["gaps"].star(cell.card))
