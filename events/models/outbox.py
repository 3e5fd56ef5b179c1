"""The mails that the portal owes people, and the addresses that take none."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from events.models.event import Event
from events.models.fields import LineField
from events.models.people import User
from events.models.push import PushSubscription
from events.models.session import Session


class MailState(models.TextChoices):
    WAITING = "waiting", _("Waiting")
    SENDING = "sending", _("Being sent")
    SENT = "sent", _("Sent")
    DROPPED = "dropped", _("Not needed any more")
    FAILED = "failed", _("Failed")
    IN_DOUBT = "in_doubt", _("Perhaps sent")


class OutgoingMail(models.Model):
    """One piece of news for one person; those that belong together leave in one mail.

    It is written in the transaction of what it tells, so neither exists without the other.
    ``key`` names person, kind, thing and its version: the same news is never written twice.
    """

    key = models.CharField(max_length=64, unique=True, editable=False)
    kind = models.CharField(max_length=40)
    user = models.ForeignKey(
        User, on_delete=models.CASCADE, null=True, blank=True, related_name="mails"
    )
    address = models.EmailField(_("address"), max_length=254)
    event = models.ForeignKey(
        Event, on_delete=models.CASCADE, null=True, blank=True, related_name="mails"
    )
    session = models.ForeignKey(
        Session, on_delete=models.CASCADE, null=True, blank=True, related_name="+"
    )
    subscription = models.ForeignKey(
        PushSubscription,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="+",
        help_text=_("The browser that is told instead of a mailbox."),
    )
    about = models.CharField(max_length=200, help_text=_("The thing and its version."))
    context: models.JSONField[dict[str, Any], dict[str, Any]] = models.JSONField(
        default=dict, help_text=_("For the template; emptied once the mail has left.")
    )
    state = models.CharField(max_length=10, choices=MailState.choices, default=MailState.WAITING)
    created_at = models.DateTimeField(default=timezone.now)
    due_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField(
        null=True, blank=True, help_text=_("From then on it says nothing new and is not sent.")
    )
    attempts = models.PositiveIntegerField(default=0)
    holder = models.CharField(max_length=200, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    handed_at = models.DateTimeField(
        null=True, blank=True, help_text=_("When the mail server was first given it.")
    )
    settled_at = models.DateTimeField(null=True, blank=True)
    message_id = models.CharField(max_length=120, blank=True)
    subject = LineField(max_length=250, blank=True)
    reason = LineField(max_length=300, blank=True, help_text=_("Why it was not sent (yet)."))

    class Meta:
        verbose_name = _("mail")
        ordering = ["-created_at", "-pk"]
        indexes = [
            models.Index(fields=["state", "due_at"], name="mails_by_turn"),
            models.Index(fields=["event", "-created_at"], name="mails_of_event"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} for {self.address}"


class RestingAddress(models.Model):
    """An address that mail came back from. The outbox sends it nothing until it is taken out."""

    address = models.EmailField(_("address"), max_length=254)
    reason = LineField(max_length=300, blank=True)
    since = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("resting address")
        verbose_name_plural = _("resting addresses")
        ordering = ["-since"]
        constraints = [
            models.UniqueConstraint(
                Lower("address"),
                name="resting_address_once",
                violation_error_message=_("This address rests already."),
            ),
        ]

    def __str__(self) -> str:
        return self.address
