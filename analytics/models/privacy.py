"""What may be shown of an event's attendance, for how long, and who changed that."""

from __future__ import annotations

import secrets

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from events.models import Event
from events.models.fields import LineField

DEFAULT_GROUP = 5


def new_salt() -> str:
    """32 random bytes as hexadecimal digits."""
    return secrets.token_hex(32)


class PrivacyMode(models.TextChoices):
    """How people stand in reports and files, from the least to the most strict."""

    IDENTIFIED = "identified", _("Identified: names and addresses")
    PSEUDONYMOUS = "pseudonymous", _("Pseudonymous: a code for each person")
    AGGREGATE = "aggregate", _("Aggregate: groups of people only")

    def is_stricter_than(self, other: str) -> bool:
        """Whether this mode shows less than the other."""
        order = list(PrivacyMode)
        return order.index(self) > order.index(PrivacyMode(other))


class RetentionAction(models.TextChoices):
    """What becomes of named attendance when its time is over."""

    PSEUDONYMISE = "pseudonymise", _("Replace names by codes")
    DELETE = "delete", _("Delete what sources reported, too; the figures stay")


class EventPrivacy(models.Model):
    """One event's choice. An event without a row is identified, and keeps what it has."""

    event = models.OneToOneField(
        Event, on_delete=models.CASCADE, related_name="attendance_privacy", editable=False
    )
    mode = models.CharField(
        max_length=12, choices=PrivacyMode.choices, default=PrivacyMode.IDENTIFIED
    )
    minimum_group = models.PositiveSmallIntegerField(
        _("smallest group"),
        default=DEFAULT_GROUP,
        validators=[MinValueValidator(3), MaxValueValidator(100)],
        help_text=_("In the aggregate mode, groups of fewer people are not shown."),
    )
    asks_consent = models.BooleanField(
        _("record by name only with consent"),
        default=False,
        help_text=_("Those who did not agree are counted, and stored without name and address."),
    )
    retention_days = models.PositiveSmallIntegerField(
        _("keep named attendance for"),
        null=True,
        blank=True,
        validators=[MaxValueValidator(3650)],
        help_text=_("Days after the event's last day. Empty: without end."),
    )
    retention_action = models.CharField(
        _("afterwards"),
        max_length=12,
        choices=RetentionAction.choices,
        default=RetentionAction.PSEUDONYMISE,
    )
    retained_at = models.DateTimeField(
        null=True,
        blank=True,
        editable=False,
        help_text=_("When names were replaced or deleted. Attendance is fixed from then on."),
    )
    salt = models.CharField(max_length=64, default=new_salt, editable=False)
    files_valid_from = models.DateTimeField(
        null=True,
        blank=True,
        editable=False,
        help_text=_("Files made before show more than is allowed now."),
    )

    class Meta:
        verbose_name = _("attendance privacy")
        verbose_name_plural = _("attendance privacy")

    def __str__(self) -> str:
        return f"{self.event}: {self.get_mode_display()}"


class PrivacyChange(models.Model):
    """Who changed what may be shown, when, from what to what, and why."""

    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="privacy_changes")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    changed_at = models.DateTimeField(default=timezone.now)
    field = models.CharField(max_length=40)
    before = models.CharField(max_length=40, blank=True)
    after = models.CharField(max_length=40, blank=True)
    reason = LineField(max_length=300, blank=True)

    class Meta:
        ordering = ["-changed_at", "-pk"]
        verbose_name = _("privacy change")

    def __str__(self) -> str:
        return f"{self.field}: {self.before or '–'} → {self.after or '–'}"
