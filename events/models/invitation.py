"""Personal invitations to an event."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from events.constraints import PlainText
from events.models.base import Identified
from events.models.event import Event
from events.models.fields import LineField
from events.models.people import User


class InvitationState(models.TextChoices):
    OPEN = "open", _("Open")
    USED = "used", _("Accepted")
    EXPIRED = "expired", _("Expired")
    REVOKED = "revoked", _("Revoked")


class Invitation(Identified):
    """Lets whoever signs in with one address register, once, whoever else may.

    ``key`` is what the personal link is made of; a new one makes earlier links worthless.
    """

    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="invitations")
    email = models.EmailField(_("e-mail address"), max_length=254)
    name = LineField(max_length=150, blank=True)
    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    invited_by = models.ForeignKey(
        User, on_delete=models.SET_NULL, null=True, related_name="+", editable=False
    )
    sent_at = models.DateTimeField(default=timezone.now, editable=False)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, editable=False)
    used_by = models.ForeignKey(
        User, on_delete=models.SET_NULL, null=True, related_name="invitations", editable=False
    )
    revoked_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        ordering = ["-sent_at", "-pk"]
        constraints = [
            models.UniqueConstraint("event", Lower("email"), name="invitation_once_an_address"),
            PlainText(name="invitation_plain_text", lines=("email", "name")),
        ]

    def __str__(self) -> str:
        return f"{self.email} to {self.event}"

    @property
    def state(self) -> InvitationState:
        if self.used_at:
            return InvitationState.USED
        if self.revoked_at:
            return InvitationState.REVOKED
        is_over = self.expires_at <= timezone.now()
        return InvitationState.EXPIRED if is_over else InvitationState.OPEN
