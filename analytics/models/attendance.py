"""Attendance computed from reported rows. Can be deleted and computed again at any time."""

from __future__ import annotations

from decimal import Decimal

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from events.models import Event, Session


class CountedAs(models.TextChoices):
    """Among whom somebody is counted: figures speak of the audience, all others stand apart."""

    AUDIENCE = "audience", _("Audience")
    STAGE = "stage", _("On stage")
    STAFF = "staff", _("Staff")
    TEST = "test", _("Test")


def _minutes_of() -> models.DecimalField[Decimal | None, Decimal | None]:
    """The minutes that one source reports of somebody in a session."""
    return models.DecimalField(max_digits=9, decimal_places=2, null=True, blank=True)


class SessionAttendance(models.Model):
    """One person's attendance of one session, computed from all sources (figures/attendance.py).

    There is a row for everyone a source reported; people who never came have none. What
    each number means is defined in metrics.py.
    """

    # Found by the index of the constraint below, which begins with it.
    session = models.ForeignKey(
        Session, on_delete=models.CASCADE, related_name="attendance", db_index=False
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="attendance",
    )
    person_key = models.CharField(
        max_length=300, help_text=_("Who: the account, or else the name at the source.")
    )
    name = models.CharField(max_length=255, blank=True, help_text=_("As reported."))
    email = models.CharField(max_length=255, blank=True, help_text=_("As reported."))
    attended = models.BooleanField(default=False)
    first_joined_at = models.DateTimeField(null=True, blank=True)
    last_left_at = models.DateTimeField(null=True, blank=True)
    present_from = models.DateTimeField(
        null=True, blank=True, help_text=_("The first moment inside the session's window.")
    )
    present_until = models.DateTimeField(
        null=True, blank=True, help_text=_("The last moment inside the session's window.")
    )
    join_count = models.PositiveIntegerField(
        null=True, blank=True, help_text=_("Empty: the source does not tell.")
    )
    minutes_present = models.DecimalField(max_digits=9, decimal_places=2, default=0)
    scheduled_minutes = models.DecimalField(
        max_digits=9,
        decimal_places=2,
        default=0,
        help_text=_("Of them, as the session was planned."),
    )
    scheduled_percent = models.DecimalField(max_digits=4, decimal_places=1, default=0)
    open_interval = models.BooleanField(default=False)
    attention_percent = models.DecimalField(max_digits=4, decimal_places=1, null=True, blank=True)
    live_minutes = models.DecimalField(max_digits=12, decimal_places=2, null=True, blank=True)
    recording_minutes = models.DecimalField(max_digits=12, decimal_places=2, null=True, blank=True)
    # What each source alone says of the minutes present; empty where it does not know the person.
    newrow_minutes = _minutes_of()
    report_minutes = _minutes_of()
    engagement_minutes = _minutes_of()
    realtime_minutes = _minutes_of()
    portal_minutes = _minutes_of()
    sources = models.CharField(max_length=60, help_text=_("With + between."))
    matched_by = models.CharField(max_length=12, blank=True)
    counted_as = models.CharField(
        max_length=8, choices=CountedAs.choices, default=CountedAs.AUDIENCE
    )
    pulled_at = models.DateTimeField(help_text=_("The oldest of the reports this rests on."))

    class Meta:
        ordering = ["session", "pk"]
        verbose_name_plural = _("session attendance")
        constraints = [
            models.UniqueConstraint(
                fields=["session", "person_key"], name="attendance_once_a_person"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user or self.name or 'Guest'}: {self.minutes_present} min"


class EventReport(Event):
    """An event as analysts see it: a proxy without a table, for a section of the admin."""

    class Meta:
        proxy = True
        verbose_name = _("attendance report")
        verbose_name_plural = _("attendance reports")
