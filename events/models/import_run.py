from __future__ import annotations

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from events.models.event import Event
from events.models.fields import LineField


class ImportState(models.TextChoices):
    RUNNING = "running", _("Running")
    SAVED = "saved", _("Saved")
    REFUSED = "refused", _("Not saved")
    ABANDONED = "abandoned", _("Died or was stopped")


class ImportRun(models.Model):
    """One import of a file into an event: who, when, and what came of it.

    While it runs it is also the event's lease: of one slug one import runs at a time. It
    ends at ``lease_until``, or at once when its process on this machine is gone.
    """

    slug = models.SlugField(max_length=80, help_text=_("The event's; it may not exist yet."))
    event = models.ForeignKey(
        Event, on_delete=models.SET_NULL, null=True, blank=True, related_name="imports"
    )
    file = LineField(max_length=250)
    started_by = LineField(max_length=200, help_text=_("Account, machine and process."))
    started_at = models.DateTimeField(default=timezone.now)
    holder = models.CharField(max_length=200)
    lease_until = models.DateTimeField()
    state = models.CharField(
        max_length=10, choices=ImportState.choices, default=ImportState.RUNNING
    )
    ended_at = models.DateTimeField(null=True, blank=True)
    outcome = LineField(max_length=500, blank=True, help_text=_("As the importer was told."))

    class Meta:
        ordering = ["-started_at", "-pk"]
        verbose_name = "import"
        constraints = [
            models.UniqueConstraint(
                fields=["slug"],
                condition=models.Q(state="running"),
                name="import_one_at_a_time",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.file} into {self.slug}, {self.started_at:%Y-%m-%d %H:%M}"
