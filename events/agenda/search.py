"""The words of an event's programme, and which of them somebody meant who mistyped one.

Everything in here works on folded text (``filters.folded``), in memory and without the
database: PostgreSQL's trigrams would answer the same there, and nothing on SQLite.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import Final

# Shorter words are too like one another.
SHORTEST: Final = 4
# From this length on two slips of the finger are forgiven.
LONG: Final = 8
AT_MOST: Final = 5
_WORD: Final = re.compile(rf"\w{{{SHORTEST},40}}")


class SearchIndex:
    """The texts of all sessions by primary key, and their words."""

    def __init__(self, texts: Mapping[int, str]) -> None:
        self.texts = texts

    def meant(self, words: Iterable[str]) -> dict[str, tuple[str, ...]]:
        """What to search for instead of those ``words`` that stand in no text at all."""
        unknown = [word for word in dict.fromkeys(words) if not self._stands(word)]
        found = {word: self._close_to(word) for word in unknown}
        return {word: close for word, close in found.items() if close}

    def _stands(self, word: str) -> bool:
        return any(word in text for text in self.texts.values())

    def _close_to(self, word: str) -> tuple[str, ...]:
        """The words of the programme that differ least, if that is little enough."""
        allowed = slips_for(word)
        if not allowed:
            return ()
        near = ((slips(word, other, allowed), other) for other in self._alike(word, allowed))
        close = sorted(pair for pair in near if pair[0] <= allowed)
        return tuple(other for distance, other in close if distance == close[0][0])[:AT_MOST]

    def _alike(self, word: str, allowed: int) -> list[str]:
        """Words with enough pairs of letters in common, and about as long."""
        pairs = _pairs(word)
        shared = Counter(number for pair in pairs for number in self._by_pair.get(pair, ()))
        # A slip touches at most three pairs: swapped letters stand in three.
        least = max(1, len(pairs) - 3 * allowed)
        return [
            self._words[number]
            for number, count in shared.items()
            if count >= least and abs(len(self._words[number]) - len(word)) <= allowed
        ]

    @cached_property
    def _words(self) -> Sequence[str]:
        return sorted({word for text in self.texts.values() for word in _WORD.findall(text)})

    @cached_property
    def _by_pair(self) -> Mapping[str, list[int]]:
        """The words by the pairs of letters in them."""
        found = defaultdict[str, list[int]](list)
        for number, word in enumerate(self._words):
            for pair in _pairs(word):
                found[pair].append(number)
        return found


def _pairs(word: str) -> set[str]:
    padded = f"^{word}$"
    return {padded[at : at + 2] for at in range(len(padded) - 1)}


def slips_for(word: str) -> int:
    """How many slips are forgiven in a word of this length."""
    return 0 if len(word) < SHORTEST else 1 if len(word) < LONG else 2


def slips(one: str, other: str, at_most: int) -> int:
    """How many letters are missing, added, wrong or swapped with the next between two words.

    ``at_most + 1`` stands for any number above ``at_most``.
    """
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, letter in enumerate(one, 1):
        earlier, before, row = before, row, [i]
        for j, its in enumerate(other, 1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (letter != its))
            if i > 1 and j > 1 and letter == other[j - 2] and one[i - 2] == its:
                cost = min(cost, earlier[j - 2] + 1)
            row.append(cost)
        if min(row) > at_most:
            return at_most + 1
    return min(row[-1], at_most + 1)
