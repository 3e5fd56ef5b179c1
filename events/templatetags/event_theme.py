"""``{% theme_url event %}``: the event's own small stylesheet."""

from functools import lru_cache

from django import template
from django.urls import reverse

from events import theme
from events.models import Event
from events.programme.reading import version_name

register = template.Library()


@register.simple_tag
def theme_url(event: Event) -> str:
    """The address changes with the colours, so browsers may keep the file for good."""
    return f"{reverse('events:theme', args=[event.slug])}?v={_theme(event, version_name(event))}"


@lru_cache(maxsize=256)
def _theme(event: Event, programme: str) -> str:
    """The version of the colours; they change with the ``programme`` only."""
    return theme.version(theme.stylesheet(event))
