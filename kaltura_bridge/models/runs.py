"""Notifications of Kaltura, and runs of background work that somebody asked for."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class Notification(models.Model):
    """A signed message from Kaltura that was accepted; kept so that a replay is recognised."""

    # An older message is refused: nobody could tell it from a replay.
    KEPT_FOR: ClassVar = timedelta(days=30)

    digest = models.CharField(max_length=64, unique=True)
    received_at = models.DateTimeField(default=timezone.now, db_index=True)
    event_type = models.CharField(max_length=64, blank=True)
    remote_id = models.CharField(max_length=64, blank=True)
    targets = models.PositiveIntegerField(
        default=0, help_text=_("How many objects were queued because of it.")
    )

    class Meta:
        ordering = ["-received_at", "-pk"]

    def __str__(self) -> str:
        return f"{self.event_type} {self.remote_id} at {self.received_at:%Y-%m-%d %H:%M:%S}"


class Checkup(models.Model):
    """A run of the doctor: who asked, when, and a line for each check."""

    asked_at = models.DateTimeField(default=timezone.now, db_index=True)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    finished_at = models.DateTimeField(null=True, blank=True)
    checks: models.JSONField[list[dict[str, Any]], list[dict[str, Any]]] = models.JSONField(
        default=list, blank=True, help_text=_("name, verdict, seen, fix")
    )

    class Meta:
        ordering = ["-asked_at", "-pk"]
        verbose_name = "check-up"

    def __str__(self) -> str:
        return f"check-up of {self.asked_at:%Y-%m-%d %H:%M}"


class PlanRun(models.Model):
    """A plan as it was shown to someone: what a sync of an event would do.

    ``report`` is what ``kaltura_plan --json`` prints; ``fingerprints`` say exactly which
    operations may be applied with this plan; ``result`` is what ``kaltura_sync --json``
    would print after that.
    """

    event_uuid = models.UUIDField(db_index=True)
    asked_at = models.DateTimeField(default=timezone.now)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    made_at = models.DateTimeField(null=True, blank=True)
    report: models.JSONField[dict[str, Any], dict[str, Any]] = models.JSONField(
        default=dict, blank=True
    )
    fingerprints: models.JSONField[list[str], list[str]] = models.JSONField(
        default=list, blank=True
    )
    error = models.TextField(blank=True)
    apply_asked_at = models.DateTimeField(null=True, blank=True)
    applied_at = models.DateTimeField(null=True, blank=True)
    result: models.JSONField[dict[str, Any], dict[str, Any]] = models.JSONField(
        default=dict, blank=True
    )

    class Meta:
        ordering = ["-asked_at", "-pk"]
        verbose_name = "plan"

    def __str__(self) -> str:
        return f"plan of {self.asked_at:%Y-%m-%d %H:%M:%S}"


class OrphanScan(models.Model):
    """A list of orphans as it was shown to someone, and what they chose to delete.

    ``orphans`` are as ``kaltura_orphans --json`` prints them; nothing else can be deleted.
    ``chosen`` are KIND:REMOTE_ID.
    """

    asked_at = models.DateTimeField(default=timezone.now, db_index=True)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    finished_at = models.DateTimeField(null=True, blank=True)
    orphans: models.JSONField[list[dict[str, Any]], list[dict[str, Any]]] = models.JSONField(
        default=list, blank=True
    )
    error = models.TextField(blank=True)
    chosen: models.JSONField[list[str], list[str]] = models.JSONField(default=list, blank=True)
    chosen_at = models.DateTimeField(null=True, blank=True)
    chosen_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    removed_at = models.DateTimeField(null=True, blank=True)
    removals: models.JSONField[list[dict[str, Any]], list[dict[str, Any]]] = models.JSONField(
        default=list, blank=True, help_text=_("The outcome for each chosen object.")
    )

    class Meta:
        ordering = ["-asked_at", "-pk"]
        verbose_name = _("orphan scan")
        verbose_name_plural = _("orphans at Kaltura")

    def __str__(self) -> str:
        return f"orphans of {self.asked_at:%Y-%m-%d %H:%M:%S}"


class LookupVerdict(models.TextChoices):
    """Whether a link may be made to what was looked up."""

    OWN = "own", _("Carries the portal's reference of this object")
    FREE = "free", _("Carries no reference of the portal")
    REFUSED = "refused", _("Not there, or not to be chosen")


class RelinkLookup(models.Model):
    """An object at Kaltura that somebody wants to link to: what it is, and whether they may.

    ``facts`` are pairs of a label and a value, for the person to recognise it by; empty
    where the verdict is a refusal, so that the row tells nothing either.
    """

    FRESH_FOR: ClassVar = timedelta(minutes=10)

    link = models.ForeignKey("RemoteLink", on_delete=models.CASCADE, related_name="lookups")
    remote_id = models.CharField(max_length=64)
    asked_at = models.DateTimeField(default=timezone.now, db_index=True)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+"
    )
    finished_at = models.DateTimeField(null=True, blank=True)
    verdict = models.CharField(max_length=8, choices=LookupVerdict.choices, blank=True)
    carried = models.TextField(blank=True, help_text=_("The reference that it carried."))
    facts: models.JSONField[list[list[str]], list[list[str]]] = models.JSONField(
        default=list, blank=True
    )
    error = models.TextField(blank=True)

    class Meta:
        ordering = ["-asked_at", "-pk"]
        verbose_name = "look-up"

    def __str__(self) -> str:
        return f"look-up of {self.remote_id}"
