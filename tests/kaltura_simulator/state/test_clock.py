"""The simulator's clock."""

from __future__ import annotations

import time

import pytest

from kaltura_simulator.state.clock import Clock


def test_clock_runs_on_after_a_jump():
    clock = Clock()
    clock.advance(3600)
    assert clock.time() - time.time() == pytest.approx(3600, abs=1)


def test_clock_stands_still_when_frozen_and_runs_on_from_there():
    clock = Clock()
    clock.set(2_000_000_000)
    clock.freeze()
    frozen = clock.time()
    time.sleep(0.02)
    assert clock.time() == frozen
    clock.run()
    assert clock.time() == pytest.approx(frozen, abs=1)


def test_clock_going_back_does_not_take_background_work_back():
    clock = Clock()
    before = clock.steady()
    clock.advance(-3600)
    assert clock.steady() >= before


def test_clock_shows_the_same_time_after_a_restart():
    clock, again = Clock(), Clock()
    clock.set(2_000_000_000)
    clock.freeze()
    again.restore(clock.state())
    assert again.now() == clock.now()


def test_clock_goes_back_to_real_time():
    clock = Clock()
    clock.set(2_000_000_000)
    clock.real()
    assert clock.time() == pytest.approx(time.time(), abs=1)
