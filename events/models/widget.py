"""Which other sites show an event's agenda."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from events.models.event import Event


class FramedBy(models.TextChoices):
    """Who may show the agenda in a frame."""

    NOBODY = "nobody", _("Nobody")
    LISTED = "listed", _("These sites only")
    EVERYBODY = "everybody", _("Every site")


class AgendaWidget(models.Model):
    """Whom an event lets show its agenda; without a row nobody is let."""

    event = models.OneToOneField(
        Event, on_delete=models.CASCADE, primary_key=True, related_name="agenda_widget"
    )
    framed_by = models.CharField(
        _("who may show it"), max_length=10, choices=FramedBy.choices, default=FramedBy.NOBODY
    )
    sites = models.JSONField(
        default=list, help_text=_("Origins, such as https://www.example.org, without a path.")
    )

    def __str__(self) -> str:
        return f"{self.event}"
