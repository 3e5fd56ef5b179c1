"""Files that somebody brought to be imported, while they are looked at."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from events.models.base import Identified
from events.models.event import Event
from events.models.fields import LineField
from events.models.incoming.sources import ScheduleSource


class IncomingState(models.TextChoices):
    READING = "reading", _("Being read")
    BROKEN = "broken", _("Cannot be read")
    READY = "ready", _("To be looked at")
    SAVING = "saving", _("Being imported")
    SAVED = "saved", pgettext_lazy("a file", "Imported")


class IncomingKind(models.TextChoices):
    SESSIONS = "sessions", _("Sessions")
    SPEAKERS = "speakers", _("Speakers")


class IncomingFile(Identified):
    """A file on its way into an event: what is in it, how it is read, what it would change.

    Private to whoever brought it, or to those who plan the event where it came from an address
    (``source``), and gone after ``expires_at``. ``version`` counts what people
    ask of it, so that an answer to what was asked before is not taken for the last one.
    ``preview`` is for people, and ``fingerprint`` names it: what is saved is what was shown.
    """

    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="incoming_files")
    user = models.ForeignKey(
        "events.User", on_delete=models.CASCADE, null=True, related_name="incoming_files"
    )
    kind = models.CharField(
        max_length=16, choices=IncomingKind.choices, default=IncomingKind.SESSIONS
    )
    name = LineField(max_length=250)
    data = models.BinaryField()
    sheet = models.PositiveSmallIntegerField(null=True)
    columns = models.JSONField(null=True, help_text=_("Field by column; empty: guessed."))
    rules = models.JSONField(default=dict)
    source = models.ForeignKey(
        ScheduleSource,
        on_delete=models.CASCADE,
        null=True,
        related_name="files",
        help_text=_("The address from which it came by itself."),
    )
    applies_itself = models.BooleanField(default=False)
    state = models.CharField(
        max_length=8, choices=IncomingState.choices, default=IncomingState.READING
    )
    version = models.PositiveIntegerField(default=1)
    lease_until = models.DateTimeField(null=True)
    preview = models.JSONField(default=dict)
    fingerprint = models.CharField(max_length=64, blank=True)
    outcome = LineField(max_length=500, blank=True)
    expires_at = models.DateTimeField(db_index=True)

    class Meta:
        ordering = ["-created_at", "-pk"]
        indexes = [
            models.Index(
                fields=["state"],
                condition=models.Q(state__in=["reading", "saving"]),
                name="incoming_at_work",
            )
        ]

    def __str__(self) -> str:
        return self.name


class RememberedColumns(models.Model):
    """What a person said that headers of tables mean, by their folded names; "" for nothing."""

    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="+")
    user = models.ForeignKey("events.User", on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=16, choices=IncomingKind.choices)
    meanings = models.JSONField(default=dict)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["event", "user", "kind"], name="remembered_columns_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.user}: {self.kind}"
