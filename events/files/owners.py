"""Pictures of an event that other apps keep: the team sees them, nobody else.

An app calls ``register`` from its ``AppConfig.ready``.
"""

from __future__ import annotations

from collections.abc import Callable

from events.models import Event

# Whether an event has a picture of this name.
IsKept = Callable[[Event, str], bool]
_keepers: list[IsKept] = []


def register(is_kept: IsKept) -> None:
    """Ask ``is_kept`` as well whether a picture is an event's."""
    if is_kept not in _keepers:
        _keepers.append(is_kept)


def is_kept_elsewhere(event: Event, name: str) -> bool:
    """Whether another app keeps a picture of this name for the event."""
    return any(is_kept(event, name) for is_kept in _keepers)
