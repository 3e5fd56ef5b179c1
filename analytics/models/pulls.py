"""What the pulls did: how complete each session's attendance is, and what went wrong."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from analytics.models.raw import Source
from events.models import Event, Session


class Coverage(models.Model):
    """How much of what one source has on one session was read. Pages state it beside figures.

    ``error`` is about the last attempt; the counts are those of the last one that worked.
    """

    session = models.ForeignKey(Session, on_delete=models.CASCADE, related_name="coverage")
    source = models.CharField(max_length=12, choices=Source.choices)
    attempted_at = models.DateTimeField()
    pulled_at = models.DateTimeField(null=True, blank=True, help_text=_("Last pull that worked."))
    expected_runs = models.PositiveIntegerField(default=0, help_text=_("Of the room, or 0."))
    pulled_runs = models.PositiveIntegerField(default=0)
    expected_rows = models.PositiveIntegerField(
        default=0, help_text=_("As the source counts them.")
    )
    pulled_rows = models.PositiveIntegerField(default=0)
    rejected_rows = models.PositiveIntegerField(default=0, help_text=_("That could not be read."))
    disagreement = models.TextField(
        blank=True, help_text=_("How the rows and the source's own total differ in minutes.")
    )
    is_shared = models.BooleanField(
        default=False,
        help_text=_("Something is said of several sessions together, and counts at none of them."),
    )
    error = models.TextField(blank=True)

    class Meta:
        ordering = ["session", "source"]
        verbose_name_plural = "coverage"
        constraints = [
            models.UniqueConstraint(fields=["session", "source"], name="coverage_once_a_source"),
        ]

    def __str__(self) -> str:
        return f"{self.get_source_display()}: {self.pulled_rows} of {self.expected_rows} rows"

    @property
    def is_complete(self) -> bool:
        """Whether everything that the source had at ``pulled_at`` was read."""
        return (
            self.pulled_at is not None
            and self.pulled_runs == self.expected_runs
            and self.pulled_rows == self.expected_rows
            and not self.rejected_rows
            and not self.disagreement
        )


class Trigger(models.TextChoices):
    """What started a pull."""

    BEAT = "beat", _("Schedule")
    COMMAND = "command", _("Command")
    PERSON = "person", _("Someone in the admin")


class PullRun(models.Model):
    """One pull over many sessions: a line in the history."""

    trigger = models.CharField(max_length=8, choices=Trigger.choices)
    event = models.ForeignKey(
        Event,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        help_text=_("Empty: all events."),
    )
    since = models.DateTimeField(null=True, blank=True)
    until = models.DateTimeField()
    started_at = models.DateTimeField(default=timezone.now, db_index=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    sessions = models.PositiveIntegerField(default=0)
    runs = models.PositiveIntegerField(default=0)
    stays = models.PositiveIntegerField(default=0)
    totals = models.PositiveIntegerField(default=0)
    new = models.PositiveIntegerField(default=0)
    changed = models.PositiveIntegerField(default=0)
    rejected = models.PositiveIntegerField(default=0)
    unmatched_people = models.PositiveIntegerField(default=0)
    unmatched_runs = models.PositiveIntegerField(default=0)
    incomplete: models.JSONField[list[dict[str, Any]], list[dict[str, Any]]] = models.JSONField(
        default=list, blank=True
    )
    errors: models.JSONField[list[dict[str, str]], list[dict[str, str]]] = models.JSONField(
        default=list, blank=True
    )

    class Meta:
        ordering = ["-started_at", "-pk"]
        verbose_name = "pull"

    def __str__(self) -> str:
        return f"Pull of {self.started_at:%Y-%m-%d %H:%M:%S}"


class SessionPull(models.Model):
    """What one pull saw of one session at one source: a line in the session's history."""

    session = models.ForeignKey(Session, on_delete=models.CASCADE, related_name="pulls")
    source = models.CharField(max_length=12, choices=Source.choices)
    asked_at = models.DateTimeField(db_index=True)
    finished_at = models.DateTimeField()
    runs = models.PositiveIntegerField(default=0)
    expected_rows = models.PositiveIntegerField(
        default=0, help_text=_("As the source counts them.")
    )
    pulled_rows = models.PositiveIntegerField(default=0)
    new = models.PositiveIntegerField(default=0)
    changed = models.PositiveIntegerField(default=0)
    rejected = models.PositiveIntegerField(default=0)
    error = models.TextField(blank=True)

    class Meta:
        ordering = ["-asked_at", "-pk"]
        verbose_name = _("session's pull")
        indexes = [models.Index(fields=["session", "source", "asked_at"], name="pulls_of_session")]

    def __str__(self) -> str:
        return f"{self.get_source_display()}, {self.asked_at:%Y-%m-%d %H:%M:%S}"


class RejectedRow(models.Model):
    """A reported row that could not be read, kept until somebody deletes it.

    The same row reported again changes only ``last_seen_at``.
    """

    event = models.ForeignKey(
        Event,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        help_text=_("Whose session was asked about."),
    )
    source = models.CharField(max_length=12, choices=Source.choices)
    place = models.CharField(
        max_length=64, help_text=_("The room's or webcast's entry at Kaltura.")
    )
    run = models.CharField(max_length=64, blank=True)
    field = models.CharField(max_length=64)
    reason = models.CharField(max_length=500)
    raw: models.JSONField[dict[str, Any], dict[str, Any]] = models.JSONField(default=dict)
    digest = models.CharField(max_length=64, unique=True, editable=False)
    first_seen_at = models.DateTimeField(default=timezone.now)
    last_seen_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-last_seen_at", "-pk"]
        verbose_name = _("rejected row")

    def __str__(self) -> str:
        return f"{self.get_source_display()} {self.place}: {self.field} {self.reason}"
