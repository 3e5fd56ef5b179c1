"""How often people were not let into a session lately, minute by minute, kept for a while.

Only counts: who it was, and why, is nobody's business here. Being early is no trouble, and
is not counted.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import Final

from django.core.cache import cache

from events.models import Session

_KEPT_S: Final = 1800


def note_denial(session: Session) -> None:
    """Count once more, in this minute."""
    key = _key(session, int(time.time() // 60))
    cache.add(key, 0, _KEPT_S)
    try:
        cache.incr(key)
    except ValueError:  # It went between the two.
        cache.set(key, 1, _KEPT_S)


def denials_of(session: Session, minutes: int) -> int:
    """How often in the last so many minutes, the running one included."""
    now = int(time.time() // 60)
    counts = cache.get_many([_key(session, now - ago) for ago in range(minutes + 1)])
    return sum(counts.values())


def denials_of_all(sessions: Iterable[Session], minutes: int) -> dict[int, int]:
    """The same of many, by their primary keys."""
    now = int(time.time() // 60)
    keys = {_key(each, now - ago): each.pk for each in sessions for ago in range(minutes + 1)}
    found: dict[int, int] = dict.fromkeys(keys.values(), 0)
    for key, count in cache.get_many(keys).items():
        found[keys[key]] += count
    return found


def _key(session: Session, minute: int) -> str:
    return f"denials:{session.pk}:{minute}"
