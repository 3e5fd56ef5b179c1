"""The one table of the portal's own."""

from django.db import models


class HealthProbe(models.Model):
    """A row that /health/ready writes, to see that the database takes changes."""

    written_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"Written at {self.written_at}"
