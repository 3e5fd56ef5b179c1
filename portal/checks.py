"""Start-up checks of settings that decide which processes do the work."""

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register


@register(Tags.compatibility)
def processes_fit(app_configs: Sequence[AppConfig] | None, **_: Any) -> list[CheckMessage]:
    """Refuse settings under which background work would be lost or done twice."""
    found: list[CheckMessage] = []
    if settings.EMBEDDED_WORKER and settings.WEB_CONCURRENCY > 1:
        found.append(
            Error(
                f"WEB_CONCURRENCY is {settings.WEB_CONCURRENCY}, but the embedded worker, broker "
                "and scheduler run inside one web process.",
                hint="Set REDIS_URL and run a worker and a scheduler beside the web processes, "
                "or set WEB_CONCURRENCY to 1.",
                id="portal.E001",
            )
        )
    if not settings.REDIS_URL and not settings.EMBEDDED_WORKER:
        found.append(
            Error(
                "REDIS_URL is empty and EMBEDDED_WORKER is off: no background work would be done, "
                "because the in-memory broker cannot reach another process.",
                hint="Set REDIS_URL, or leave EMBEDDED_WORKER on.",
                id="portal.E002",
            )
        )
    return found
