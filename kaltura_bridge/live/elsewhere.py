"""Whether the desk leads a broadcast's viewers elsewhere, so that nobody waits for its beginning.

Kaltura says where an entry leads only to those who may change it, and leads it to its own
recording by itself, for which nobody stops waiting. So the portal keeps what the desk did.
"""

from __future__ import annotations

from typing import Final

from django.conf import settings
from django.core.cache import cache

from kaltura_bridge.models import RemoteLink
from kaltura_bridge.specs import Kind

# Those who wait ask every few seconds; whoever comes later does not wait (join/waiting.py).
_TOLD_S: Final = 24 * 3600


def note_led_elsewhere(entry_id: str, *, is_led: bool) -> None:
    """Keep it, and tell those who wait already."""
    links = RemoteLink.objects.filter(kind=Kind.ENTRY, remote_id=entry_id)
    links.update(led_elsewhere_id=entry_id if is_led else "")
    if is_led:
        cache.set(_key(entry_id), True, _TOLD_S)
    else:
        cache.delete(_key(entry_id))


def is_led_elsewhere(entry_id: str) -> bool:
    """What those are told who wait; no query."""
    return bool(cache.get(_key(entry_id)))


def _key(entry_id: str) -> str:
    return f"led-elsewhere:{settings.KALTURA_PARTNER_ID}:{entry_id}"
