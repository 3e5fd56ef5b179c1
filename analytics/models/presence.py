"""The portal's own record of who is on a session's page: its switch, and who agreed to it."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone

from events.models import Event


class PresenceSetting(models.Model):
    """Whether an event's join pages may note who is there, with each person's consent."""

    event = models.OneToOneField(Event, on_delete=models.CASCADE, related_name="presence_setting")
    is_on = models.BooleanField(
        "ask people whether the join page may note their attendance",
        default=False,
        help_text="Nothing is noted about people who have not agreed.",
    )

    class Meta:
        verbose_name = "presence on the join page"
        verbose_name_plural = "presence on the join page"

    def __str__(self) -> str:
        return "noted with consent" if self.is_on else "not noted"


class PresenceConsent(models.Model):
    """What somebody answered when the join page asked; the last answer counts."""

    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="presence_consents")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="presence_consents"
    )
    is_given = models.BooleanField()
    answered_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["event", "user"], name="presence_asked_once_a_person"),
        ]

    def __str__(self) -> str:
        return f"{self.user}: {'yes' if self.is_given else 'no'}"
