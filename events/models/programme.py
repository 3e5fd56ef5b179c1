"""What attendees have seen of the programme: its version, its sessions, and what changed when."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from events.models.event import Event
from events.models.session import Session


class ProgrammeVersion(models.Model):
    """Counts the changes of an event's programme; goes up with each transaction that has one.

    What was rendered under a version stays right as long as the version is the same.
    """

    event = models.OneToOneField(
        Event, on_delete=models.CASCADE, primary_key=True, related_name="programme_version"
    )
    number = models.PositiveBigIntegerField(default=1)
    changed_at = models.DateTimeField(default=timezone.now)
    announced_at = models.DateTimeField(
        null=True,
        blank=True,
        help_text=_(
            "When the programme was first seen by attendees; what came before is no change."
        ),
    )

    status = models.CharField(
        max_length=12, blank=True, editable=False, help_text=_("The event's, at this version.")
    )
    languages = models.CharField(
        max_length=100,
        blank=True,
        editable=False,
        help_text=_("Into which something of the event is translated: codes with commas between."),
    )

    def __str__(self) -> str:
        return f"{self.event_id}: version {self.number}"


class AnnouncedSession(models.Model):
    """A session as attendees last saw it; there is none for one that they never saw.

    It stays when the session is hidden again, so that ``sequence`` never starts over.
    """

    session = models.OneToOneField(
        Session, on_delete=models.CASCADE, primary_key=True, related_name="announced"
    )
    sequence = models.PositiveIntegerField(
        default=0, help_text=_("How often it changed: the SEQUENCE of RFC 5545 in calendars.")
    )
    title = models.CharField(max_length=250)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    location = models.CharField(max_length=200, blank=True)
    is_cancelled = models.BooleanField(default=False)
    is_shown = models.BooleanField(default=True, help_text=_("Off: hidden again."))
    announced_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"{self.title}, sequence {self.sequence}"


class ProgrammeChange(models.Model):
    """What attendees saw change of one session: a line of the public change log.

    ``before`` and ``after`` are what an AnnouncedSession holds, times as ISO 8601 in UTC;
    None where the session was, or is, not in the programme.
    """

    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="programme_changes")
    session = models.ForeignKey(
        Session, on_delete=models.SET_NULL, null=True, blank=True, related_name="programme_changes"
    )
    version = models.PositiveBigIntegerField()
    changed_at = models.DateTimeField(default=timezone.now)
    before: models.JSONField[dict[str, Any] | None, dict[str, Any] | None] = models.JSONField(
        null=True, blank=True
    )
    after: models.JSONField[dict[str, Any] | None, dict[str, Any] | None] = models.JSONField(
        null=True, blank=True
    )

    told_at = models.DateTimeField(
        null=True, blank=True, help_text=_("When those who starred the session were owed a mail.")
    )

    class Meta:
        ordering = ["-changed_at", "-pk"]
        indexes = [
            models.Index(fields=["event", "-changed_at"], name="changes_of_event"),
            models.Index(
                fields=["changed_at"], condition=models.Q(told_at=None), name="changes_to_tell"
            ),
        ]

    def __str__(self) -> str:
        seen: dict[str, Any] = self.after or self.before or {}
        return f"{seen.get('title', '')}, version {self.version}"


class EventNotice(models.Model):
    """A whole event was cancelled, taken back, or takes place after all."""

    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="notices")
    status = models.CharField(max_length=12, help_text=_("What the event became."))
    happened_at = models.DateTimeField(default=timezone.now)
    told_at = models.DateTimeField(
        null=True, blank=True, help_text=_("When those who planned to come were owed a mail.")
    )

    class Meta:
        ordering = ["-happened_at", "-pk"]
        indexes = [
            models.Index(
                fields=["happened_at"], condition=models.Q(told_at=None), name="notices_to_tell"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.event_id}: {self.status}"
