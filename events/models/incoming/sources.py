"""Where an event's programme is published elsewhere, and how it comes from there."""

from __future__ import annotations

from datetime import timedelta

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from events.models.event import Event
from events.models.fields import LineField


class LookEvery(models.IntegerChoices):
    """In minutes."""

    QUARTER = 15, _("every 15 minutes")
    HOUR = 60, _("every hour")
    SIX_HOURS = 360, _("every 6 hours")
    DAY = 1440, _("once a day")


class ScheduleSource(models.Model):
    """An address that is looked at now and then; what has changed there waits for a yes.

    ``digest`` and ``tag`` name what was last taken from there. After ``failures`` in a row it
    stops (``next_at`` is empty) until somebody starts it again.
    """

    event = models.OneToOneField(
        Event, on_delete=models.CASCADE, primary_key=True, related_name="schedule_source"
    )
    url = models.URLField(_("address"), max_length=1000)
    every_minutes = models.PositiveIntegerField(
        _("look"), choices=LookEvery.choices, default=LookEvery.HOUR
    )
    applies_itself = models.BooleanField(_("import changes by itself"), default=False)
    rules = models.JSONField(default=dict)
    tag = models.CharField(max_length=500, blank=True)
    digest = models.CharField(max_length=64, blank=True)
    failures = models.PositiveIntegerField(default=0)
    last_error = LineField(max_length=300, blank=True)
    looked_at = models.DateTimeField(null=True)
    changed_at = models.DateTimeField(null=True)
    next_at = models.DateTimeField(null=True, default=timezone.now, db_index=True)
    updated_at = models.DateTimeField(auto_now=True)

    def __str__(self) -> str:
        return self.url

    @property
    def every(self) -> timedelta:
        return timedelta(minutes=self.every_minutes)

    @property
    def is_stopped(self) -> bool:
        return self.next_at is None
