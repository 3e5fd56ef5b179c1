"""Videos that the portal made for a session, and that nobody has any more.

They carry the reference of the order that made them (recordings/ownership.py). What an order
still works on, what any session has among its recordings, and what settings name, has an owner.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final
from uuid import UUID

from django.db.models import Q

from kaltura_bridge.delivery.references import RECORDED_IN, VIDEOS
from kaltura_bridge.models import Recording, RecordingChange, SessionDelivery

_MADE: Final = re.compile(r"portal:[0-9a-f-]{36}/recording-([0-9a-f]{32})")


def order_of(key: str) -> UUID | None:
    """The key of the order that made what carries this reference; None for anything else."""
    found = _MADE.fullmatch(key)
    return UUID(found[1]) if found else None


def reasons_of_videos(keys: Mapping[str, str]) -> dict[str, bool]:
    """Of these videos, reference by entry id, those without an owner, and whether doubles.

    A double: its order has another video, so an add was done twice.
    """
    orders = {i: order for i, key in keys.items() if (order := order_of(key))}
    known = RecordingChange.objects.filter(key__in=orders.values())
    changes = {change.key: change for change in known}
    owned = _owned(set(orders))
    found = {}
    for entry_id, order in orders.items():
        change = changes.get(order)
        is_worked_on = change is not None and change.finished_at is None
        if entry_id not in owned and not is_worked_on:
            found[entry_id] = change is not None and change.entry_id not in ("", entry_id)
    return found


def _owned(ids: set[str]) -> set[str]:
    rows = Recording.objects.filter(entry_id__in=ids).order_by()
    names = (*VIDEOS, RECORDED_IN)
    named = Q()
    for name in names:
        named |= Q(**{f"{name}__in": ids})
    chosen = SessionDelivery.objects.filter(named).order_by().values_list(*names)
    return {*rows.values_list("entry_id", flat=True), *(i for row in chosen for i in row)}
