"""What admin pages of an event say of what is not released yet."""

from __future__ import annotations

from typing import Any

from django import template

from events.drafts.waiting import count_waiting
from events.models import Event

register = template.Library()


@register.inclusion_tag("admin/events/drafts/_strip.html", takes_context=True)
def unreleased_strip(context: template.Context, event: Event) -> dict[str, Any]:
    """How many changes of the page's event wait, to those who may release them."""
    user = context["request"].user
    # The page that lists them says so itself.
    if not event.collects_changes or context.get("lists_changes"):
        return {"count": 0}
    if not user.has_perm("events.change_event", event):
        return {"count": 0}
    return {"count": count_waiting(event), "event": event}
