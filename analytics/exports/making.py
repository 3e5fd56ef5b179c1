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
from typing import Any, Final
from uuid import uuid4

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from analytics.exports.columns import ExportLevel
from analytics.exports.parquet import ParquetUnavailable
from analytics.exports.rows import ExportTable, attendance_table
from analytics.exports.schedules import may_be_made, was_made, was_not_made
from analytics.exports.stored import is_withdrawn, path_of
from analytics.exports.writing import file_pieces
from analytics.models import (
    AttendanceFile,
    FileForm,
    FileState,
    SessionAttendance,
    Stay,
)
from analytics.roster import PeopleFilter
from events.models import Registration

logger = logging.getLogger(__name__)

# Longer than a task may run (CELERY_TASK_TIME_LIMIT), so no living worker loses its claim.
CLAIM: Final = timedelta(minutes=15)
PROGRESS_EVERY_S: Final = 1.0
KEPT: Final = timedelta(days=3)
#: Planned files are fetched by people who were told by mail, perhaps on a Friday.
KEPT_PLANNED: Final = timedelta(days=7)
#: A file whose workers died so often is what kills them.
MOST_ATTEMPTS: Final = 3


class MakingEnded(Exception):
    """Somebody cancelled the file, or another worker has it."""


class WorkersDied(Exception):
    """Worker after worker ended without a word while it made the file."""


def expected_rows(table: ExportTable) -> int:
    """How many rows the file will have, more or less: what decides where it is made."""
    sessions = [session.pk for session in table.sessions]
    if not table.rules.lists_people:
        return len(sessions)
    if table.level is ExportLevel.STAY:
        return Stay.objects.filter(run__session__in=sessions).count()
    seen = SessionAttendance.objects.filter(session__in=sessions)
    registered = Registration.objects.filter(event=table.event, withdrawn_at=None)
    theirs = Q(user__in=registered.values("user"))
    match table.show:
        case PeopleFilter.ATTENDED:
            return seen.filter(attended=True).count()
        case PeopleFilter.GUESTS:
            return seen.filter(user=None).count()
        case PeopleFilter.ABSENT:
            came = seen.filter(theirs, attended=True).count()
            return registered.count() * len(sessions) - came
    return registered.count() * len(sessions) + seen.exclude(theirs).count()


def table_of(file: AttendanceFile) -> ExportTable:
    """What the file holds, by the event's privacy as it is now."""
    return attendance_table(
        file.event,
        ExportLevel(file.level),
        session=file.session,
        show=PeopleFilter(file.show),
        columns=file.columns,
    )


def make_due() -> None:
    """Make every file that waits, or whose worker died; then sweep."""
    now = timezone.now()
    waiting = AttendanceFile.objects.filter(_due(now)).order_by("asked_at")
    for pk in list(waiting.values_list("pk", flat=True)):
        make_file(pk)
    sweep(timezone.now())


def _due(now: datetime) -> Q:
    waiting = Q(state=FileState.WAITING) & (Q(not_before=None) | Q(not_before__lte=now))
    return waiting | Q(state=FileState.MAKING, claimed_until__lt=now)


def make_file(pk: int) -> bool:
    """Make one file, unless it is made already or being made. Whether it was made here."""
    file = _claimed(pk)
    if file is None:
        return False
    part = path_of(file.uuid).with_suffix(f".{file.claim}.part")
    try:
        if not may_be_made(file):
            _still_ours(file).update(state=FileState.CANCELLED)
            return False
        if file.attempts > MOST_ATTEMPTS:
            raise WorkersDied
        return _make(file, part)
    except MakingEnded:
        return False
    except ParquetUnavailable as error:
        _note_failure(file, str(error))
        return False
    except Exception:
        logger.exception("The attendance file %s could not be made", file.uuid)
        _note_failure(
            file, _("It could not be made. Ask for it again; the log of the worker says why.")
        )
        return False
    finally:
        part.unlink(missing_ok=True)


def _claimed(pk: int) -> AttendanceFile | None:
    now = timezone.now()
    due = AttendanceFile.objects.filter(_due(now), pk=pk)
    claim: dict[str, Any] = {"claim": uuid4(), "claimed_until": now + CLAIM}
    progress = {"rows_written": 0, "error": "", "attempts": F("attempts") + 1}
    if not due.update(state=FileState.MAKING, **claim, **progress):
        return None
    related = ("event", "session", "user", "schedule__event", "schedule__user")
    mine = AttendanceFile.objects.filter(pk=pk, claim=claim["claim"])
    return mine.select_related(*related).first()


@transaction.atomic
def _note_failure(file: AttendanceFile, reason: str) -> None:
    """A planned file is tried again later, until its plan has failed too often."""
    if not _still_ours(file).exists():
        return
    again = was_not_made(file, timezone.now())
    if again:
        _still_ours(file).update(state=FileState.WAITING, not_before=again, attempts=0)
        return
    _still_ours(file).update(state=FileState.FAILED, error=reason[:300])


def _make(file: AttendanceFile, part: Path) -> bool:
    part.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    table = replace(table_of(file), in_background=True)
    if not file.rows_expected:
        _still_ours(file).update(rows_expected=expected_rows(table))
    with part.open("xb") as out:
        part.chmod(0o600)
        out.writelines(_pieces(file, table, _watch(file)))
    size = part.stat().st_size
    if not _still_ours(file).exists():
        return False
    part.replace(path_of(file.uuid))
    if _finish(file, table, size):
        return True
    # Cancelled in this moment; but if another worker has it ready, it is that one's now.
    if not AttendanceFile.objects.filter(pk=file.pk, state=FileState.READY).exists():
        path_of(file.uuid).unlink(missing_ok=True)
    return False


@transaction.atomic
def _finish(file: AttendanceFile, table: ExportTable, size: int) -> bool:
    """The file is there, and whoever planned it is told."""
    file.expires_at = timezone.now() + (KEPT_PLANNED if file.schedule else KEPT)
    ready = _still_ours(file).update(
        state=FileState.READY,
        name=f"{table.name}.{file.form}",
        size_bytes=size,
        expires_at=file.expires_at,
    )
    if ready:
        was_made(file)
    return bool(ready)


def _pieces(
    file: AttendanceFile, table: ExportTable, watch: Callable[[int], None]
) -> Iterator[bytes]:
    form, made_by = FileForm(file.form), str(file.user)
    return file_pieces(table, form, made_by=made_by, now=timezone.now(), bom=file.bom, watch=watch)


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
