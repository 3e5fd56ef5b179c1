"""What the planner keeps of an event: rooms, who can when, rules, and what can be undone."""

from __future__ import annotations

from typing import Any

from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from events.bounds import FIRST_MOMENT, LAST_MOMENT
from events.constraints import Backstop, PlainText
from events.models.event import Event
from events.models.fields import LineField
from events.models.people import User
from events.models.session import Speaker


class ConflictLevel(models.TextChoices):
    """What becomes of a conflict of one kind."""

    OFF = "off", _("Off")
    WARNING = "warning", _("Warning")
    BLOCK = "block", _("Not allowed")


class EventRoom(models.Model):
    """A room to plan in, whether or not a session is in it; sessions name it as their room."""

    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="rooms")
    name = LineField(_("room"), max_length=200)
    position = models.PositiveIntegerField(_("position"), default=0)

    class Meta:
        ordering = ["position", "name"]
        constraints = [
            models.UniqueConstraint(
                fields=["event", "name"],
                name="room_name_unique",
                violation_error_message=_("Another room of this event has this name."),
            ),
            PlainText(name="room_plain_text", lines=("name",)),
        ]

    def __str__(self) -> str:
        return self.name


class AvailableHours(models.Model):
    """From when to when somebody, or something, can be planned."""

    starts_at = models.DateTimeField(_("from"))
    ends_at = models.DateTimeField(_("until"))

    class Meta:
        abstract = True
        ordering = ["starts_at", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(ends_at__gt=models.F("starts_at")),
                name="%(class)s_end_after_start",
                violation_error_message=_("The end must be after the start."),
            ),
            Backstop(
                condition=models.Q(starts_at__gte=FIRST_MOMENT, ends_at__lt=LAST_MOMENT),
                name="%(class)s_within_years",
            ),
        ]


class RoomHours(AvailableHours):
    """When a room can be used; one without a row always."""

    room = models.ForeignKey(EventRoom, on_delete=models.CASCADE, related_name="hours")

    class Meta(AvailableHours.Meta):
        pass

    def __str__(self) -> str:
        return f"{self.room}: {self.starts_at:%Y-%m-%d %H:%M} to {self.ends_at:%Y-%m-%d %H:%M}"


class SpeakerHours(AvailableHours):
    """When a person on stage can be there; one without a row always."""

    speaker = models.ForeignKey(Speaker, on_delete=models.CASCADE, related_name="hours")

    class Meta(AvailableHours.Meta):
        pass

    def __str__(self) -> str:
        return f"{self.speaker}: {self.starts_at:%Y-%m-%d %H:%M} to {self.ends_at:%Y-%m-%d %H:%M}"


class PlannerRules(models.Model):
    """What an event asks of its plan; ``levels`` by the kind of conflict, where it is no default.

    ``revision`` goes up with each change of rules, rooms and hours: open planners look again.
    """

    event = models.OneToOneField(
        Event, on_delete=models.CASCADE, primary_key=True, related_name="planner_rules"
    )
    changeover_minutes = models.PositiveSmallIntegerField(
        _("change-over, in minutes"),
        default=0,
        validators=[MaxValueValidator(24 * 60)],
        help_text=_("The least time between two sessions of a room."),
    )
    levels: models.JSONField[dict[str, str], dict[str, str]] = models.JSONField(
        default=dict, blank=True
    )
    revision = models.PositiveIntegerField(default=0, editable=False)

    def __str__(self) -> str:
        return f"Rules of {self.event}"

    @classmethod
    def touch(cls, event: Event) -> None:
        """Rooms, hours or rules of the event are not what they were."""
        if not cls.objects.filter(pk=event.pk).update(revision=F("revision") + 1):
            cls.objects.get_or_create(event=event)


class PlannerStep(models.Model):
    """What one person did in one go, so that they can undo it.

    ``changes`` is a list: the session, and its place ``before`` and ``after``.
    """

    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="planner_steps")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="planner_steps")
    words = models.CharField(max_length=300)
    changes: models.JSONField[list[dict[str, Any]], list[dict[str, Any]]] = models.JSONField(
        default=list
    )
    is_undone = models.BooleanField(default=False)
    made_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return self.words
