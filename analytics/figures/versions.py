"""Which sessions' figures are out of date: a version that goes up with every write.

Whoever changes what figures rest on calls ``note_changed`` in the same transaction.
"""

from __future__ import annotations

from collections.abc import Iterable

from django.db import transaction
from django.db.models import F

from analytics.models import StoredFigures
from events.models import Session


def locked(session_pks: Iterable[int]) -> list[StoredFigures]:
    """The rows of those sessions that exist, made where missing; others wait until we are done.

    In the order of their keys, so that two who want the same never wait for each other in a
    ring. SQLite locks no rows; its transactions wait for each other anyway.
    """
    pks = sorted(set(session_pks))
    missing = Session.objects.filter(pk__in=pks, stored_figures=None).order_by("pk")
    StoredFigures.objects.bulk_create(
        [StoredFigures(session_id=pk) for pk in missing.values_list("pk", flat=True)],
        ignore_conflicts=True,
    )
    rows = StoredFigures.objects.select_for_update().filter(pk__in=pks).order_by("pk")
    return list(rows.defer("figures", "curve"))


@transaction.atomic
def note_changed(session_pks: Iterable[int]) -> None:
    """Say that stays, totals, whom they belong to or what people are there has changed."""
    if pks := [row.pk for row in locked(session_pks)]:
        StoredFigures.objects.filter(pk__in=pks).update(version=F("version") + 1)


def out_of_date() -> list[int]:
    """The sessions whose attendance was computed for an older version than there is."""
    stale = StoredFigures.objects.exclude(attendance_version=F("version"))
    return list(stale.order_by("pk").values_list("pk", flat=True))
