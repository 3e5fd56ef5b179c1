"""What somebody wants to be told."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from events.models.people import User


class NewsPreferences(models.Model):
    """The mails that a person wants; who never chose has no row and gets all of them."""

    user = models.OneToOneField(
        User, on_delete=models.CASCADE, primary_key=True, related_name="news_preferences"
    )
    day_ahead = models.BooleanField(
        _("The day before"),
        default=True,
        help_text=_("One mail a day before, with your sessions of that day."),
    )
    soon = models.BooleanField(
        _("Ten minutes before"),
        default=True,
        help_text=_("When sessions with your star are about to begin."),
    )
    changed = models.BooleanField(
        _("When something changes"),
        default=True,
        help_text=_("When a session with your star is moved or cancelled."),
    )
    recorded = models.BooleanField(
        _("When there is a recording"),
        default=True,
        help_text=_("Once a session with your star can be watched again."),
    )
    afterwards = models.BooleanField(
        _("When an event is over"),
        default=True,
        help_text=_("One mail that asks what the sessions were like that you took part in."),
    )

    def __str__(self) -> str:
        return f"{self.user_id}"
