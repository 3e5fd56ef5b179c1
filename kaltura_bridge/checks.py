"""Start-up checks: settings that cannot work together, as ``manage.py check`` reports them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.core.checks import CheckMessage, Error, Tags, Warning, register

from kaltura_bridge.coherence import RULES, WEBHOOK_RULES, settings_problems


@register(Tags.compatibility)
def check_settings(app_configs: Sequence[AppConfig] | None, **_: Any) -> list[CheckMessage]:
    """Errors for settings that would do harm, warnings for those that are likely wrong."""
    return [
        (Error if problem.fatal else Warning)(
            problem.seen, hint=problem.fix, id=f"kaltura_bridge.{problem.id}"
        )
        for problem in settings_problems(*RULES, *WEBHOOK_RULES)
    ]
