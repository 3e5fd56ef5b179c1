"""A local Kaltura of its own process, fresh for each test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from kaltura_simulator.testing import Simulator
from tests.kaltura_simulator.support import kaf_users


@pytest.fixture(scope="session")
def kaltura_process() -> Iterator[Simulator]:
    simulator = Simulator.start()
    yield simulator
    simulator.stop()


@pytest.fixture
def kaltura(kaltura_process: Simulator) -> Simulator:
    """The provisioned account, real time, no faults, no visits."""
    kaltura_process.reset()
    return kaltura_process


@pytest.fixture
def account(kaltura: Simulator) -> kaf_users.Account:
    """The same, with a channel to put sessions into."""
    return kaf_users.account_at(kaltura)
