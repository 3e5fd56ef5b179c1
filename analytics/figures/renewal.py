"""Brings SessionAttendance and the stored figures up to date, many sessions in a statement."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from django.db import connection, transaction
from django.db.models import F

from analytics.figures.attendance import RowCounts, write_attendance
from analytics.figures.versions import locked, out_of_date
from analytics.match import in_batches
from analytics.models import StoredFigures
from events.models import Session

# Sessions in one transaction. While somebody writes to SQLite nobody else can, so there it
# is done in small pieces.
AT_ONCE: Final = {"postgresql": 1000, "sqlite": 20}


def renew(session_pks: Iterable[int], *, force: bool = False) -> RowCounts:
    """Compute the attendance of those sessions whose version has moved; with ``force`` of all.

    Deleted sessions are left out. Safe to repeat, and to run twice at a time.
    """
    pks = sorted(set(session_pks))
    counts = RowCounts()
    for batch in in_batches(pks, AT_ONCE[connection.vendor]):
        counts += _renew_batch(list(batch), force)
    return counts


@transaction.atomic
def _renew_batch(session_pks: list[int], force: bool) -> RowCounts:
    # Where names were replaced or deleted, attendance is fixed (privacy/retention.py).
    there = Session.objects.filter(
        pk__in=session_pks, event__attendance_privacy__retained_at=None
    ).values_list("pk", flat=True)
    rows = locked(there.order_by())
    stale = [row.pk for row in rows if force or row.attendance_version != row.version]
    if not stale:
        return RowCounts()
    counts = write_attendance(stale)
    # A session that is computed for another reason than its stays (its window moved) needs
    # new figures as well, even if no one's attendance is another.
    current = F("version") + 1 if force else F("version")
    for batch in in_batches(stale):
        StoredFigures.objects.filter(pk__in=batch).update(
            version=current, attendance_version=current
        )
    return counts


def renew_what_moved() -> RowCounts:
    """Compute whatever is out of date: what a lost wake-up or a killed worker left behind."""
    return renew(out_of_date())
