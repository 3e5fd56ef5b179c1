"""What several of these tests need: a patient for the doctor."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from kaltura_simulator.testing import Simulator
    from tests.kaltura_bridge.support.doctoring import Patient, Site


@pytest.fixture
def site() -> Iterator[Site]:
    """A small web server in place of the portal's own."""
    from tests.kaltura_bridge.support.doctoring import Site

    running = Site()
    yield running
    running.stop()


@pytest.fixture
def patient(simulator: Simulator, settings: Any, site: Site) -> Patient:
    """Settings and an account in which all is well."""
    from tests.kaltura_bridge.support.doctoring import Patient

    found = Patient(simulator, settings, site)
    found.become_healthy()
    return found
