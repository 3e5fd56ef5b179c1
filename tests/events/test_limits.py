"""Limits that count what comes at once."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.core.cache import cache

from events.limits import RateLimit

pytestmark = pytest.mark.postgres


def test_so_many_pass_within_the_time_and_then_again(monkeypatch):
    limit = RateLimit("try", amount=2, within_s=60)

    assert [limit.allows("ann", 7) for _ in range(4)] == [True, True, False, False]
    assert [limit.allows("ann", 8), limit.allows("ben", 7)] == [True, True]
    assert RateLimit("other", amount=2, within_s=60).allows("ann", 7)
    cache.clear()  # As time would.
    assert limit.allows("ann", 7)


def test_keys_hold_nobodys_name_and_any_text():
    limit = RateLimit("try", amount=1, within_s=60)

    assert [limit.allows("a b\n\0" * 100), limit.allows("a b\n\0" * 100)] == [True, False]


def test_of_many_at_once_so_many_pass():
    limit, racers = RateLimit("try", amount=5, within_s=60), 12
    start = threading.Barrier(racers)

    def race(_: int) -> bool:
        start.wait(timeout=10)
        return limit.allows("ann")

    with ThreadPoolExecutor(racers) as pool:
        assert sum(pool.map(race, range(racers))) == 5
