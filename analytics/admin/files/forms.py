"""Which file, which columns, how often."""

from __future__ import annotations

from datetime import time
from typing import Any, Final

from django import forms
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from analytics.admin.reports.session import FILTER_LABELS
from analytics.exports import ExportLevel
from analytics.exports.columns import COLUMNS
from analytics.exports.parquet import is_available, why_unavailable
from analytics.exports.presets import is_taken, usable_presets
from analytics.models import ColumnPreset, FileForm, Repetition
from analytics.models.files import MOST_HOURS_AFTER
from analytics.privacy.modes import rules_of
from events.models import Event, Session
from events.models.fields import LineInput

_PERSON, _STAY = ([column.name for column in COLUMNS[level]] for level in ExportLevel)
_GROUPS: Final = (
    (gettext_lazy("Of both kinds of row"), [name for name in _PERSON if name in _STAY]),
    (gettext_lazy("Of a person and session"), [name for name in _PERSON if name not in _STAY]),
    (gettext_lazy("Of a stay"), [name for name in _STAY if name not in _PERSON]),
)
LEVELS: Final = [
    (ExportLevel.PERSON, gettext_lazy("a person and session")),
    (ExportLevel.STAY, gettext_lazy("a stay, as reported")),
]


def _columns_field(*, required: bool, help_text: Any) -> forms.MultipleChoiceField:
    return forms.MultipleChoiceField(
        label=gettext_lazy("Columns"),
        choices=[(group, [(name, name) for name in names]) for group, names in _GROUPS],
        required=required,
        help_text=help_text,
        widget=forms.CheckboxSelectMultiple,
    )


class ColumnsForm(forms.Form):
    """A form with a kind of row and columns, which must fit each other."""

    def clean(self) -> dict[str, Any]:
        """The columns must be of the level."""
        data = super().clean() or {}
        if level := data.get("level"):
            known = {column.name for column in COLUMNS[ExportLevel(level)]}
            if unknown := [name for name in data.get("columns", []) if name not in known]:
                self.add_error(
                    "columns",
                    _("These are columns of the other kind of row: %(names)s.")
                    % {"names": ", ".join(unknown)},
                )
        return data


class WantedFileForm(ColumnsForm):
    """What a file is, whether it is made now or planned."""

    level = forms.ChoiceField(label=gettext_lazy("A row is"), choices=LEVELS)
    form = forms.ChoiceField(label=gettext_lazy("Format"), choices=FileForm.choices)
    show = forms.ChoiceField(label=gettext_lazy("People"), choices=list(FILTER_LABELS.items()))
    preset: forms.ModelChoiceField[ColumnPreset] = forms.ModelChoiceField(
        label=gettext_lazy("Preset of columns"),
        queryset=ColumnPreset.objects.none(),
        required=False,
        empty_label="–",
    )
    columns = _columns_field(
        required=False,
        help_text=gettext_lazy("None chosen, and no preset: all of them."),
    )
    bom = forms.BooleanField(
        label=gettext_lazy("For Excel on Windows (byte order mark)"), required=False
    )
    reason = LineInput(label=gettext_lazy("Reason"), max_length=300, required=False)

    def __init__(self, user: Any, event: Event, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        presets: Any = self.fields["preset"]
        presets.queryset = usable_presets(user, event)
        if not is_available():
            self.fields["form"].help_text = why_unavailable()
        if rules_of(event).names_people:
            self.fields["reason"].required = True
            self.fields["reason"].help_text = _("The file names people. Why is it needed?")

    def clean_form(self) -> str:
        """Parquet only where it can be written."""
        form: str = self.cleaned_data["form"]
        if form == FileForm.PARQUET and not is_available():
            raise forms.ValidationError(why_unavailable())
        return form

    def clean(self) -> dict[str, Any]:
        """A preset or columns, of this kind of row."""
        data = super().clean()
        preset, level = data.get("preset"), data.get("level")
        if preset and data.get("columns"):
            self.add_error("preset", _("Choose a preset or columns, not both."))
        elif preset and level and preset.level != level:
            self.add_error("preset", _("This preset is of the other kind of row."))
        return data


class FileRequestForm(WantedFileForm):
    """Which file, and why."""

    session: forms.ModelChoiceField[Session] = forms.ModelChoiceField(
        label=gettext_lazy("Session"),
        queryset=Session.objects.none(),
        required=False,
        empty_label="–",
    )
    field_order = ("level", "form", "session", "show", "preset", "columns", "bom", "reason")

    def __init__(self, user: Any, event: Event, sessions: Any, *args: Any, **kwargs: Any) -> None:
        super().__init__(user, event, *args, **kwargs)
        of_event: Any = self.fields["session"]
        of_event.queryset = sessions


class PlanForm(WantedFileForm):
    """Which file, how often, and why."""

    repeats = forms.ChoiceField(label=gettext_lazy("How often"), choices=Repetition.choices)
    at = forms.TimeField(
        label=gettext_lazy("Time"),
        initial=time(6),
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
    )
    weekday = forms.TypedChoiceField(
        label=gettext_lazy("Day, if every week"), choices=list(WEEKDAYS.items()), coerce=int
    )
    hours_after = forms.IntegerField(
        label=gettext_lazy("Hours after the end of the event, if once"),
        initial=24,
        min_value=0,
        max_value=MOST_HOURS_AFTER,
    )
    field_order = ("repeats", "at", "weekday", "hours_after", "level", "form", "show")

    def __init__(self, user: Any, event: Event, *args: Any, **kwargs: Any) -> None:
        super().__init__(user, event, *args, **kwargs)
        self.fields["at"].help_text = _("On the clock of %(zone)s.") % {"zone": event.timezone}


class PresetForm(ColumnsForm):
    """Columns under a name."""

    name = LineInput(label=gettext_lazy("Name"), max_length=80)
    level = forms.ChoiceField(label=gettext_lazy("A row is"), choices=LEVELS)
    columns = _columns_field(required=True, help_text="")
    is_shared = forms.BooleanField(
        label=gettext_lazy("For all analysts of the event"), required=False
    )

    def __init__(self, user: Any, event: Event, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._whose = (user, event)

    def clean(self) -> dict[str, Any]:
        """A shared name belongs to one preset: commands know it by its name."""
        data = super().clean()
        if data.get("is_shared") and data.get("name") and is_taken(*self._whose, data["name"]):
            self.add_error(
                "name", _("Another analyst shares a preset of this name. Choose another.")
            )
        return data
