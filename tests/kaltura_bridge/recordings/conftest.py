"""What these tests have in common: Kaltura's clock runs ahead of ours here."""

from __future__ import annotations

from typing import Any

import pytest


@pytest.fixture(autouse=True)
def _long_ks(settings: Any) -> None:
    """A KS by our clock would have run out by that of a Kaltura that is hours ahead."""
    settings.KALTURA_SERVER_KS_S = 10 * 86400
    settings.KALTURA_KAF_KS_S = 10 * 86400
