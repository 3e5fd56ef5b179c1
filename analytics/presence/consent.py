"""Whether an event asks people to be noted, and what each of them answered."""

from __future__ import annotations

import time
from typing import Final
from uuid import UUID

from django.utils import timezone

from analytics.models import PresenceConsent, PresenceSetting
from events.models import Event, User

REMEMBERED_S: Final = 30
MOST_REMEMBERED: Final = 1000
_remembered: dict[UUID, tuple[float, bool]] = {}


def is_asked_at(event: Event) -> bool:
    """Whether the event's join pages ask at all."""
    return PresenceSetting.objects.filter(event=event, is_on=True).exists()


def shows_question_at(event: Event) -> bool:
    """The same as join pages ask it, most of which belong to events that ask nobody.

    Each process remembers it for half a minute, so that a click to join costs no query more,
    and no connection to anywhere. Before anything is noted, ``is_asked_at`` looks itself.
    """
    now = time.monotonic()
    until, known = _remembered.get(event.uuid, (0.0, False))
    if until <= now:
        if len(_remembered) >= MOST_REMEMBERED:
            _remembered.clear()
        known = is_asked_at(event)
        _remembered[event.uuid] = (now + REMEMBERED_S, known)
    return known


def forget(event: Event) -> None:
    """Look again: the switch was changed."""
    _remembered.pop(event.uuid, None)


def consent_of(event: Event, user: User) -> bool | None:
    """What the person answered; None: not asked yet, or not answered."""
    found = PresenceConsent.objects.filter(event=event, user=user)
    return found.values_list("is_given", flat=True).first()


def answer(event: Event, user: User, *, is_given: bool) -> None:
    """Keep what the person answered, in place of what they answered before."""
    PresenceConsent.objects.update_or_create(
        event=event,
        user=user,
        defaults={"is_given": is_given, "answered_at": timezone.now()},
    )
