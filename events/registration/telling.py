"""Mails about coming in."""

from __future__ import annotations

from events.models import Registration, SessionPlace


def tell_of_place(place: Registration | SessionPlace) -> None:
    """TEMPORARY until the outbox is there."""
