"""What the team says to an event's audience while it takes place."""

from __future__ import annotations

from typing import Final
from uuid import uuid4

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from events.models.event import Event
from events.models.fields import LineField
from events.models.session import Session

LONGEST_MESSAGE: Final = 300


class MessageLevel(models.TextChoices):
    INFO = "info", _("Information")
    WARNING = "warning", _("Warning")


class AudienceMessage(models.Model):
    """A sentence on the pages of an event, or of one of its sessions, until a moment.

    ``key`` is made with the form, so a form that is sent twice is one message. ``version`` goes
    up with each correction: of two that were begun at once, the second is refused.
    """

    key = models.UUIDField(default=uuid4, unique=True, editable=False)
    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="audience_messages")
    session = models.ForeignKey(
        Session,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="audience_messages",
        help_text=_("Empty: it stands on the pages of the whole event."),
    )
    text = LineField(max_length=LONGEST_MESSAGE)
    level = models.CharField(max_length=10, choices=MessageLevel.choices, default=MessageLevel.INFO)
    sent_at = models.DateTimeField(default=timezone.now)
    sent_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    ends_at = models.DateTimeField(help_text=_("It is shown until then."))
    ended_at = models.DateTimeField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)
    mail_to = models.CharField(
        max_length=20, blank=True, help_text=_("Who gets it by mail too; empty: nobody.")
    )
    mail_version = models.PositiveIntegerField(
        default=0, help_text=_("The version that is owed to them; 0: none.")
    )
    mailed_version = models.PositiveIntegerField(
        default=0, help_text=_("The version whose mails stand in the outbox.")
    )
    shown = models.PositiveIntegerField(
        default=0, help_text=_("In how many browsers it was shown, as these say.")
    )

    class Meta:
        verbose_name = _("message to the audience")
        verbose_name_plural = _("messages to the audience")
        ordering = ["-sent_at", "-pk"]
        indexes = [
            models.Index(
                fields=["ends_at"],
                condition=models.Q(ended_at=None),
                name="messages_to_end",
            ),
        ]

    def __str__(self) -> str:
        return self.text
