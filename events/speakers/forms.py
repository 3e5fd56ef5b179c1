"""The forms of people on stage: their profile, a session of theirs, a document beside it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from events.files.fields import DocumentInput, PictureInput
from events.models import Audience, Session, SessionMaterial, StageField
from events.models.fields import LineInput, ProseInput, WebAddressInput
from events.speakers.editing import FieldState, StageEdit

MOST_LINKS: Final = 10
_LONGEST_TEXT: Final = 20_000
_SEEN: Final = "seen_"
_LINK: Final = "link_"

_TEXTS: Final[dict[StageField, dict[str, Any]]] = {
    StageField.NAME: {"max_length": 200, "required": True},
    StageField.TITLE: {"max_length": 200},
    StageField.BIOGRAPHY: {"max_length": _LONGEST_TEXT, "rows": 8},
    StageField.SESSION_TITLE: {"max_length": 250, "required": True},
    StageField.ABSTRACT: {"max_length": _LONGEST_TEXT, "rows": 8},
}


class StageForm(forms.Form):
    """A field for each that may be edited, with what its owner knew of it when the page was made.

    ``states`` holds how the fields stand now; there is a field for nothing else.
    """

    def __init__(
        self,
        states: Mapping[StageField, FieldState],
        *args: Any,
        session: Session | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.states, self.session = states, session
        for name, state in states.items():
            hidden = forms.CharField(required=False, widget=forms.HiddenInput)
            self.fields[_SEEN + name] = hidden
            self.initial[_SEEN + name] = state.token
            if name == StageField.PICTURE:
                self._add_picture(state)
            elif name == StageField.LINKS:
                self._add_links(state)
            else:
                self.fields[name] = _text_field(name)
                self.initial[name] = state.shown

    def _add_picture(self, state: FieldState) -> None:
        self.fields["picture"] = PictureInput(
            label=StageField.PICTURE.label,
            required=False,
            help_text=gettext_lazy("JPEG, PNG, WebP, AVIF or GIF. Shown as a square."),
            widget=forms.FileInput,
        )
        if state.shown:
            self.fields["no_picture"] = forms.BooleanField(
                label=gettext_lazy("Remove the picture"), required=False
            )

    def _add_links(self, state: FieldState) -> None:
        for number in range(min(len(state.shown) + 2, max(MOST_LINKS, len(state.shown)))):
            url, label = state.shown[number] if number < len(state.shown) else ("", "")
            names = {"number": number + 1}
            self.fields[f"{_LINK}{number}_url"] = WebAddressInput(
                label=_("Link {number}: address").format(**names), required=False, max_length=500
            )
            self.fields[f"{_LINK}{number}_label"] = LineInput(
                label=_("Link {number}: what it is").format(**names), required=False, max_length=80
            )
            self.initial[f"{_LINK}{number}_url"] = url
            self.initial[f"{_LINK}{number}_label"] = label

    def rows(self) -> Iterator[tuple[forms.BoundField, FieldState | None, str]]:
        """Each visible field; with the first of each thing how it stands, and its label."""
        told: set[StageField] = set()
        for bound in self.visible_fields():
            name = _field_of(bound.name)
            is_first = name in self.states and name not in told
            told.add(name)
            yield bound, self.states[name] if is_first else None, str(name.label)

    def edits(self) -> list[StageEdit]:
        """What the form says, of all its fields."""
        return [self._edit(name) for name in self.states]

    def _edit(self, name: StageField) -> StageEdit:
        seen = self.cleaned_data[_SEEN + name]
        if name == StageField.LINKS:
            return StageEdit(name, self._links(), seen)
        if name == StageField.PICTURE:
            return self._picture(seen)
        return StageEdit(name, self.cleaned_data[name], seen, self.session)

    def _links(self) -> list[list[str]]:
        numbers = sorted(
            int(name.split("_")[1])
            for name in self.fields
            if name.startswith(_LINK) and name.endswith("_url")
        )
        pairs = [
            [self.cleaned_data[f"{_LINK}{n}_url"], self.cleaned_data[f"{_LINK}{n}_label"]]
            for n in numbers
        ]
        return [pair for pair in pairs if pair[0]]

    def _picture(self, seen: str) -> StageEdit:
        new = self.cleaned_data["picture"]
        if new:
            return StageEdit(StageField.PICTURE, new.name, seen, picture=new)
        if self.cleaned_data.get("no_picture"):
            return StageEdit(StageField.PICTURE, "", seen)
        # Nothing was said of it: as it stands, whatever that is by now.
        return StageEdit(StageField.PICTURE, self.states[StageField.PICTURE].shown, seen)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        for name in list(self.fields):
            if name.startswith(_LINK) and name.endswith("_label"):
                url = name.replace("_label", "_url")
                if cleaned.get(name) and not cleaned.get(url) and url not in self.errors:
                    self.add_error(url, _("Write the address, too."))
        return cleaned

    def show_conflicts(self, conflicts: Mapping[StageField, FieldState]) -> None:
        """Say beside each field what it is meanwhile; whoever saves again means it."""
        sent: Any = self.data
        data = sent.copy()
        for name, state in conflicts.items():
            data[_SEEN + name] = state.token
            self.add_error(_first_input(name), _conflict_text(state))
        self.data = data


def _text_field(name: StageField) -> forms.CharField:
    more = dict(_TEXTS[name])
    rows = more.pop("rows", None)
    options = {"label": name.label, "required": False, **more}
    if rows is None:
        return LineInput(**options)
    help_text = gettext_lazy("Markdown.")
    return ProseInput(**options, widget=forms.Textarea(attrs={"rows": rows}), help_text=help_text)


def _field_of(name: str) -> StageField:
    if name.startswith(_LINK):
        return StageField.LINKS
    return StageField.PICTURE if name == "no_picture" else StageField(name)


def _first_input(name: StageField) -> str:
    return f"{_LINK}0_url" if name == StageField.LINKS else str(name)


def _conflict_text(state: FieldState) -> str:
    text = _(
        "This was changed while you edited it. It now says: “{text}”. Nothing has been saved: "
        "take over what you want to keep, then save again."
    )
    return text.format(text=value_in_words(state.shown) or _("nothing"))


def value_in_words(value: Any) -> str:
    """A value as a proposal keeps it, for a sentence."""
    if isinstance(value, list):
        return ", ".join(f"{label} ({url})" if label else url for url, label in value)
    return str(value or "")


class MaterialForm(forms.Form):
    """A document or a link that somebody would like beside their session."""

    title = LineInput(label=gettext_lazy("Title"), max_length=200)
    file = DocumentInput(label=gettext_lazy("File"), required=False)
    url = WebAddressInput(label=gettext_lazy("Or link"), max_length=500, required=False)
    audience = forms.ChoiceField(label=gettext_lazy("For"), choices=Audience.choices)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if not self.errors and bool(cleaned.get("file")) == bool(cleaned.get("url")):
            raise ValidationError(_("Choose a file or write a link: one of the two."))
        return cleaned

    def material(self) -> SessionMaterial:
        """Not saved, and of no session yet."""
        said = self.cleaned_data
        return SessionMaterial(
            title=said["title"],
            file=said["file"] or "",
            url=said["url"] or "",
            audience=said["audience"],
        )
