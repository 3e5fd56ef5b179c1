"""Files of attendance: columns kept by name, files that are planned or made, who took which."""

from __future__ import annotations

import uuid
from datetime import time

from django.conf import settings
from django.core.validators import MaxValueValidator
from django.db import models
from django.utils import timezone
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext_lazy as _

from events.models import Event, Session
from events.models.fields import LineField

MOST_HOURS_AFTER = 30 * 24


class FileState(models.TextChoices):
    """Where a file is between being asked for and being gone."""

    WAITING = "waiting", _("Waiting")
    MAKING = "making", _("Being made")
    READY = "ready", _("Ready")
    FAILED = "failed", _("Failed")
    CANCELLED = "cancelled", _("Cancelled")
    GONE = "gone", _("Expired or withdrawn")


class FileForm(models.TextChoices):
    """Which kind of file."""

    CSV = "csv", _("CSV")
    XLSX = "xlsx", _("Excel workbook")
    PARQUET = "parquet", _("Parquet")


class ColumnPreset(models.Model):
    """Columns of a file under a name: one analyst's own, or for all analysts of the event."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="column_presets")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="column_presets"
    )
    name = LineField(max_length=80)
    level = models.CharField(max_length=8)
    columns: models.JSONField[list[str], list[str]] = models.JSONField(default=list)
    is_shared = models.BooleanField(default=False)

    class Meta:
        ordering = ["name", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["event", "user", "name"], name="preset_of_person"),
            # export_attendance knows them by their names alone.
            models.UniqueConstraint(
                fields=["event", "name"],
                condition=models.Q(is_shared=True),
                name="preset_of_event",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Repetition(models.TextChoices):
    """How often a planned file is made."""

    DAILY = "daily", _("Every day")
    WEEKLY = "weekly", _("Every week")
    AFTER_END = "after_end", _("Once, after the end of the event")


class ScheduleState(models.TextChoices):
    """Whether a planned file is made when its time comes."""

    ACTIVE = "active", _("Active")
    PAUSED = "paused", _("Paused")
    STOPPED = "stopped", _("Stopped")
    DONE = "done", _("Done")


class FileSchedule(models.Model):
    """A file that is made again and again, or once, for the person who planned it.

    ``at`` and ``weekday`` (0 is Monday) are of the event's zone. ``next_run_at`` is when the
    next file is due: whoever moves it on makes that file, so each is made once.
    """

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="file_schedules")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="file_schedules"
    )
    level = models.CharField(max_length=8)
    form = models.CharField(max_length=8, choices=FileForm.choices)
    show = models.CharField(max_length=8)
    bom = models.BooleanField(default=False)
    columns: models.JSONField[list[str], list[str]] = models.JSONField(default=list, blank=True)
    preset = models.ForeignKey(
        ColumnPreset, on_delete=models.SET_NULL, null=True, blank=True, related_name="schedules"
    )
    reason = LineField(max_length=300, blank=True)
    repeats = models.CharField(max_length=10, choices=Repetition.choices)
    at = models.TimeField(default=time(6))
    weekday = models.PositiveSmallIntegerField(choices=list(WEEKDAYS.items()), default=0)
    hours_after = models.PositiveSmallIntegerField(
        default=24, validators=[MaxValueValidator(MOST_HOURS_AFTER)]
    )
    planned_at = models.DateTimeField(default=timezone.now)
    state = models.CharField(
        max_length=8, choices=ScheduleState.choices, default=ScheduleState.ACTIVE
    )
    next_run_at = models.DateTimeField(null=True)
    failures = models.PositiveSmallIntegerField(default=0)
    stopped_because = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["-planned_at", "-pk"]
        indexes = [models.Index(fields=["state", "next_run_at"], name="schedules_by_turn")]

    def __str__(self) -> str:
        return f"{self.event}: {self.level}, {self.form}, {self.repeats}"


class AttendanceFile(models.Model):
    """A file that a worker makes, for the person who asked for it or planned it.

    It lies in EXPORT_DIR under its ``uuid`` while it is READY. ``claim`` is the worker's that
    makes it: whoever finds another one there stops. ``attempts`` counts claims, and those that
    end without a word are of workers that died. Not before ``not_before``.
    """

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="attendance_files")
    session = models.ForeignKey(
        Session, on_delete=models.CASCADE, null=True, blank=True, related_name="attendance_files"
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="attendance_files"
    )
    schedule = models.ForeignKey(
        FileSchedule, on_delete=models.SET_NULL, null=True, blank=True, related_name="files"
    )
    due_at = models.DateTimeField(null=True)
    level = models.CharField(max_length=8)
    form = models.CharField(max_length=8, choices=FileForm.choices)
    show = models.CharField(max_length=8)
    bom = models.BooleanField(default=False)
    columns: models.JSONField[list[str], list[str]] = models.JSONField(default=list, blank=True)
    reason = LineField(max_length=300, blank=True)
    asked_at = models.DateTimeField(default=timezone.now)
    state = models.CharField(max_length=10, choices=FileState.choices, default=FileState.WAITING)
    claim = models.UUIDField(null=True, editable=False)
    claimed_until = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    not_before = models.DateTimeField(null=True)
    rows_expected = models.PositiveIntegerField(default=0)
    rows_written = models.PositiveIntegerField(default=0)
    size_bytes = models.PositiveBigIntegerField(default=0)
    name = models.CharField(max_length=300, blank=True)
    error = models.CharField(max_length=300, blank=True)
    expires_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-asked_at", "-pk"]
        indexes = [models.Index(fields=["state", "asked_at"], name="files_by_state")]
        constraints = [
            models.UniqueConstraint(fields=["schedule", "due_at"], name="file_once_per_due_time")
        ]

    def __str__(self) -> str:
        return f"{self.name or self.uuid} ({self.get_state_display()})"

    @property
    def is_under_way(self) -> bool:
        """Whether it can still be cancelled."""
        return self.state in (FileState.WAITING, FileState.MAKING)


class FileDownload(models.Model):
    """Somebody took a file. Kept with the event, whatever becomes of the file."""

    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="file_downloads")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        related_name="file_downloads",
    )
    name = models.CharField(max_length=300)
    privacy = models.CharField(max_length=16)
    reason = LineField(max_length=300, blank=True)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-at", "-pk"]

    def __str__(self) -> str:
        return f"{self.name}, {self.at:%Y-%m-%d %H:%M}"
