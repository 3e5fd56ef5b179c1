"""How current each session's figures are, and the figures as last computed."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from events.models import Event, Session


class StoredFigures(models.Model):
    """One session's figures, and the version of the reported rows that they rest on.

    ``version`` goes up in the transaction of every change to the session's stays and totals
    and to whom they are matched. ``attendance_version`` and ``figures_version`` say for which
    version SessionAttendance and ``figures`` were computed: lower ones are out of date.
    ``basis`` is a digest of what else they rest on: the session's plan and window, its track,
    who was on stage (figures/basis.py).
    """

    session = models.OneToOneField(
        Session, on_delete=models.CASCADE, primary_key=True, related_name="stored_figures"
    )
    version = models.PositiveBigIntegerField(default=0)
    attendance_version = models.PositiveBigIntegerField(default=0)
    figures_version = models.PositiveBigIntegerField(default=0)
    basis = models.CharField(max_length=32, blank=True, editable=False)
    figures: models.JSONField[dict[str, Any], dict[str, Any]] = models.JSONField(
        default=dict, blank=True
    )
    curve: models.JSONField[dict[str, Any], dict[str, Any]] = models.JSONField(
        default=dict, blank=True, help_text=_("The people present in each minute, by source.")
    )

    class Meta:
        verbose_name_plural = _("stored figures")

    def __str__(self) -> str:
        return f"Figures of {self.session_id}, version {self.version}"


class StoredEventFigures(models.Model):
    """One event's figures; ``stamp`` names the versions of the sessions they were made from."""

    event = models.OneToOneField(
        Event, on_delete=models.CASCADE, primary_key=True, related_name="stored_figures"
    )
    stamp = models.CharField(max_length=100, blank=True)
    figures: models.JSONField[dict[str, Any], dict[str, Any]] = models.JSONField(
        default=dict, blank=True
    )
    curve: models.JSONField[dict[str, Any], dict[str, Any]] = models.JSONField(
        default=dict, blank=True, help_text=_("The people present in each minute.")
    )

    class Meta:
        verbose_name_plural = _("stored event figures")

    def __str__(self) -> str:
        return f"Figures of event {self.event_id}"
