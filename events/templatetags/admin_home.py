"""What the admin's templates ask for."""

from __future__ import annotations

from typing import Any

from django import template
from django.contrib import admin
from django.utils import timezone

from events.admin.extensions import extensions_of
from events.desk.needs import needs_of
from events.i18n.languages import Words
from events.models import Event
from events.permissions import events_for_team

register = template.Library()
SHOWN = 6


@register.simple_tag
def team_events(user: Any) -> list[Event]:
    """The events in whose team the person is: running and coming ones first, then the latest."""
    today = timezone.now().date()
    mine = events_for_team(user)
    coming = list(mine.filter(ends_on__gte=today).order_by("starts_on")[:SHOWN])
    past = mine.filter(ends_on__lt=today).order_by("-ends_on")[: SHOWN - len(coming)]
    return [*coming, *past]


@register.simple_tag
def home_needs(user: Any) -> dict[str, Any]:
    """What needs the person, and whether they run any event."""
    return {"needs": needs_of(user), "runs": user.has_perm("events.run_session")}


@register.simple_tag
def delete_notes(opts: Any) -> list[Words]:
    """What else goes when such an object is deleted, in sentences."""
    own = getattr(admin.site.get_model_admin(opts.model), "delete_note", "")
    return [note for note in (own, *extensions_of(opts.model).delete_notes) if note]
