"""One worker at a time works on a row: taken by a conditional update, held by a lease.

Each claim has a name of its own (``holder``), and each write repeats it. So a worker that slept
over its lease learns at its next write that the row is another's, before it tells Kaltura
anything. On one machine a dead worker's rows are free at once; elsewhere when the lease ends.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any, Final, Generic, TypeVar

from django.db import models
from django.db.models import Q, QuerySet
from django.utils import timezone

from events.holders import is_alive, new_holder, this_machine

_LET_GO: Final[dict[str, Any]] = {"holder": "", "lease_until": None}


class LeaseLost(Exception):
    """The lease ran out and the row is another worker's, or it was let go of or deleted."""


class Leased(models.Model):
    """What workers claim."""

    holder = models.CharField(max_length=200, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)

    class Meta:
        abstract = True


Row = TypeVar("Row", bound=Leased)


class Leases(Generic[Row]):
    """The claims on the rows of one model. ``related``: what is read along with a row."""

    def __init__(self, model: type[Row], seconds: Callable[[], float], *related: str) -> None:
        self._rows: QuerySet[Row] = model._default_manager.all()
        self._seconds, self._related = seconds, related

    def take(self, due: QuerySet[Row]) -> Row | None:
        """The first of these that nobody holds, ours from now on; None: there is none."""
        while True:
            free = due.filter(is_free())
            pk = free.values_list("pk", flat=True).first()
            if pk is None:
                return None
            holder = new_holder()
            # The update repeats the conditions, so of two workers one gets it.
            if free.filter(pk=pk).update(holder=holder, lease_until=self._end()):
                mine = self._rows.select_related(*self._related).filter(pk=pk, holder=holder)
                if (row := mine.first()) is not None:
                    return row

    def keep(self, row: Row, **changes: Any) -> None:
        """Write, and hold it on: before each call. Raises LeaseLost."""
        self.write(row, lease_until=self._end(), **changes)

    def release(self, row: Row, **changes: Any) -> None:
        """Write what became of it, and let go. Raises LeaseLost."""
        self.write(row, **changes, **_LET_GO)

    def write(self, row: Row, **changes: Any) -> None:
        """Write, without holding it longer. Raises LeaseLost."""
        mine = self._rows.filter(pk=row.pk, holder=row.holder).exclude(holder="")
        if not mine.update(**changes):
            raise LeaseLost(str(row))
        for name, value in changes.items():
            setattr(row, name, value)

    def free_dead(self) -> None:
        """Free what workers of this machine held that are no longer alive."""
        here = self._rows.filter(holder__startswith=f"{this_machine()}|")
        holders = here.order_by().values_list("holder", flat=True).distinct()
        dead = [holder for holder in holders if not is_alive(holder)]
        if dead:
            self._rows.filter(holder__in=dead).update(**_LET_GO)

    def _end(self) -> Any:
        return timezone.now() + timedelta(seconds=self._seconds())


def is_free() -> Q:
    """Of rows that nobody holds now."""
    return Q(lease_until=None) | Q(lease_until__lte=timezone.now())
