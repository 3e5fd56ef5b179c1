"""The form in which people on stage say when they can come."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any, Final

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from events.i18n.dates import short_day
from events.models import Event
from events.speakers.availability import Span, hours_token

_SPARE: Final = 3
MOST_ROWS: Final = 40


class SpeakerHoursForm(forms.Form):
    """Rows of a day and two times on the clock of the event; past midnight is the next day."""

    always = forms.BooleanField(label=gettext_lazy("I can always come"), required=False)
    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(
        self, event: Event, spans: Sequence[Span], is_answered: bool, *args: Any, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.event = event
        rows = [row for span in spans for row in _by_day(span, event)]
        self.initial["seen"] = hours_token(spans)
        self.initial["always"] = is_answered and not rows
        days = sorted({*event.days[:MOST_ROWS], *(day for day, _start, _end in rows)})
        choices = [("", "–"), *((day.isoformat(), short_day(day)) for day in days)]
        self.count = len(rows) + _SPARE
        for number in range(self.count):
            self._add_row(number, choices, rows[number] if number < len(rows) else None)

    def _add_row(
        self, number: int, choices: list[tuple[str, str]], row: tuple[date, time, time] | None
    ) -> None:
        clock: dict[str, Any] = {
            "required": False,
            "widget": forms.TimeInput({"type": "time"}, format="%H:%M"),
        }
        said = {"n": number + 1}
        self.fields[f"day_{number}"] = forms.ChoiceField(
            label=_("Day, row %(n)d") % said, choices=choices, required=False
        )
        self.fields[f"from_{number}"] = forms.TimeField(label=_("From, row %(n)d") % said, **clock)
        self.fields[f"until_{number}"] = forms.TimeField(
            label=_("Until, row %(n)d") % said, **clock
        )
        if row:
            self.initial[f"day_{number}"] = row[0].isoformat()
            self.initial[f"from_{number}"], self.initial[f"until_{number}"] = row[1:]

    def rows(self) -> Iterator[tuple[forms.BoundField, forms.BoundField, forms.BoundField]]:
        """The three fields of each row, for the template."""
        for number in range(self.count):
            yield self[f"day_{number}"], self[f"from_{number}"], self[f"until_{number}"]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if self.errors:
            return cleaned
        for number in range(self.count):
            said = [cleaned.get(f"{name}_{number}") for name in ("day", "from", "until")]
            given = [value not in ("", None) for value in said]
            if any(given) and not all(given):
                self.add_error(f"day_{number}", _("A row has a day and two times."))
        has_rows = any(cleaned.get(f"day_{number}") for number in range(self.count))
        if has_rows and cleaned.get("always"):
            text = _("Either you can always come, or at the hours below: empty their rows.")
            self.add_error("always", text)
        elif not has_rows and not cleaned.get("always"):
            self.add_error("always", _("Say when you can come, or that you always can."))
        return cleaned

    def spans(self) -> list[Span]:
        """What the form says, in order, without what stands there twice."""
        found = set()
        for number in range(self.count):
            if not (day := self.cleaned_data[f"day_{number}"]):
                continue
            first = date.fromisoformat(day)
            start, end = (self.cleaned_data[f"{name}_{number}"] for name in ("from", "until"))
            last = first if end > start else first + timedelta(days=1)
            found.add((self._moment(first, start), self._moment(last, end)))
        return sorted(span for span in found if span[0] < span[1])

    def _moment(self, day: date, clock: time) -> datetime:
        return datetime.combine(day, clock, self.event.zone)


def _by_day(span: Span, event: Event) -> Iterator[tuple[date, time, time]]:
    """A span in rows of at most a day each, on the clock of the event."""
    start, end = (moment.astimezone(event.zone) for moment in span)
    for _number in range(MOST_ROWS):
        if start >= end:
            return
        midnight = datetime.combine(start.date() + timedelta(days=1), time(), event.zone)
        # Hours that end in the night after stay one row.
        is_whole = end <= midnight or (end - start) < timedelta(days=1)
        until = end if is_whole else midnight
        yield start.date(), start.time(), until.time()
        start = until
