"""The portal's own record of who is on a session's page: its switch."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from events.models import Event


class PresenceSetting(models.Model):
    """Whether an event's join pages may note who is there, with each person's consent."""

    event = models.OneToOneField(Event, on_delete=models.CASCADE, related_name="presence_setting")
    is_on = models.BooleanField(
        _("ask people whether the join page may note their attendance"),
        default=False,
        help_text=_("Nothing is noted about people who have not agreed."),
    )

    class Meta:
        verbose_name = _("presence on the join page")
        verbose_name_plural = _("presence on the join page")

    def __str__(self) -> str:
        return "noted with consent" if self.is_on else "not noted"
