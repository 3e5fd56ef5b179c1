"""One worker at a time does something with an order: claimed by a conditional update."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db.models import Q
from django.utils import timezone

from events.holders import is_alive, new_holder, this_machine
from kaltura_bridge.models import CaptionOrder


def claim(due: Q) -> CaptionOrder | None:
    """The order among these that has waited longest, held by us; None: nothing is due."""
    free = Q(lease_until=None) | Q(lease_until__lte=timezone.now())
    while True:
        waiting = CaptionOrder.objects.filter(due, free).order_by("look_at", "pk")
        pk = waiting.values_list("pk", flat=True).first()
        if pk is None:
            return None
        holder = new_holder()
        # The update repeats the condition, so of two claimers one gets it.
        if CaptionOrder.objects.filter(due, free, pk=pk).update(
            holder=holder, lease_until=_lease()
        ):
            orders = CaptionOrder.objects.select_related("session__event", "session__track")
            return orders.get(pk=pk)


def keep(order: CaptionOrder, **changes: Any) -> bool:
    """Write while we hold it, and hold it on; False when the lease ran out and it is another's."""
    return _write(order, {**changes, "lease_until": _lease()})


def release(order: CaptionOrder, **changes: Any) -> bool:
    """Write what became of it, and let go."""
    return _write(order, {**changes, "holder": "", "lease_until": None})


def _write(order: CaptionOrder, changes: dict[str, Any]) -> bool:
    mine = CaptionOrder.objects.filter(pk=order.pk, holder=order.holder)
    if not mine.update(**changes):
        return False
    for name, value in changes.items():
        if name != "holder":
            setattr(order, name, value)
    return True


def expire_dead() -> None:
    """Free what workers of this machine held that are no longer alive."""
    here = CaptionOrder.objects.filter(holder__startswith=f"{this_machine()}|")
    holders = here.exclude(lease_until=None).values_list("holder", flat=True).distinct()
    dead = [holder for holder in holders if not is_alive(holder)]
    if dead:
        CaptionOrder.objects.filter(holder__in=dead).update(holder="", lease_until=None)


def _lease() -> Any:
    return timezone.now() + timedelta(seconds=settings.KALTURA_LEASE_S)
