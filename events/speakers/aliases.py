"""Addresses of people who stood on a stage twice."""

from __future__ import annotations

from events.models import Event, Speaker, SpeakerAlias
from events.queries import speakers_of
from events.roles import EventMembership


def kept_speaker(event: Event, membership: EventMembership, slug: str) -> Speaker | None:
    """Who is meant by the address of a row that is gone; None unless this person may see them."""
    aliases = SpeakerAlias.objects.filter(event=event, slug=slug)
    return speakers_of(event, membership).filter(pk__in=aliases.values("speaker")).first()
