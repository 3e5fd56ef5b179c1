"""Have Kaltura notify this portal of changes, in the way docs/operations.md describes."""

from __future__ import annotations

from typing import Any, Final

from django.conf import settings
from django.urls import reverse

from kaltura_bridge.api.client import Kaltura, new, wire
from kaltura_bridge.api.lists import listed, pager

# Kaltura's own template, and the class of object that its messages carry.
WATCHED: Final = (
    ("HTTP_ENTRY_CHANGED", "KalturaBaseEntry"),
    ("HTTP_ENTRY_DELETED", "KalturaBaseEntry"),
    ("HTTP_CATEGORY_CHANGED", "KalturaCategory"),
    ("HTTP_METADATA_CHANGED", "KalturaMetadata"),
    ("HTTP_SCHEDULE_EVENT_CHANGED", "KalturaLiveStreamScheduleEvent"),
)
_TEMPLATE: Final = "KalturaHttpNotificationTemplate"
_JSON, _SHA256, _ACTIVE = 1, 2, 2


def subscribe_to_notifications() -> int:
    """Have Kaltura call this portal's webhook. Returns how many templates needed a change.

    Does nothing without KALTURA_WEBHOOK_SECRET: the portal would refuse every message.
    """
    if not settings.KALTURA_WEBHOOK_SECRET:
        return 0
    kaltura = Kaltura()
    held = listed(kaltura.one(lambda client: _service(client).list(pager=pager())))
    ours = {wire(template.systemName): template for template in held}
    address = f"{settings.SITE_URL}{reverse('kaltura:webhook')}"
    changed = 0
    for source, carried in WATCHED:
        known = ours.get(_name(source))
        if known is None:
            _make(kaltura, source, _copy(source, carried, address))
        elif wire(known.url) != address:
            _move(kaltura, known.id, address)
        else:
            continue
        changed += 1
    return changed


def _make(kaltura: Kaltura, source: str, copy: Any) -> None:
    """Copy Kaltura's own template and enable the copy."""
    named = new("KalturaEventNotificationTemplateFilter", systemNameEqual=source)
    (original,) = listed(kaltura.one(lambda client: _service(client).listTemplates(named)))
    made = kaltura.one(lambda client: _service(client).clone(original.id, copy))
    kaltura.one(lambda client: _service(client).updateStatus(made.id, _ACTIVE))


def _move(kaltura: Kaltura, template_id: int, address: str) -> None:
    """Change the address of a copy: the portal runs at another one than last time."""
    moved = new(_TEMPLATE, url=address)
    kaltura.one(lambda client: _service(client).update(template_id, moved))


def _copy(source: str, carried: str, address: str) -> Any:
    data = new("KalturaHttpNotificationObjectData", apiObjectType=carried, format=_JSON)
    return new(
        _TEMPLATE, systemName=_name(source), url=address, data=data, secureHashingAlgo=_SHA256
    )


def _name(source: str) -> str:
    return f"PORTAL_{source}"


def _service(client: Any) -> Any:
    return client.eventNotification.eventNotificationTemplate
