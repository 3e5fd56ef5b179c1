"""Counts of an event that tell nothing of anybody. Pure.

What could give somebody away is a difference: all without guests, this minute without the
last, the event without one session. Three rules make every difference useless:

1. **One set of cells.** Everything shown is made of the same cells: for each session the
   registered people who came, and the others who came. A cell of fewer than the smallest
   group is not shown; any other is rounded to a multiple of it. Totals of tracks, days and
   events are sums of *shown* cells, so they tell nothing that the cells do not.
2. **Complements.** How many are registered is known to whoever plans the event. So a number
   of those who came is shown only if as many at least stayed away.
3. **Audit.** People who came to any session are no sum of cells, but bounded by them. Where
   these bounds would narrow down what is hidden, more is hidden, smallest first.

The tests try every attendance there can be at small events, and see that no set of shown
numbers is left with one explanation for a hidden one, to somebody who knows these rules.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)


def rounded(count: int, group: int) -> int | None:
    """The nearest multiple of ``group``; None for fewer than that many people."""
    return None if count < group else (count + group // 2) // group * group


def least(shown: int, group: int) -> int:
    """The smallest number of people that is shown as ``shown``."""
    return max(group, shown - group // 2)


def most(shown: int, group: int) -> int:
    """The greatest number of people that is shown as ``shown``."""
    return shown + (group - 1) // 2


@dataclass(frozen=True)
class SessionCounts:
    """How many came to one session: of those registered for the event, and others."""

    registered: int
    others: int


@dataclass(frozen=True)
class ShownCounts:
    """The same as it may be shown; None for what is hidden."""

    registered: int | None
    others: int | None

    @property
    def people(self) -> int | None:
        """All that is shown of the session; None when nothing is."""
        return total([self.registered, self.others])


@dataclass(frozen=True)
class ShownEvent(Generic[Key]):
    """What may be shown of an event: its sessions, and the registered people who came at all."""

    sessions: Mapping[Key, ShownCounts]
    came: int | None


def total(shown: Iterable[int | None]) -> int | None:
    """The sum of what is shown; None when nothing is."""
    numbers = [number for number in shown if number is not None]
    return sum(numbers) if numbers else None


def with_complement(count: int, whole: int, group: int) -> int | None:
    """``count`` of ``whole`` people, whose number is known: hidden if too few are, or are not."""
    return rounded(count, group) if whole - count >= group else None


def shown_event(
    sessions: Mapping[Key, SessionCounts], came: int, registered: int, group: int
) -> ShownEvent[Key]:
    """What may be shown of an event to which ``came`` of ``registered`` people came."""
    shown = {
        key: with_complement(counts.registered, registered, group)
        for key, counts in sessions.items()
    }
    at_all = with_complement(came, registered, group)
    if at_all is not None and _tells_visits(shown, at_all, group):
        at_all = None
    if at_all is None:
        _hide_most(shown, registered, group)
    return ShownEvent(
        {
            key: ShownCounts(shown[key], rounded(counts.others, group))
            for key, counts in sessions.items()
        },
        at_all,
    )


def _tells_visits(shown: Mapping[Key, int | None], came: int, group: int) -> bool:
    """Whether those who came at all must have come to what is hidden: nowhere else were as many.

    Of a hidden session, less than a group came: as many stayed away as from all of them.
    """
    hidden = sum(number is None for number in shown.values())
    return bool(hidden) and _visits(shown, group) + (hidden - 1) * (group - 1) < least(came, group)


def _hide_most(shown: dict[Key, int | None], registered: int, group: int) -> None:
    """Hide sessions, the smallest first, until nobody can tell that somebody never came."""
    while _visits(shown, group) < registered and None not in shown.values():
        numbers = [(number, str(key), key) for key, number in shown.items() if number is not None]
        if not numbers:
            return
        shown[min(numbers, key=lambda found: found[:2])[2]] = None


def _visits(shown: Mapping[Key, int | None], group: int) -> int:
    """The most visits that the shown numbers may stand for."""
    return sum(most(number, group) for number in shown.values() if number is not None)


def steps(values: Sequence[int], group: int, of: int | None) -> list[int | None]:
    """A row of counts of people who are all among ``of`` shown ones, such as those of each minute.

    Any two of the result are equal or a whole group apart: it moves only when the true number
    is a group away from what was shown last, so that nobody is seen to come or go. Hidden
    altogether when ``of`` is.
    """
    if of is None:
        return [None] * len(values)
    row: list[int | None] = []
    last = 0
    for value in values:
        if abs(value - last) >= group:
            last = min(rounded(value, group) or 0, of)
        row.append(last or None)
    return row
