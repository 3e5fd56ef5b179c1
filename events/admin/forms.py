"""The forms in which managers plan: times in the event's zone, mistakes in plain words."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from events.admin.generics import InlineFormSet, ModelChoiceField, ModelForm
from events.admin.times import ZonedDateTimeField
from events.models import Event, Session, Track

KEEP_LOCAL, KEEP_INSTANTS = "local", "instants"


@lru_cache
def zone_choices() -> list[tuple[str, str]]:
    """Every zone there is; the start is blank, so that nobody plans in a zone unawares."""
    return [
        ("", _("Choose a time zone")),
        *((name, name) for name in sorted(available_timezones())),
    ]


class EventForm(ModelForm):
    timezone = forms.ChoiceField(label=gettext_lazy("Time zone"), choices=zone_choices)
    when_zone_changes = forms.ChoiceField(
        label=gettext_lazy("If you change the time zone"),
        choices=[
            (KEEP_LOCAL, gettext_lazy("keep local times: 09:00 stays 09:00, in the new zone")),
            (
                KEEP_INSTANTS,
                gettext_lazy("keep the actual moments: 09:00 becomes another time of day"),
            ),
        ],
        initial=KEEP_LOCAL,
        required=False,
        widget=forms.RadioSelect,
    )

    class Meta:
        model = Event
        # The admin narrows them to its fieldsets.
        exclude: tuple[str, ...] = ()
        widgets = {
            "accent_color": forms.TextInput(attrs={"type": "color"}),
            "starts_on": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
            "ends_on": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        }

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean() or self.cleaned_data
        first, last = cleaned.get("starts_on"), cleaned.get("ends_on")
        if first and last and last < first:
            self.add_error(
                "ends_on",
                _("The last day is before the first day, %(first)s.")
                % {"first": f"{first:%Y-%m-%d}"},
            )
        return cleaned


class KnownChoiceField(ModelChoiceField):
    """A choice among objects that were read already, so that no row asks for its own again."""

    known: Mapping[str, models.Model] = MappingProxyType({})

    def to_python(self, value: Any) -> Any:
        found = self.known.get(str(value))
        return super().to_python(value) if found is None else found


class LabelledFormSet(InlineFormSet):
    """Rows of a table whose inputs say what they are, not only their column's heading."""

    def add_fields(self, form: Any, index: int | None) -> None:
        super().add_fields(form, index)
        self._know_row(form)
        row = "" if index is None else f", row {index + 1}"
        for name, field in form.fields.items():
            if not field.widget.is_hidden:
                label = field.label or name.replace("_", " ")
                # The admin wraps selects; the wrapper's own attributes are shared by all rows.
                widget = getattr(field.widget, "widget", field.widget)
                widget.attrs.setdefault("aria-label", f"{label}{row}")

    def _know_row(self, form: Any) -> None:
        """The formset read the row itself; Django's field for its key would read it once more."""
        row = form.instance
        key = row._meta.pk.name
        if row.pk and isinstance(field := form.fields.get(key), forms.ModelChoiceField):
            known = KnownChoiceField(
                field.queryset, initial=field.initial, required=False, widget=forms.HiddenInput
            )
            known.known = {str(row.pk): row}
            form.fields[key] = known


class TrackForm(ModelForm):
    class Meta:
        model = Track
        fields = ("name", "color", "position", "main_stage")
        widgets = {"color": forms.TextInput(attrs={"type": "color"})}


class EventScopedForm(ModelForm):
    """The event is fixed and so not in the form, but what must be unique in it still is.

    Django offers no public way to say so: it checks only what is among the form's fields.
    """

    def _get_validation_exclusions(self) -> set[str]:
        excluded: set[str] = super()._get_validation_exclusions()  # type: ignore[misc]
        return excluded - {"event"}


class SessionForm(EventScopedForm):
    """``event`` is set by the admin's subclass for the form's event; None: not chosen yet."""

    planned_event: Event | None = None

    starts_at = ZonedDateTimeField(label=gettext_lazy("Starts"))
    ends_at = ZonedDateTimeField(label=gettext_lazy("Ends"))

    class Meta:
        model = Session
        exclude: tuple[str, ...] = ()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if event := self.planned_event:
            self._plan_in(event)

    def _plan_in(self, event: Event) -> None:
        for field in self.fields.values():
            if isinstance(field, ZonedDateTimeField):
                field.zone = event.zone
                field.label = f"{field.label} ({event.timezone})"
        track = self.fields.get("track")
        if isinstance(track, forms.ModelChoiceField):
            track.queryset = event.tracks.all()
        if "event" in self.fields and not self.instance.pk:
            self.instance.event = event

    def _get_validation_exclusions(self) -> set[str]:
        """``clean`` compares the times; to ask the database as well would cost three queries."""
        return super()._get_validation_exclusions() | {"ends_at"}

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean() or self.cleaned_data
        self._keep_untouched_times(cleaned)
        start, end = cleaned.get("starts_at"), cleaned.get("ends_at")
        if start and end and end <= start:
            zone = (self.planned_event or cleaned["event"]).zone
            self.add_error(
                "ends_at",
                _("The end must be after the start, %(astimezone)s.")
                % {"astimezone": f"{start.astimezone(zone):%Y-%m-%d %H:%M}"},
            )
        return cleaned

    def _keep_untouched_times(self, cleaned: dict[str, Any]) -> None:
        """Seconds, and which of two equal hours in autumn, are not in the inputs."""
        for name in ("starts_at", "ends_at"):
            if self.instance.pk and name in cleaned and name not in self.changed_data:
                cleaned[name] = getattr(self.instance, name)
