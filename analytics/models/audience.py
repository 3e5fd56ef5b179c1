"""What Kaltura's reports say of the audience of a session as a whole; they name nobody."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from events.models import Session


class BroadcastReport(models.Model):
    """One report about one session, as it was read last.

    ``rows`` are pairs of what a row is about (a device, Unix seconds of a minute, "" for
    totals) and its numbers by column; kaltura_bridge.audience.definitions has their units. A
    report that is read no more (realtime ones last some hours), or fails, keeps what it had.
    """

    session = models.ForeignKey(Session, on_delete=models.CASCADE, related_name="broadcast_reports")
    report = models.CharField(max_length=20)
    attempted_at = models.DateTimeField()
    read_at = models.DateTimeField(null=True, blank=True)
    is_lacking = models.BooleanField(
        default=False, help_text=_("The account does not have this report.")
    )
    error = models.CharField(max_length=500, blank=True)
    rows: models.JSONField[list[Any], list[Any]] = models.JSONField(default=list, blank=True)

    class Meta:
        ordering = ["session", "report"]
        verbose_name = _("report about the audience")
        constraints = [
            models.UniqueConstraint(fields=["session", "report"], name="audience_report_once"),
        ]

    def __str__(self) -> str:
        return f"{self.report} of {self.session}"
