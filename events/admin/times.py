"""Times as managers type and read them: the event's wall clock, with its zone in the label."""

from __future__ import annotations

from datetime import UTC, datetime, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.core.exceptions import ValidationError
from django.utils.functional import lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from events.bounds import YEARS, check_moment
from events.i18n.dates import in_letters
from events.i18n.languages import Words
from events.models import Session
from events.moving import Times


class ZonedDateTimeField(forms.SplitDateTimeField):
    """A date and a time of day in ``zone``; in Python always an aware instant."""

    def __init__(self, *, zone: tzinfo = UTC, **kwargs: Any) -> None:
        self.zone = zone
        label = kwargs.get("label", "")
        kwargs.setdefault(
            "widget",
            forms.SplitDateTimeWidget(
                date_format="%Y-%m-%d",
                time_format="%H:%M",
                date_attrs={
                    "type": "date",
                    "aria-label": _of(gettext_lazy("%(label)s, date"), label),
                },
                time_attrs={
                    "type": "time",
                    "aria-label": _of(gettext_lazy("%(label)s, time of day"), label),
                },
            ),
        )
        super().__init__(**kwargs)

    def prepare_value(self, value: Any) -> Any:
        """As the inputs show it: to the minute."""
        if isinstance(value, datetime) and value.tzinfo:
            return value.astimezone(self.zone).replace(tzinfo=None, second=0, microsecond=0)
        return value

    def has_changed(self, initial: Any, data: Any) -> bool:
        return super().has_changed(self.prepare_value(initial), data)

    def compress(self, data_list: Any) -> datetime | None:
        """Raises ValidationError for an hour that the clocks skip, and for absurd years."""
        if not data_list:
            return None
        day, clock = data_list
        if day in self.empty_values:
            raise ValidationError(_("Choose the date."))
        if clock in self.empty_values:
            raise ValidationError(_("Choose the time of day."))
        typed = datetime.combine(day, clock)
        try:
            instant = typed.replace(tzinfo=self.zone).astimezone(UTC)
        except OverflowError:  # The first and the last day of Python's calendar, in some zones.
            raise ValidationError(
                _("Choose a time in the years %(years)s.") % {"years": YEARS}
            ) from None
        check_moment(instant)
        if instant.astimezone(self.zone).replace(tzinfo=None) != typed:
            raise ValidationError(
                _(
                    "%(typed)s does not exist on %(typed2)s in %(zone)s: the "
                    "clocks go forward there. Choose an hour earlier or later."
                )
                % {"typed": f"{typed:%H:%M}", "typed2": f"{typed:%Y-%m-%d}", "zone": self.zone}
            )
        return instant


def _of(text: Words, label: Words) -> Any:
    """Forms are made once, and speak the language of whoever opens them."""
    return lazy(lambda: str(text) % {"label": label}, str)()


def span(times: Session | Times, zone: ZoneInfo) -> str:
    """From when to when, in the zone, with its name."""
    start, end = (moment.astimezone(zone) for moment in (times.starts_at, times.ends_at))
    until = f"{end:%H:%M}" if start.date() == end.date() else in_letters(end, "D d M H:i")
    return f"{in_letters(start, 'D d M Y, H:i')}–{until} {zone.key}"
