"""Which sessions' figures are out of date: a version that goes up with every write.

Whoever changes what figures rest on calls ``note_changed`` in the same transaction.
"""

from __future__ import annotations

from collections.abc import Iterable

from django.db import transaction
from django.db.models import F

from analytics.match import in_batches
from analytics.models import StoredFigures


def locked(session_pks: Iterable[int]) -> list[StoredFigures]:
    """The sessions' rows, made where missing, and kept from all others until the transaction ends.

    In the order of their keys, so that two who want the same never wait for each other in a
    ring. SQLite locks no rows; its transactions wait for each other anyway.
    """
    rows: list[StoredFigures] = []
    for batch in in_batches(sorted(set(session_pks))):
        StoredFigures.objects.bulk_create(
            [StoredFigures(session_id=pk) for pk in batch], ignore_conflicts=True
        )
        found = StoredFigures.objects.select_for_update().filter(pk__in=batch).order_by("pk")
        rows += found.defer("figures", "curve")
    return rows


@transaction.atomic
def note_changed(session_pks: Iterable[int]) -> None:
    """Say that stays, totals, whom they belong to or what people are there has changed."""
    pks = [row.pk for row in locked(session_pks)]
    for batch in in_batches(pks):
        StoredFigures.objects.filter(pk__in=batch).update(version=F("version") + 1)


def out_of_date() -> list[int]:
    """The sessions whose attendance was computed for an older version than there is."""
    stale = StoredFigures.objects.exclude(attendance_version=F("version"))
    return list(stale.order_by("pk").values_list("pk", flat=True))
