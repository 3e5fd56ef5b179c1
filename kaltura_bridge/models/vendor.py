"""The vendor's journal: each task of REACH that a worker here took, and how far it came."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from django.db import models
from django.utils.translation import gettext_lazy as _

from kaltura_bridge.leases import Leased


class VendorStep(models.TextChoices):
    """What is done already; whoever takes the job on continues from here."""

    TAKEN = "taken", _("Taken")
    SCHEDULED = "scheduled", _("Scheduled")
    STARTED = "started", _("At work")
    WRITTEN = "written", _("Captions made")
    ATTACHED = "attached", _("Captions at Kaltura")
    READY = "ready", _("Done")
    FAILING = "failing", _("Failed, Kaltura not told yet")
    FAILED = "failed", _("Failed")
    WITHDRAWN = "withdrawn", _("Withdrawn")


class VendorJob(Leased):
    """One task. It is written before Kaltura is told of a step, so that no step is done twice.

    ``key`` is the ``externalTaskId`` at Kaltura, and the mark on what the job makes there.
    ``cues`` are kept only until they are delivered: rows of start, end (ms), text, speaker.
    No access key is ever kept; a worker asks for it anew.
    """

    FINAL = frozenset({VendorStep.READY, VendorStep.FAILED, VendorStep.WITHDRAWN})

    vendor_id = models.PositiveBigIntegerField()
    task_id = models.PositiveBigIntegerField()
    customer_id = models.PositiveBigIntegerField()
    entry_id = models.CharField(max_length=64)
    key = models.UUIDField(default=uuid4, unique=True, editable=False)
    engine = models.CharField(max_length=200)
    step = models.CharField(
        max_length=12, choices=VendorStep.choices, default=VendorStep.TAKEN, db_index=True
    )
    cues: models.JSONField[list[Any], list[Any]] = models.JSONField(default=list, blank=True)
    transcript_id = models.CharField(max_length=64, blank=True)
    output_id = models.CharField(max_length=64, blank=True)
    problem = models.TextField(blank=True)
    attempts = models.PositiveIntegerField(default=0)
    # In how many lists in a row Kaltura did not show the task.
    missed = models.PositiveIntegerField(default=0)
    next_try_at = models.DateTimeField(null=True, blank=True)
    key_made_at = models.DateTimeField(
        null=True, blank=True, help_text=_("When the task's access key was made anew.")
    )
    taken_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-taken_at", "-pk"]
        verbose_name = _("vendor's job")
        constraints = [
            models.UniqueConstraint(fields=["vendor_id", "task_id"], name="one_job_per_task")
        ]

    def __str__(self) -> str:
        return f"task {self.task_id} of account {self.customer_id}"
