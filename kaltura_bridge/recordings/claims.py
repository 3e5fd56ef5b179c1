"""One worker at a time carries an order out: claimed by a conditional update, kept by its lease.

The moment until which a claim holds is its name, too: whoever claims anew, or goes on, sets
another one. So a worker that slept over its lease finds another's there, and writes nothing.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final

from django.db.models import Q
from django.utils import timezone

from kaltura_bridge.models import RecordingChange, RecordingChangeState

CLAIMED_FOR: Final = timedelta(minutes=3)


class ClaimLost(Exception):
    """The lease ran out and the order is another worker's, or it was deleted."""


def claim() -> RecordingChange | None:
    """The order that has waited longest, held by us; None: nothing is due."""
    now = timezone.now()
    is_free = Q(lease_until=None) | Q(lease_until__lt=now)
    waiting = RecordingChange.objects.filter(
        is_free, state=RecordingChangeState.WAITING, next_attempt_at__lte=now
    )
    for pk in waiting.order_by("next_attempt_at", "pk").values_list("pk", flat=True)[:20]:
        lease = _lease()
        if waiting.filter(pk=pk).update(lease_until=lease):
            changes = RecordingChange.objects.select_related(
                "session__event__delivery", "source", "asked_by"
            )
            return changes.filter(pk=pk, lease_until=lease).first()
    return None


def keep(change: RecordingChange, **fields: Any) -> None:
    """Write while we hold it, and hold it on: before each call. Raises ClaimLost."""
    _write(change, {**fields, "lease_until": _lease()})


def release(change: RecordingChange, **fields: Any) -> None:
    """Write what became of it, and let go. Raises ClaimLost."""
    _write(change, {**fields, "lease_until": None})


def _write(change: RecordingChange, fields: dict[str, Any]) -> None:
    mine = RecordingChange.objects.filter(pk=change.pk, lease_until=change.lease_until)
    if not mine.filter(state=RecordingChangeState.WAITING).update(**fields):
        raise ClaimLost
    for name, value in fields.items():
        setattr(change, name, value)


def _lease() -> Any:
    return timezone.now() + CLAIMED_FOR
