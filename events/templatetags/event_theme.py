"""``{% theme_url event %}``: the event's own small stylesheet."""

from django import template
from django.urls import reverse

from events import theme
from events.models import Event

register = template.Library()


@register.simple_tag
def theme_url(event: Event) -> str:
    """The address changes with the colours, so browsers may keep the file for good."""
    version = theme.version(theme.stylesheet(event))
    return f"{reverse('events:theme', args=[event.slug])}?v={version}"
