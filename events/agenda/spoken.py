"""Words that were said in recordings, which the search of an event finds too.

The events know of no recordings: whoever keeps what was said registers where to look
(``AppConfig.ready``), and decides who may find it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from events.models import Event
from events.roles import EventMembership

#: By session (its primary key), which of these folded words are said in it.
FindSpoken = Callable[[Event, EventMembership, Sequence[str]], Mapping[int, frozenset[str]]]
_finders: list[FindSpoken] = []


def register_spoken(find: FindSpoken) -> None:
    """Let ``find`` say where words are spoken that this person may read."""
    if find not in _finders:
        _finders.append(find)


def spoken_in(
    event: Event, membership: EventMembership, words: Sequence[str]
) -> dict[int, frozenset[str]]:
    """By session, which of these words are said in its recordings."""
    found: dict[int, frozenset[str]] = {}
    for find in _finders:
        for pk, said in find(event, membership, words).items():
            found[pk] = found.get(pk, frozenset()) | said
    return found
