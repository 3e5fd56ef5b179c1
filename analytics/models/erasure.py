"""Whose names are not kept: who did not agree, and who was erased, with the receipt of that."""

from __future__ import annotations

import uuid
from typing import Any

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from events.models import Event, Session


class RecordingConsent(models.Model):
    """Whether an event may keep somebody's attendance by name; the last answer counts.

    What follows from it is decided in privacy/consent.py.
    """

    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="recording_consents")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="recording_consents"
    )
    is_given = models.BooleanField()
    answered_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["event", "user"], name="recording_asked_once_a_person"),
        ]

    def __str__(self) -> str:
        return f"{self.user}: {'yes' if self.is_given else 'no'}"


class StageStandIn(models.Model):
    """An unnamed account that stands for somebody who was on stage in this session.

    Their attendance counts apart, as it did before; the speaker's page leads to nobody.
    """

    session = models.ForeignKey(Session, on_delete=models.CASCADE, related_name="stage_stand_ins")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="stage_stand_ins"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["session", "user"], name="stage_stand_in_once"),
        ]

    def __str__(self) -> str:
        return f"{self.user} was on stage in {self.session}"


class WithheldIdentity(models.Model):
    """Somebody whom sources still report by an id or address, and who was erased here.

    ``digest`` is keyed: it recognises the id when it is reported again, and tells it to
    nobody. ``user`` is the unnamed account that stands for the person in ``event``; the
    row without an event says that there is to be one wherever they are reported next.
    """

    event = models.ForeignKey(
        Event, on_delete=models.CASCADE, null=True, related_name="withheld_identities"
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        null=True,
        related_name="withheld_identities",
    )
    digest = models.CharField(max_length=64)
    person = models.UUIDField(
        help_text=_("The same for all ids of one person; means nothing else.")
    )
    since = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("withheld identity")
        verbose_name_plural = _("withheld identities")
        constraints = [
            models.UniqueConstraint(fields=["event", "digest"], name="withheld_once_an_event"),
            models.UniqueConstraint(
                fields=["digest"], condition=models.Q(event=None), name="withheld_once_everywhere"
            ),
        ]

    def __str__(self) -> str:
        return f"Withheld since {self.since:%Y-%m-%d}"


class KnownSignIn(models.Model):
    """Whose an id of Kaltura's is, where one source told it together with a person's address.

    Where names may be hidden nothing received is kept, so this is what recognises the id in a
    source that tells no address: else its row would be another person beside them. ``digest``
    is keyed, as in WithheldIdentity. It leads from no token to anybody.
    """

    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="known_sign_ins")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="known_sign_ins"
    )
    digest = models.CharField(max_length=64)
    since = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("known sign-in")
        constraints = [
            models.UniqueConstraint(fields=["event", "digest"], name="known_sign_in_once"),
        ]

    def __str__(self) -> str:
        return f"Known since {self.since:%Y-%m-%d}"


class KalturaErasure(models.TextChoices):
    """How far Kaltura is with forgetting somebody."""

    WAITING = "waiting", _("Waiting for Kaltura")
    DONE = "done", _("Deleted at Kaltura")
    UNKNOWN = "unknown", _("Kaltura did not know the person")
    REFUSED = "refused", _("Kaltura refused")


class ErasureReceipt(models.Model):
    """That somebody was erased: who asked, when, which rows, what Kaltura said. Not who it was."""

    number = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    by_themselves = models.BooleanField(default=False)
    asked_at = models.DateTimeField(default=timezone.now)
    rows: models.JSONField[dict[str, int], dict[str, int]] = models.JSONField(
        default=dict, help_text=_("How many rows of which table were changed or deleted.")
    )
    kaltura_state = models.CharField(
        max_length=8, choices=KalturaErasure.choices, default=KalturaErasure.WAITING
    )
    kaltura_user_id = models.CharField(
        max_length=64,
        blank=True,
        editable=False,
        help_text=_("Kept only until Kaltura has answered."),
    )
    kaltura_log: models.JSONField[list[dict[str, Any]], list[dict[str, Any]]] = models.JSONField(
        default=list, help_text=_("What was asked, and answered, when.")
    )
    next_try_at = models.DateTimeField(null=True, blank=True, db_index=True)

    class Meta:
        ordering = ["-asked_at", "-pk"]
        verbose_name = _("erasure receipt")

    def __str__(self) -> str:
        return f"Erasure {self.number}"
