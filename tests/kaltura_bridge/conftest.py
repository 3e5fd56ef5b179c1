"""What several of these tests need: a account for the doctor."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from kaltura_simulator.testing import Simulator
    from tests.kaltura_bridge.support.doctoring import HealthyAccount, Site


@pytest.fixture
def site() -> Iterator[Site]:
    """A small web server in place of the portal's own."""
    from tests.kaltura_bridge.support.doctoring import Site

    running = Site()
    yield running
    running.stop()


@pytest.fixture
def account(simulator: Simulator, settings: Any, site: Site) -> HealthyAccount:
    """Settings and an account in which all is well."""
    from tests.kaltura_bridge.support.doctoring import HealthyAccount

    found = HealthyAccount(simulator, settings, site)
    found.set_up()
    return found
