"""What is meant by a mistyped word, among the words of a programme."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from events.agenda.filters import folded
from events.agenda.search import SearchIndex, slips

TEXTS = {
    1: folded("Opening of the congress\nZoë Quinn\nEntertainment"),
    2: folded("Café culture in Köln, and cryptography"),
    3: folded("Kernels, kernel panics\nGrace Hopper"),
}


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("qiunn", ("quinn",)),
        ("hoper", ("hopper",)),
        ("kernals", ("kernels",)),
        ("crytpogrphy", ("cryptography",)),
        ("cultuer", ("culture",)),
        ("kolm", ("koln",)),
    ],
)
def test_a_slip_of_the_finger_is_forgiven(typed, meant):
    assert SearchIndex(TEXTS).meant([typed]) == {typed: meant}


@pytest.mark.parametrize("typed", ["kernel", "entertain", "koln", "zoe", "xyz", "zzzzzzzz", "cat"])
def test_what_stands_there_or_is_like_nothing_is_left_alone(typed):
    assert SearchIndex(TEXTS).meant([typed]) == {}


WORDS = st.text("abc", max_size=8)


@given(WORDS, WORDS)
def test_slips_are_counted_as_written_down_plainly(one, other):
    assert slips(one, other, 2) == min(plainly(one, other), 3)


def plainly(one: str, other: str) -> int:
    """Optimal string alignment, without any short cut."""
    rows = [[i + j if not i * j else 0 for j in range(len(other) + 1)] for i in range(len(one) + 1)]
    for i in range(1, len(one) + 1):
        for j in range(1, len(other) + 1):
            differs = one[i - 1] != other[j - 1]
            ways = [rows[i - 1][j] + 1, rows[i][j - 1] + 1, rows[i - 1][j - 1] + differs]
            if i > 1 and j > 1 and one[i - 1] == other[j - 2] and one[i - 2] == other[j - 1]:
                ways.append(rows[i - 2][j - 2] + 1)
            rows[i][j] = min(ways)
    return rows[-1][-1]
