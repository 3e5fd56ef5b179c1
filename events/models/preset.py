"""What new sessions of an event begin with."""

from __future__ import annotations

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from events.bounds import LONGEST_SESSION, MOST_PLACES
from events.constraints import PlainText
from events.models.base import Identified
from events.models.event import Event
from events.models.fields import LineField, ProseField
from events.models.session import SessionType

_LONGEST_MINUTES = int(LONGEST_SESSION.total_seconds()) // 60


class SessionPreset(Identified):
    """A kind of session that an event has many of: a talk of 45 minutes, a workshop of 20 people.

    A session made from it has nothing more to do with it.
    """

    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="session_presets")
    name = LineField(_("name"), max_length=80, help_text=_("Such as Talk, Keynote or Workshop."))
    session_type = models.CharField(
        _("type"), max_length=12, choices=SessionType.choices, default=SessionType.WEBCAST
    )
    minutes = models.PositiveIntegerField(
        _("minutes"),
        default=45,
        validators=[MinValueValidator(1), MaxValueValidator(_LONGEST_MINUTES)],
        help_text=_("How long it takes, where no end is typed."),
    )
    location = LineField(_("room"), max_length=200, blank=True)
    language = LineField(_("language"), max_length=16, blank=True)
    capacity = models.PositiveIntegerField(
        _("places"), null=True, blank=True, validators=[MaxValueValidator(MOST_PLACES)]
    )
    abstract = ProseField(_("abstract"), blank=True, help_text=_("What each abstract begins as."))
    description = ProseField(_("description"), blank=True)
    position = models.PositiveSmallIntegerField(_("position"), default=0)

    class Meta:
        ordering = ["event", "position", "name", "pk"]
        verbose_name = _("session preset")
        verbose_name_plural = _("session presets")
        constraints = [
            models.UniqueConstraint(
                fields=["event", "name"],
                name="session_preset_name_unique",
                violation_error_message=_("Another preset of this event has this name."),
            ),
            PlainText(
                name="session_preset_plain_text",
                lines=("name", "location", "language"),
                texts=("abstract", "description"),
            ),
        ]

    def __str__(self) -> str:
        return self.name
