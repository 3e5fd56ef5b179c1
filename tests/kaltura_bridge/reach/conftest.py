"""A vendor that is set up."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from kaltura_simulator.testing import Simulator
from tests.kaltura_bridge.support.vendoring import VendorSite


@pytest.fixture
def vendor(simulator: Simulator, settings: Any, tmp_path: Path) -> VendorSite:
    made = VendorSite(simulator, settings, tmp_path)
    made.set_up()
    return made


@pytest.fixture
def it_is(monkeypatch: pytest.MonkeyPatch) -> Callable[[datetime], None]:
    """Sets our own clock; Kaltura's stays."""

    def set_clock(moment: datetime) -> None:
        monkeypatch.setattr("django.utils.timezone.now", lambda: moment)

    return set_clock
