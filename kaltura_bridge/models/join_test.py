"""Joining each session as a made-up viewer would, before anybody comes, and who was told."""

from __future__ import annotations

import uuid
from typing import Any

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from events.models import Session


class JoinFault(models.TextChoices):
    """What kept the made-up viewer out."""

    NOT_CONFIGURED = "not_configured", _("Nobody can be signed in")
    NOT_READY = "not_ready", _("Nothing to enter at Kaltura")
    NO_ANSWER = "no_answer", _("No answer")
    SERVER_ERROR = "server_error", _("Error at Kaltura")
    REFUSED = "refused", _("Refused")
    ERROR_TEXT = "error_text", _("The page tells of an error")
    ELSEWHERE = "elsewhere", _("The page leads elsewhere")
    BLOCKED = "blocked", _("Playback is blocked")


class JoinTest(models.Model):
    """The last test of a session. Neither a KS nor an address with one is ever kept.

    ``next_at`` is when it is looked at next, and while somebody looks, when another may take
    over; None: not again by itself. ``told`` is the fault that the team was told last.
    """

    session = models.OneToOneField(
        Session, on_delete=models.CASCADE, related_name="join_test", editable=False
    )
    for_start = models.DateTimeField(help_text=_("The start that it was planned for."))
    next_at = models.DateTimeField(null=True, blank=True, db_index=True)
    looked_at = models.DateTimeField(null=True, blank=True)
    what = models.CharField(max_length=60, blank=True, help_text=_("What was opened."))
    fault = models.CharField(max_length=16, blank=True, choices=JoinFault.choices)
    detail = models.CharField(max_length=300, blank=True)
    told = models.CharField(max_length=16, blank=True, choices=JoinFault.choices)
    alarms = models.PositiveIntegerField(default=0, help_text=_("How often the team was told."))

    class Meta:
        ordering = ["pk"]
        verbose_name = _("join test")

    def __str__(self) -> str:
        return f"Join test of “{self.session}”"


class AlarmCall(models.Model):
    """One alarm on its way to the webhook of the settings, written with what it tells."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    kind = models.CharField(max_length=30)
    payload: models.JSONField[dict[str, Any], dict[str, Any]] = models.JSONField(default=dict)
    created_at = models.DateTimeField(default=timezone.now)
    next_at = models.DateTimeField(
        null=True, blank=True, default=timezone.now, help_text=_("Empty: delivered or given up.")
    )
    attempts = models.PositiveIntegerField(default=0)
    delivered_at = models.DateTimeField(null=True, blank=True)
    trouble = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["pk"]
        indexes = [models.Index(fields=["next_at"], name="alarm_calls_by_turn")]

    def __str__(self) -> str:
        return f"{self.kind} of {self.created_at:%Y-%m-%d %H:%M:%S}"
