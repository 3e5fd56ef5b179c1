"""Arguments that several commands share."""

from __future__ import annotations

from django.core.management.base import CommandError

from events.models import Event


def event_named(slug: str) -> Event:
    """The event with this slug. Raises CommandError (exit code 2) naming those there are."""
    event = Event.objects.filter(slug=slug).first()
    if event is None:
        known = ", ".join(Event.objects.values_list("slug", flat=True)[:10]) or "none yet"
        raise CommandError(f"There is no event “{slug}”. Events: {known}.", returncode=2)
    return event
