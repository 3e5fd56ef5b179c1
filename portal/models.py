"""The tables of the portal's own."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class HealthProbe(models.Model):
    """A row that /health/ready writes, to see that the database takes changes."""

    written_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"Written at {self.written_at}"


class CodeAttempts(models.Model):
    """How often somebody has tried a mailed code, or had it sent again. See sign_in/attempts.py."""

    pending = models.CharField(max_length=64, unique=True, editable=False)
    used = models.PositiveSmallIntegerField(default=0)
    began_at = models.DateTimeField(default=timezone.now, db_index=True)

    class Meta:
        verbose_name_plural = _("code attempts")

    def __str__(self) -> str:
        return f"{self.used} since {self.began_at}"
