"""The one-use ticket between a join page and the Kaltura page inside it."""

from __future__ import annotations

from django.conf import settings
from django.db import models


class LaunchTicket(models.Model):
    """The right of one person to enter one session once, in the next two minutes.

    Only a digest is kept, so nobody can enter with what they find in the database.
    join/tickets.py issues and redeems it.
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
