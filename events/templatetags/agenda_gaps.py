"""Gaps in a shared page, where something of one person's own goes (agenda/shared.py)."""

from typing import Any

from django import template
from django.utils.safestring import SafeString

from events.agenda.cards import Card

register = template.Library()


@register.simple_tag(takes_context=True)
def gap(context: dict[str, Any], name: str) -> SafeString:
    """The gap of this name: ``favourites`` is a number, ``token`` what a form needs."""
    found: SafeString = context["gaps"].gap(name)
    return found


@register.simple_tag(takes_context=True)
def star(context: dict[str, Any], card: Card) -> SafeString:
    """The gap for the star of a session."""
    found: SafeString = context["gaps"].star(card)
    return found
