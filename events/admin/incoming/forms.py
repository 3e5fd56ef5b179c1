"""What is asked when a file comes in: the file, what its columns are, what it may do."""

from __future__ import annotations

from typing import Any, Final

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from events.imports import MAX_BYTES
from events.incoming.planning import fields_of
from events.models import IncomingKind, SessionStatus, SessionType

ACCEPTED: Final = ".csv,.tsv,.txt,.xlsx,.json,.xml"


class IncomingForm(forms.Form):
    """A table or a schedule."""

    kind = forms.ChoiceField(
        label=gettext_lazy("What is in it"),
        choices=IncomingKind.choices,
        initial=IncomingKind.SESSIONS,
    )
    file = forms.FileField(
        label=gettext_lazy("File"),
        widget=forms.FileInput(attrs={"accept": ACCEPTED}),
        help_text=gettext_lazy(
            "A table (.xlsx, .csv), or a schedule.json or schedule.xml of frab, pretalx or hub. "
            "Nothing is changed before you have seen what it would do."
        ),
    )

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if (file.size or 0) > MAX_BYTES:
            raise ValidationError(
                _("The file is larger than %(n)d MB.") % {"n": MAX_BYTES // 1024**2}
            )
        return file


class ImportRulesForm(forms.Form):
    """What the file may do, and what new sessions become."""

    remove_missing = forms.BooleanField(
        label=gettext_lazy("Cancel sessions that the file does not have"), required=False
    )
    status = forms.ChoiceField(
        label=gettext_lazy("New sessions are"),
        choices=[each for each in SessionStatus.choices if each[0] != SessionStatus.CANCELLED],
    )
    session_type = forms.ChoiceField(label=gettext_lazy("Their type"), choices=SessionType.choices)
    other_schedule = forms.BooleanField(
        label=gettext_lazy("Take it though it seems to be another event's schedule"),
        required=False,
    )

    def __init__(self, rules: dict[str, Any], data: Any = None) -> None:
        super().__init__(data, initial=rules)


class TableColumnsForm(forms.Form):
    """What each column of a table is."""

    def __init__(self, kind: str, table: dict[str, Any], data: Any = None) -> None:
        super().__init__(data)
        self.table, self.known = table, fields_of(kind)
        own: Any = self.fields
        if len(table["sheets"]) > 1:
            own["sheet"] = forms.TypedChoiceField(
                label=_("Sheet"),
                coerce=int,
                choices=list(enumerate(table["sheets"])),
                initial=table["sheet"],
            )
        choices = [("", _("– left out –")), *((f.key, f.label) for f in self.known)]
        for column in table["columns"]:
            own[f"column_{column['at']}"] = forms.ChoiceField(
                label=f"{column['letter']}: {column['header']}".strip(": "),
                choices=choices,
                required=False,
                initial=column["field"],
                help_text=column["sample"],
            )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        chosen = [key for name, key in cleaned.items() if name.startswith("column_") and key]
        labels = {each.key: str(each.label) for each in self.known}
        twice = {labels[key] for key in chosen if chosen.count(key) > 1}
        if twice:
            raise ValidationError(
                _("Two columns cannot both be: %(fields)s.") % {"fields": ", ".join(sorted(twice))}
            )
        return cleaned

    @property
    def sheet(self) -> int:
        return int(self.cleaned_data.get("sheet", self.table["sheet"]))

    @property
    def columns(self) -> dict[str, str] | None:
        """Field by column; None when another sheet was chosen, whose columns are still unknown."""
        if self.sheet != self.table["sheet"]:
            return None
        return {
            str(column["at"]): self.cleaned_data[f"column_{column['at']}"]
            for column in self.table["columns"]
        }

    @property
    def meanings(self) -> dict[str, str]:
        """By header, to be remembered."""
        columns = self.columns or {}
        return {
            column["folded"]: columns[str(column["at"])]
            for column in self.table["columns"]
            if column["folded"] and str(column["at"]) in columns
        }
