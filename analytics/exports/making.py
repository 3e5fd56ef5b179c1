"""Large files, made by a worker: claimed, written beside, put in place when they are whole.

Everything here may run twice, be killed and be started again. What lies in EXPORT_DIR and is
no file of a READY row or of a living claim is swept away.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from time import monotonic
from typing import Final
from uuid import UUID, uuid4

from django.conf import settings
from django.db.models import Count, Q, QuerySet
from django.utils import timezone

from analytics.exports.columns import ExportLevel
from analytics.exports.csv_file import attendance_csv
from analytics.exports.rows import ExportTable, attendance_table
from analytics.exports.xlsx import attendance_xlsx
from analytics.models import (
    AttendanceFile,
    FileForm,
    FileState,
    SessionAttendance,
    Stay,
)
from analytics.privacy.modes import rules_of
from analytics.roster import PeopleFilter
from events.models import Registration

logger = logging.getLogger(__name__)

# Longer than a task may run (CELERY_TASK_TIME_LIMIT), so no living worker loses its claim.
CLAIM: Final = timedelta(minutes=15)
PROGRESS_EVERY_S: Final = 1.0
KEPT: Final = timedelta(days=3)


class MakingEnded(Exception):
    """Somebody cancelled the file, or another worker has it."""


def expected_rows(table: ExportTable) -> int:
    """How many rows the file will have, more or less: what decides where it is made."""
    sessions = [session.pk for session in table.sessions]
    if table.level is ExportLevel.STAY:
        return Stay.objects.filter(run__session__in=sessions).count()
    seen = SessionAttendance.objects.filter(session__in=sessions)
    if table.show is PeopleFilter.ALL:
        registered = Registration.objects.filter(event=table.event, withdrawn_at=None)
        others = seen.exclude(user__in=registered.values("user"))
        return registered.count() * len(sessions) + others.count()
    return seen.aggregate(rows=Count("pk", filter=Q(attended=True)))["rows"] or 0


def table_of(file: AttendanceFile) -> ExportTable:
    """What the file holds, by the event's privacy as it is now."""
    return attendance_table(
        file.event,
        ExportLevel(file.level),
        session=file.session,
        show=PeopleFilter(file.show),
        columns=file.columns,
    )


def path_of(uuid: UUID) -> Path:
    """Where a finished file lies."""
    return Path(settings.EXPORT_DIR) / str(uuid)


def is_withdrawn(file: AttendanceFile, now: datetime) -> bool:
    """Whether the file says more than may be shown now, or its time is over."""
    valid_from = rules_of(file.event).files_valid_from
    too_old = valid_from is not None and file.asked_at < valid_from
    return too_old or (file.expires_at is not None and file.expires_at <= now)


def make_due() -> None:
    """Make every file that waits, or whose worker died; then sweep."""
    now = timezone.now()
    waiting = AttendanceFile.objects.filter(_due(now)).order_by("asked_at")
    for pk in list(waiting.values_list("pk", flat=True)):
        make_file(pk)
    sweep(timezone.now())


def _due(now: datetime) -> Q:
    return Q(state=FileState.WAITING) | Q(state=FileState.MAKING, claimed_until__lt=now)


def make_file(pk: int) -> bool:
    """Make one file, unless it is made already or being made. Whether it was made here."""
    claim, now = uuid4(), timezone.now()
    due = AttendanceFile.objects.filter(_due(now), pk=pk)
    changes = {"state": FileState.MAKING, "claim": claim, "claimed_until": now + CLAIM}
    if not due.update(**changes, rows_written=0, error=""):
        return False
    file = AttendanceFile.objects.select_related("event", "session", "user").get(pk=pk)
    part = path_of(file.uuid).with_suffix(f".{claim.hex}.part")
    try:
        return _make(file, part)
    except MakingEnded:
        return False
    except Exception:
        logger.exception("The attendance file %s could not be made", file.uuid)
        _still_ours(file).update(
            state=FileState.FAILED,
            error="It could not be made. Ask for it again; the log of the worker says why.",
        )
        return False
    finally:
        part.unlink(missing_ok=True)


def _make(file: AttendanceFile, part: Path) -> bool:
    part.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    table = replace(table_of(file), in_background=True)
    with part.open("xb") as out:
        part.chmod(0o600)
        out.writelines(_pieces(file, table, _watch(file)))
    size = part.stat().st_size
    part.replace(path_of(file.uuid))
    ready = _still_ours(file).update(
        state=FileState.READY,
        name=f"{table.name}.{file.form}",
        size_bytes=size,
        expires_at=timezone.now() + KEPT,
    )
    if not ready:
        path_of(file.uuid).unlink(missing_ok=True)
    return bool(ready)


def _pieces(
    file: AttendanceFile, table: ExportTable, watch: Callable[[int], None]
) -> Iterator[bytes]:
    if file.form == FileForm.XLSX:
        yield from attendance_xlsx(table, made_by=str(file.user), now=timezone.now(), watch=watch)
        return
    for piece in attendance_csv(table, bom=file.bom, watch=watch):
        yield piece.encode()


def _still_ours(file: AttendanceFile) -> QuerySet[AttendanceFile]:
    return AttendanceFile.objects.filter(pk=file.pk, state=FileState.MAKING, claim=file.claim)


def _watch(file: AttendanceFile) -> Callable[[int], None]:
    """Notes the progress about once a second; raises MakingEnded when nobody wants it any more."""
    last = 0.0

    def watch(rows: int) -> None:
        nonlocal last
        if monotonic() - last < PROGRESS_EVERY_S:
            return
        if not _still_ours(file).update(rows_written=rows, claimed_until=timezone.now() + CLAIM):
            raise MakingEnded
        last = monotonic()

    return watch


def cancel_file(file: AttendanceFile) -> bool:
    """Stop making it; whoever makes it notices within seconds. False when it was too late."""
    under_way = AttendanceFile.objects.filter(
        pk=file.pk, state__in=[FileState.WAITING, FileState.MAKING]
    )
    return bool(under_way.update(state=FileState.CANCELLED))


def sweep(now: datetime) -> None:
    """Delete what has expired or was withdrawn, and what belongs to no row."""
    for file in AttendanceFile.objects.filter(state=FileState.READY).select_related("event"):
        if is_withdrawn(file, now):
            AttendanceFile.objects.filter(pk=file.pk).update(state=FileState.GONE)
    # Listed before it is asked whose they are: a file that comes meanwhile is left alone.
    folder = Path(settings.EXPORT_DIR)
    found = list(folder.iterdir()) if folder.is_dir() else []
    ready = _names(Q(state=FileState.READY))
    being_made = _names(Q(state=FileState.MAKING, claimed_until__gte=now))
    for path in found:
        if path.name not in ready and path.name.partition(".")[0] not in being_made:
            path.unlink(missing_ok=True)


def _names(which: Q) -> set[str]:
    return {
        str(uuid) for uuid in AttendanceFile.objects.filter(which).values_list("uuid", flat=True)
    }
