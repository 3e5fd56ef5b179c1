"""Brings SessionAttendance and the stored figures up to date, many sessions in a statement."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from typing import Final

from django.db import connection, transaction
from django.db.models import F

from analytics.figures.attendance import RowCounts, write_attendance
from analytics.figures.basis import basis_of
from analytics.figures.parallel import side_by_side
from analytics.figures.versions import locked, out_of_date
from analytics.match import in_batches
from analytics.models import Stay, StoredFigures
from events.models import Session

logger = logging.getLogger(__name__)

# With more it works, but slower than anybody should wait.
SQLITE_STAYS: Final = 200_000
# Sessions in one transaction. While somebody writes to SQLite nobody else can, so there it
# is done in small pieces.
AT_ONCE: Final = {"postgresql": 250, "sqlite": 20}


def renew(session_pks: Iterable[int], *, force: bool = False) -> RowCounts:
    """Compute the attendance of those sessions whose version has moved; with ``force`` of all.

    Deleted sessions are left out. Safe to repeat, and to run twice at a time.
    """
    pks = sorted(set(session_pks))
    _warn_of_size()
    batches = [list(batch) for batch in in_batches(pks, AT_ONCE[connection.vendor])]
    return sum(side_by_side(lambda batch: _renew_batch(batch, force), batches), RowCounts())


def _warn_of_size() -> None:
    """Say so when there are more stays than SQLite is for."""
    if connection.vendor != "sqlite":
        return
    # The number of the last row costs nothing to know. As rows are deleted, there may be fewer.
    last = Stay.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    if last > SQLITE_STAYS and (stays := Stay.objects.count()) > SQLITE_STAYS:
        logger.warning(
            "There are %d stays. SQLite is fit for %d; use PostgreSQL (DATABASE_URL).",
            stays,
            SQLITE_STAYS,
        )


@transaction.atomic
def _renew_batch(session_pks: list[int], force: bool) -> RowCounts:
    # Where names were replaced or deleted, attendance is fixed (privacy/retention.py).
    there = Session.objects.filter(
        pk__in=session_pks, event__attendance_privacy__retained_at=None
    ).values_list("pk", flat=True)
    rows = locked(there.order_by())
    stale_rows = [row for row in rows if force or row.attendance_version != row.version]
    if not stale_rows:
        return RowCounts()
    _note_basis(stale_rows)
    stale = [row.pk for row in stale_rows]
    counts = write_attendance(stale)
    # A session that is computed for another reason than its stays (its window moved) needs
    # new figures as well, even if no one's attendance is another.
    current = F("version") + 1 if force else F("version")
    for batch in in_batches(stale):
        StoredFigures.objects.filter(pk__in=batch).update(
            version=current, attendance_version=current
        )
    return counts


def _note_basis(rows: Sequence[StoredFigures]) -> None:
    """Note on what the figures of these sessions will rest; before they are computed."""
    now = basis_of([row.pk for row in rows])
    moved = [row for row in rows if row.basis != now.get(row.pk, "")]
    for row in moved:
        row.basis = now.get(row.pk, "")
    StoredFigures.objects.bulk_update(moved, ["basis"], batch_size=100)


def renew_what_moved() -> RowCounts:
    """Compute whatever is out of date: what a lost wake-up or a killed worker left behind."""
    return renew(out_of_date())
