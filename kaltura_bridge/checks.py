"""Start-up checks of what is cheap to see: settings that cannot work together."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.core.checks import CheckMessage, Error, Tags, Warning, register

from kaltura_bridge.coherence import RULES, WEBHOOK_RULES, misfits


@register(Tags.compatibility)
def settings_fit(app_configs: Sequence[AppConfig] | None, **_: Any) -> list[CheckMessage]:
    """Refuse settings that would harm, warn of those that are likely wrong."""
    return [
        (Error if misfit.fatal else Warning)(
            misfit.seen, hint=misfit.fix, id=f"kaltura_bridge.{misfit.id}"
        )
        for misfit in misfits(*RULES, *WEBHOOK_RULES)
    ]
