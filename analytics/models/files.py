"""Files made in the background, and who took which file and why."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from events.models import Event, Session
from events.models.fields import LineField


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


class AttendanceFile(models.Model):
    """A file that a worker makes, for the person who asked for it.

    It lies in EXPORT_DIR under its ``uuid`` while it is READY. ``claim`` is the worker's that
    makes it: whoever finds another one there stops.
    """

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="attendance_files")
    session = models.ForeignKey(
        Session, on_delete=models.CASCADE, null=True, blank=True, related_name="attendance_files"
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="attendance_files"
    )
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
    rows_expected = models.PositiveIntegerField(default=0)
    rows_written = models.PositiveIntegerField(default=0)
    size_bytes = models.PositiveBigIntegerField(default=0)
    name = models.CharField(max_length=300, blank=True)
    error = models.CharField(max_length=300, blank=True)
    expires_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-asked_at", "-pk"]
        indexes = [models.Index(fields=["state", "asked_at"], name="files_by_state")]

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
