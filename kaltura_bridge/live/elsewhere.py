"""Whether the desk leads a broadcast's viewers elsewhere, so that nobody waits for its beginning.

Kaltura says where an entry leads only to those who may change it, and leads it to its own
recording by itself, for which nobody stops waiting. So the portal keeps what the desk did.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from django.conf import settings
from django.core.cache import cache
from django.db.models import QuerySet

from kaltura_bridge.models import RemoteLink
from kaltura_bridge.specs import Kind

# Those who wait ask every few seconds; whoever comes later does not wait (join/waiting.py).
_TOLD_S: Final = 24 * 3600


@dataclass(frozen=True)
class LedElsewhere:
    """What the desk did with an entry's viewers. ``to``: where they are led; "" if not known."""

    is_led: bool
    to: str = ""


def led_elsewhere(entry_id: str) -> LedElsewhere:
    """Whether the desk leads this entry's viewers elsewhere, and to which entry."""
    found = _links(entry_id).values_list("led_elsewhere_id", "led_to_id").first()
    own, to = found or ("", "")
    return LedElsewhere(True, to) if own == entry_id else LedElsewhere(False)


def note_led_elsewhere(entry_id: str, to: str) -> None:
    """Keep where the desk leads the viewers, "" for nowhere, and tell those who wait already."""
    _links(entry_id).update(led_elsewhere_id=entry_id if to else "", led_to_id=to)
    if to:
        cache.set(_key(entry_id), True, _TOLD_S)
    else:
        cache.delete(_key(entry_id))


def _links(entry_id: str) -> QuerySet[RemoteLink]:
    return RemoteLink.objects.filter(kind=Kind.ENTRY, remote_id=entry_id)


def is_led_elsewhere(entry_id: str) -> bool:
    """What those are told who wait; no query."""
    return bool(cache.get(_key(entry_id)))


def _key(entry_id: str) -> str:
    return f"led-elsewhere:{settings.KALTURA_PARTNER_ID}:{entry_id}"
