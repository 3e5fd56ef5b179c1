"""What an event chooses about attendance: who is noted, and who was there long enough."""

from __future__ import annotations

from typing import Final

from django.db import models
from django.utils.translation import gettext_lazy as _

from events.models import Event

#: Who was there for so much of the planned minutes was there long enough.
ENOUGH_PERCENT: Final = 80


class PresenceSetting(models.Model):
    """Whether an event's join pages may note who is there, with each person's consent.

    ``enough_percent``: of the planned minutes, for being there long enough in reports.
    """

    event = models.OneToOneField(Event, on_delete=models.CASCADE, related_name="presence_setting")
    is_on = models.BooleanField(
        _("ask people whether the join page may note their attendance"),
        default=False,
        help_text=_("Nothing is noted about people who have not agreed."),
    )
    enough_percent = models.PositiveSmallIntegerField(
        _("long enough, in percent of the planned minutes"),
        choices=[(n, f"{n} %") for n in (50, 60, 70, 75, 80, 90, 100)],
        default=ENOUGH_PERCENT,
        help_text=_(
            "Reports say how many people were there so long. Credits have rules of their own."
        ),
    )

    class Meta:
        verbose_name = _("attendance")
        verbose_name_plural = _("attendance")

    def __str__(self) -> str:
        return "noted with consent" if self.is_on else "not noted"


def enough_percent(event: Event) -> int:
    """The share of the planned minutes that is long enough at this event.

    Asks no query where the event was read with its ``presence_setting``.
    """
    setting: PresenceSetting | None = getattr(event, "presence_setting", None)
    return setting.enough_percent if setting else ENOUGH_PERCENT
