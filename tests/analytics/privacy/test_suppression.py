"""No set of shown numbers tells a hidden one, however it is subtracted."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.privacy.suppression import (
    SessionCounts,
    ShownCounts,
    least,
    most,
    rounded,
    shown_event,
    steps,
    total,
)

World = tuple[tuple[int, ...], int]  # who came to each session, and who came to any


def worlds(registered: int, sessions: int) -> Iterator[World]:
    """Every number of registered people who came to these sessions, and to any of them."""
    for came in product(range(registered + 1), repeat=sessions):
        for at_all in range(max(came), min(sum(came), registered) + 1):
            yield came, at_all


def published(world: World, registered: int, group: int) -> tuple[int | None, ...]:
    came, at_all = world
    cells = {number: SessionCounts(count, 0) for number, count in enumerate(came)}
    shown = shown_event(cells, at_all, registered, group)
    return (*(shown.sessions[number].registered for number in cells), shown.came)


def determined(registered: int, sessions: int, group: int) -> list[tuple[object, ...]]:
    """What somebody learns who knows the rules, the numbers shown, and all that there can be.

    They sort every world by what would be shown of it. Where all worlds of one heap have the
    same number in a hidden cell, it is hidden from nobody.
    """
    heaps: dict[tuple[int | None, ...], list[World]] = defaultdict(list)
    for world in worlds(registered, sessions):
        heaps[published(world, registered, group)].append(world)
    found = []
    for shown, heap in heaps.items():
        for cell, number in enumerate(shown):
            values = {(*came, at_all)[cell] for came, at_all in heap}
            if number is None and len(values) == 1:
                found.append((registered, shown, cell, values))
    return found


@pytest.mark.parametrize("group", [3, 5])
@pytest.mark.parametrize("sessions", [1, 2])
def test_no_hidden_number_has_only_one_explanation(group, sessions):
    """The differencing attack itself: all attendance there can be, against all that is shown."""
    wrong = [row for r in range(1, 6 * group) for row in determined(r, sessions, group)]

    assert wrong == []


@pytest.mark.parametrize("registered", [7, 9, 11, 12])
def test_nor_with_three_sessions(registered):
    assert determined(registered, 3, 3) == []


def test_the_attack_finds_what_plain_rounding_gives_away():
    """That all of a session's registered people came is told by rounding alone: the attack works."""
    heaps = defaultdict(set)
    for came in range(11):
        heaps[rounded(came, 5)].add(10 - came)

    assert heaps[10] == {0, 1, 2}
    assert published(((9,), 9), 10, 5) == (None, None)
    assert published(((5,), 5), 10, 5) == (5, 5)


@given(st.integers(0, 10_000), st.integers(3, 100))
def test_a_number_lies_within_what_its_rounding_says(count, group):
    shown = rounded(count, group)

    if shown is None:
        assert count < group
    else:
        assert shown % group == 0
        assert least(shown, group) <= count <= most(shown, group)


@given(
    st.lists(st.tuples(st.integers(0, 40), st.integers(0, 12)), max_size=8),
    st.integers(40, 60),
    st.integers(3, 10),
)
def test_totals_are_sums_of_what_is_shown(rows, registered, group):
    """So whatever is added up or subtracted is a sum of cells that are shown anyway."""
    cells = {n: SessionCounts(ours, others) for n, (ours, others) in enumerate(rows)}
    came = max((ours for ours, _ in rows), default=0)
    event = shown_event(cells, came, registered, group)

    for key, shown in event.sessions.items():
        assert shown.people == total([shown.registered, shown.others])
        assert shown.others == rounded(cells[key].others, group)
        assert shown.registered in (None, rounded(cells[key].registered, group))
        if shown.registered is not None:
            assert min(cells[key].registered, registered - cells[key].registered) >= group


@given(
    st.lists(st.integers(0, 60), max_size=40), st.integers(3, 10), st.none() | st.integers(3, 60)
)
def test_a_row_of_moments_shows_nobody_come_or_go(values, group, of):
    whole = None if of is None else rounded(of, group)
    row = steps([min(value, of or 0) for value in values], group, whole)

    numbers = [number or 0 for number in row]
    assert all(a == b or abs(a - b) >= group for a in numbers for b in numbers)
    assert all(number <= (whole or 0) for number in numbers)


def test_one_person_more_moves_no_row():
    assert steps([20, 21, 20, 24, 25, 24, 20, 4, 0], 5, 25) == [
        20,
        20,
        20,
        20,
        25,
        25,
        20,
        None,
        None,
    ]


def test_nothing_of_a_hidden_session_is_shown():
    assert steps([4, 20], 5, None) == [None, None]
    assert ShownCounts(None, None).people is None
