"""Whether those who help at the door may read when somebody came in.

Events may show attendance without names (``analytics.privacy``); then nobody reads it here
either. Apps above this one say so by registering a question when they start.
"""

from __future__ import annotations

from collections.abc import Callable

from events.models import Event

NamesPeople = Callable[[Event], bool]
_asked: list[NamesPeople] = []


def register(names_people: NamesPeople) -> None:
    """Ask this of every event whose entrances somebody wants to read."""
    if names_people not in _asked:
        _asked.append(names_people)


def tells_entrances(event: Event) -> bool:
    """Whether entrances at this event may be shown by name."""
    return all(names_people(event) for names_people in _asked)
