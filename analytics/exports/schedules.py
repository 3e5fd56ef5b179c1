"""Planned files: when each is due, and what becomes of a plan whose file was made or was not.

A tick moves ``next_run_at`` on by a conditional update and writes the file's row in the same
transaction: of two workers one does, and whoever dies has done neither. A tick that comes
late makes one file, not one for each time that was missed.
"""

from __future__ import annotations

import logging
from datetime import UTC, datetime, time, timedelta
from typing import Any, Final

from django.db import transaction
from django.db.models import F, Max
from django.utils.translation import gettext as _

from analytics.exports.stored import may_have_files
from analytics.exports.telling import tell_ready, tell_stopped
from analytics.models import AttendanceFile, FileSchedule, FileState, Repetition, ScheduleState
from analytics.privacy.modes import rules_of
from events.models import Event, SessionStatus

logger = logging.getLogger(__name__)

# How long to wait after each failure of the same plan; after one more it is given up.
PAUSES: Final = (
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=12),
)
MOST_FAILURES: Final = len(PAUSES) + 1


# --- When -----------------------------------------------------------------------------


def next_run(schedule: FileSchedule, after: datetime) -> datetime:
    """When the file is due next: on the clock of the event's zone, whatever its offset is then.

    An hour that the clocks skip is read with the offset before (02:30 becomes 03:30); of one
    that comes twice the first is meant, as in events/moving.py. The one file after the event
    may be due before ``after``.
    """
    if schedule.repeats == Repetition.AFTER_END:
        return end_of(schedule.event) + timedelta(hours=schedule.hours_after)
    zone = schedule.event.zone
    today = after.astimezone(zone).date()
    days = (today + timedelta(days=n) for n in range(9))
    if schedule.repeats == Repetition.WEEKLY:
        days = (day for day in days if day.weekday() == schedule.weekday)
    moments = (datetime.combine(day, schedule.at, zone).astimezone(UTC) for day in days)
    return next(moment for moment in moments if moment > after)


def end_of(event: Event) -> datetime:
    """The end of its last session; of an event without any, of its last day."""
    held = event.sessions.filter(status=SessionStatus.PUBLISHED)
    last: datetime | None = held.aggregate(at=Max("ends_at"))["at"]
    midnight = datetime.combine(event.ends_on + timedelta(days=1), time(), event.zone)
    return last or midnight.astimezone(UTC)


def start_due(now: datetime) -> None:
    """Write a file for every plan whose time has come; follow events whose times moved."""
    active = FileSchedule.objects.filter(state=ScheduleState.ACTIVE)
    for schedule in active.select_related("event", "user", "preset"):
        try:
            _tick(schedule, now)
        except Exception:  # one plan's trouble must not hold up the others
            logger.exception("The planned file %s could not be started", schedule.uuid)


def _tick(schedule: FileSchedule, now: datetime) -> None:
    planned, wanted = schedule.next_run_at, next_run(schedule, now)
    once = schedule.repeats == Repetition.AFTER_END
    if planned is not None and planned <= now and not (once and wanted > now):
        _start(schedule, planned, None if once else wanted)
    elif wanted != planned:
        _move_on(schedule, wanted)


def _move_on(schedule: FileSchedule, to: datetime | None, **changes: Any) -> bool:
    """Note the next time; False when somebody else did, or the plan is no longer active."""
    same = FileSchedule.objects.filter(
        pk=schedule.pk, state=ScheduleState.ACTIVE, next_run_at=schedule.next_run_at
    )
    return bool(same.update(next_run_at=to, **changes))


@transaction.atomic
def _start(schedule: FileSchedule, due_at: datetime, following: datetime | None) -> None:
    if reason := _obstacle(schedule):
        _stop(schedule, reason)
        return
    state = ScheduleState.ACTIVE if following else ScheduleState.DONE
    if not _move_on(schedule, following, state=state):
        return
    # What is tried again for an earlier time would say less than this one.
    _drop_waiting(schedule)
    AttendanceFile.objects.create(
        schedule=schedule,
        due_at=due_at,
        event=schedule.event,
        user=schedule.user,
        columns=columns_of(schedule),
        **{name: getattr(schedule, name) for name in ("level", "form", "show", "bom", "reason")},
    )


def columns_of(schedule: FileSchedule) -> list[str]:
    """Those of its preset as it is now, if there still is one that its owner may use."""
    preset = schedule.preset
    if preset is None or preset.level != schedule.level:
        return schedule.columns
    usable = preset.is_shared or preset.user_id == schedule.user_id
    return preset.columns if usable else schedule.columns


def _obstacle(schedule: FileSchedule) -> str:
    """Why nothing may be made for its owner any more; empty if it may."""
    if not may_have_files(schedule.user, schedule.event):
        return _("Its owner may no longer read the figures of the event.")
    if rules_of(schedule.event).names_people and not schedule.reason:
        return _("The file names people by now, and no reason is given. Plan it anew.")
    return ""


# --- What becomes of it -------------------------------------------------------------------


def may_be_made(file: AttendanceFile) -> bool:
    """Whether a planned file is still to be made; if not, its plan stops."""
    if file.schedule is None or not (reason := _obstacle(file.schedule)):
        return True
    _stop(file.schedule, reason)
    return False


def was_made(file: AttendanceFile) -> None:
    """Tell its owner; in the transaction in which the file becomes ready."""
    if file.schedule:
        FileSchedule.objects.filter(pk=file.schedule.pk).update(failures=0)
        tell_ready(file)


def was_not_made(file: AttendanceFile, now: datetime) -> datetime | None:
    """When to try a planned file again; None for never, and after the fifth time it says so."""
    schedule = file.schedule
    if schedule is None:
        return None
    still_there = FileSchedule.objects.filter(pk=schedule.pk)
    if not still_there.update(failures=F("failures") + 1):
        return None
    schedule.refresh_from_db(fields=["failures"])
    if schedule.failures < MOST_FAILURES:
        return now + PAUSES[schedule.failures - 1]
    _stop(schedule, _("It failed five times in a row."))
    tell_stopped(schedule, file)
    return None


def _stop(schedule: FileSchedule, reason: str) -> None:
    FileSchedule.objects.filter(pk=schedule.pk).update(
        state=ScheduleState.STOPPED, stopped_because=reason, next_run_at=None
    )


# --- What its owner does ----------------------------------------------------------------------


def pause(schedule: FileSchedule) -> bool:
    """Make nothing until it is resumed. False if it is not active."""
    active = FileSchedule.objects.filter(pk=schedule.pk, state=ScheduleState.ACTIVE)
    if not active.update(state=ScheduleState.PAUSED, next_run_at=None):
        return False
    _drop_waiting(schedule)
    return True


def resume(schedule: FileSchedule, now: datetime) -> bool:
    """Go on from now, with what was missed left out. False if nothing had ended it."""
    ended = FileSchedule.objects.filter(
        pk=schedule.pk, state__in=[ScheduleState.PAUSED, ScheduleState.STOPPED]
    )
    return bool(
        ended.update(
            state=ScheduleState.ACTIVE,
            # Never a time for which there was a file already.
            next_run_at=max(now, next_run(schedule, now)),
            failures=0,
            stopped_because="",
        )
    )


def delete(schedule: FileSchedule) -> None:
    """Plan it no more. What is made already stays until it expires."""
    with transaction.atomic():
        _drop_waiting(schedule)
        schedule.delete()


def _drop_waiting(schedule: FileSchedule) -> None:
    waiting = AttendanceFile.objects.filter(schedule=schedule, state=FileState.WAITING)
    waiting.update(state=FileState.CANCELLED)
