"""Kaltura's side of erasing somebody: asked until it has answered, and safe to ask again."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import Final

from django.db import transaction
from django.utils import timezone

from analytics.models import ErasureReceipt, KalturaErasure
from kaltura_bridge.api.errors import KalturaError

logger = logging.getLogger(__name__)

# A task that dies while it asks holds nobody up for longer.
_LEASE: Final = timedelta(minutes=5)
_PAUSES: Final = (
    timedelta(minutes=1),
    timedelta(minutes=10),
    timedelta(hours=1),
    timedelta(hours=6),
)


def ask_due() -> int:
    """Ask Kaltura about every erasure that is due. Returns how many were answered."""
    due = ErasureReceipt.objects.filter(
        kaltura_state=KalturaErasure.WAITING, next_try_at__lte=timezone.now()
    )
    return sum(ask(receipt) for receipt in due.order_by("next_try_at"))


def ask(receipt: ErasureReceipt) -> bool:
    """Ask Kaltura to forget one person. Returns whether it answered; else it is due again."""
    mine = ErasureReceipt.objects.filter(
        pk=receipt.pk, kaltura_state=KalturaErasure.WAITING, next_try_at=receipt.next_try_at
    )
    # Claimed by a conditional update: of two workers one asks.
    if not mine.update(next_try_at=timezone.now() + _LEASE):
        return False
    from kaltura_bridge.api.client import Kaltura  # loads the Kaltura client
    from kaltura_bridge.api.people import delete_user

    try:
        found = delete_user(Kaltura(), receipt.kaltura_user_id)
    except KalturaError as error:
        return _not_done(receipt, error)
    _settle(receipt, KalturaErasure.DONE if found else KalturaErasure.UNKNOWN)
    return True


def _not_done(receipt: ErasureReceipt, error: KalturaError) -> bool:
    logger.warning("Erasure %s at Kaltura: %s", receipt.number, error)
    if error.error_class.waits_for_person:
        _settle(receipt, KalturaErasure.REFUSED, str(error))
        return True
    pause = _PAUSES[min(len(receipt.kaltura_log), len(_PAUSES) - 1)]
    _write(receipt, str(error), next_try_at=timezone.now() + pause)
    return False


def _settle(receipt: ErasureReceipt, state: KalturaErasure, answer: str = "") -> None:
    keep = receipt.kaltura_user_id if state is KalturaErasure.REFUSED else ""
    _write(
        receipt,
        answer or str(state.label),
        kaltura_state=state,
        next_try_at=None,
        kaltura_user_id=keep,
    )


@transaction.atomic
def _write(receipt: ErasureReceipt, answer: str, **changes: object) -> None:
    row = ErasureReceipt.objects.select_for_update().get(pk=receipt.pk)
    at = timezone.now().isoformat(timespec="seconds")
    row.kaltura_log.append({"at": at, "call": "user.delete", "answer": answer[:300]})
    for name, value in changes.items():
        setattr(row, name, value)
    row.save(update_fields=["kaltura_log", *changes])
    receipt.refresh_from_db()
