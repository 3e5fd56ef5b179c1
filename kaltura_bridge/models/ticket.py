"""The one-use ticket between a join page and the Kaltura page inside it."""

from __future__ import annotations

from django.conf import settings
from django.db import models


class LaunchTicket(models.Model):
    """One person's entrance to one session, kept until the ticket would have expired anyway.

    join/tickets.py signs tickets and redeems each of them once: its digest is unique.
    """

    digest = models.CharField(max_length=64, unique=True)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    session = models.ForeignKey("events.Session", on_delete=models.CASCADE, related_name="+")
    expires_at = models.DateTimeField()
    redeemed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["expires_at"]
        indexes = [models.Index(fields=["user", "expires_at"], name="tickets_of_user")]

    def __str__(self) -> str:
        return f"{self.user} to “{self.session}” until {self.expires_at:%H:%M:%S}"
