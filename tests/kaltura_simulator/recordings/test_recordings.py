"""The simulator's answers compared with a real Kaltura server's, step by step."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from kaltura_simulator.testing import Simulator
from tests.kaltura_simulator import conformance


@pytest.fixture(scope="module")
def recorded() -> Iterator[Simulator]:
    """A simulator whose account is what the recorded one was."""
    with conformance.recorded_account() as simulator:
        yield simulator


@pytest.mark.parametrize(("script", "steps"), [("flows.py", 208), ("flows_more.py", 788), ("flows_live.py", 645)])
def test_recordings_of_a_real_server_are_matched_step_by_step(
    recorded: Simulator, script: str, steps: int
):
    result = conformance.run(recorded, script)

    known = {name for name in conformance.DIFFERENCES if name in result.names}
    assert (result.steps, result.failed) == (steps, known), result.printed


def test_recordings_hold_every_step_that_is_listed_as_a_difference():
    names = {name for script in conformance.SCRIPTS for name in conformance.names(script)}

    assert conformance.DIFFERENCES.keys() <= names
