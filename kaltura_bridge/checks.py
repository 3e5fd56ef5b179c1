"""Start-up checks of what is cheap to see: settings that cannot work together."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register

# Connecting may be tried three times, and the answer read, while a lease runs.
CONNECTING_S = 10


@register(Tags.compatibility)
def lease_outlives_any_call(
    app_configs: Sequence[AppConfig] | None, **_: Any
) -> list[CheckMessage]:
    """Refuse a lease that may run out under a living sender: two would make one object."""
    least = settings.KALTURA_TIMEOUT_S + CONNECTING_S
    if least <= settings.KALTURA_LEASE_S:
        return []
    return [
        Error(
            f"KALTURA_LEASE_S is {settings.KALTURA_LEASE_S:g}, but one call to Kaltura may take "
            f"{least:g} seconds.",
            hint=f"Set KALTURA_LEASE_S to {least:g} or more, or KALTURA_TIMEOUT_S lower.",
            id="kaltura_bridge.E001",
        )
    ]
