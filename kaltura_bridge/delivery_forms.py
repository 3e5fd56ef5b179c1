"""Delivery in the admin: typed fields that say what they inherit, mistakes in plain words."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.forms.boundfield import BoundField
from django.http import HttpRequest
from django.utils.functional import cached_property

from events.models import Event, Session, SessionType
from kaltura_bridge import delivery_layout as layout
from kaltura_bridge import room_tags
from kaltura_bridge.delivery import EMPTY, Options, options_of_event
from kaltura_bridge.delivery_models import RoomForm
from kaltura_bridge.delivery_rules import Case, needs_video, problems
from kaltura_bridge.room_tags import ROOM_TAGS, RoomTag, TagKind

if TYPE_CHECKING:
    ModelForm = forms.ModelForm[Any]
    FormSet = forms.BaseInlineFormSet[Any, Any, Any]
else:
    ModelForm, FormSet = forms.ModelForm, forms.BaseInlineFormSet

Planned = Event | Session
SWITCHED = {True: "on", False: "off", None: ""}
TIMED_OUT = "Somebody else has decided here meanwhile. Reload the page to see it, then decide."


# --- Fields ------------------------------------------------------------------


class ThreeState(forms.TypedChoiceField):
    """On, off, or nothing decided; in Python True, False or None."""

    def __init__(self, **kwargs: Any) -> None:
        choices = [("", "Not decided"), ("on", "On"), ("off", "Off")]
        more = {"required": False, **kwargs}
        super().__init__(choices=choices, coerce=_is_on, empty_value=None, **more)

    def prepare_value(self, value: Any) -> Any:
        return SWITCHED.get(value, value)

    def to_python(self, value: Any) -> Any:
        return super().to_python(self.prepare_value(value))


class WebAddress(forms.URLField):
    """An address without a scheme means https."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(assume_scheme="https", **kwargs)


def _is_on(value: object) -> bool:
    return value in ("on", True)


def _number_input(tag: RoomTag) -> forms.Widget:
    limits = {"min": tag.low, **({"max": tag.high} if tag.high <= 1000 else {})}
    return forms.NumberInput(attrs=limits)


def _text_input(tag: RoomTag) -> forms.Widget:
    return forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"})


INPUTS: dict[TagKind, Callable[[RoomTag], forms.Widget]] = {
    TagKind.NUMBER: _number_input,
    TagKind.URL: lambda tag: forms.URLInput(attrs={"placeholder": "https://"}),
}


def tag_field(tag: RoomTag) -> forms.Field:
    """The field of one room setting. What it may hold is checked by ``room_tags.clean``."""
    said: dict[str, Any] = {"label": tag.label, "help_text": tag.help, "required": False}
    if tag.kind is TagKind.SWITCH:
        return ThreeState(**said)
    if tag.kind is TagKind.CHOICE:
        return forms.ChoiceField(choices=[("", "Not decided"), *tag.choices], **said)
    return forms.CharField(widget=INPUTS.get(tag.kind, _text_input)(tag), **said)


# --- Groups as the template shows them ---------------------------------------


@dataclass(frozen=True)
class ShownPart:
    part: layout.Part
    fields: list[BoundField]
    narrower: bool  # for fewer types than its group

    @property
    def types(self) -> str:
        return " ".join(self.part.types)

    @property
    def for_types(self) -> str:
        return layout.words(self.part.types) if self.narrower else ""


@dataclass(frozen=True)
class ShownGroup:
    group: layout.Group
    parts: list[ShownPart]
    decided: int

    @property
    def types(self) -> str:
        return " ".join(self.group.types)

    @property
    def for_types(self) -> str:
        return layout.words(self.group.types)

    @property
    def has_errors(self) -> bool:
        return any(field.errors for part in self.parts for field in part.fields)


# --- Forms -------------------------------------------------------------------


class DeliveryForm(ModelForm):
    """What an event or a session decides; ``planned`` is the one it belongs to.

    Settings that do not count for the session's type are neither checked nor changed;
    ``ignored`` names those that were sent all the same.
    """

    inherited_from: ClassVar[str]
    own_only: ClassVar[frozenset[str]]  # what is decided here and nowhere else

    class Meta:
        labels = {
            "dvr_window_minutes": "How far back, in minutes",
            "replay": "The video stays on afterwards",
        }
        help_texts = {
            "room_form": "Changing it makes every room of the event anew at Kaltura. The old rooms "
            "are deleted there, with their recordings.",
            "room_template_id": "Entry id of a room whose look and mode this room takes over when "
            "it is made. For room entries and studios.",
            "slides_entry_id": "Entry id of a document, such as 1_abcd2345.",
            "source_entry_id": "Entry id of the video, such as 1_abcd2345. It is played as if it "
            "were live.",
            "pre_clip_id": "Entry id. It begins its own length before the start.",
            "post_clip_id": "Entry id. It follows the end.",
            "replay": "After the end, viewers get the video itself.",
        }
        field_classes = {
            **dict.fromkeys(("dvr", "recordings_hidden", "preview", "self_serve"), ThreeState),
            "thumbnail_url": WebAddress,
        }
        widgets = {"thumbnail_url": forms.URLInput(attrs={"placeholder": "https://"})}

    def __init__(self, *args: Any, planned: Planned, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.planned: Planned = planned
        self.ignored: list[str] = []
        self.fields |= {name: tag_field(ROOM_TAGS[name]) for name in layout.TAG_FIELDS}
        self.initial = {**self.instance.room_tags, **self.initial}
        for name, field in self.fields.items():
            self._say_what_counts(name, field)

    # --- What it inherits ----------------------------------------------------

    @cached_property
    def inherited(self) -> Options:
        """What counts where this form decides nothing."""
        raise NotImplementedError

    def inherited_words(self, name: str) -> str:
        """What the field is without a decision here, as people read it."""
        return _words(self.fields[name], self._inherited_value(name))

    def _inherited_value(self, name: str) -> Any:
        if name in ROOM_TAGS:
            return room_tags.merged(self.inherited.room_tags).get(name, ROOM_TAGS[name].default)
        return getattr(self.inherited, name, None)

    def _say_what_counts(self, name: str, field: forms.Field) -> None:
        if name not in layout.TYPES_OF or name in self.own_only:
            return
        counts = self.inherited_words(name)
        if isinstance(field, forms.ChoiceField):
            nothing = f"{self.inherited_from}: {counts}" if counts else self.inherited_from
            field.choices = [("", nothing), *((k, v) for k, v in _pairs(field) if k != "")]
        elif counts:
            field.help_text = (
                f"{field.help_text} Empty: {self.inherited_from.lower()}, {counts}."
            ).strip()

    # --- What was sent -------------------------------------------------------

    def counts(self, name: str) -> bool:
        """Whether the setting has a meaning for this event or session."""
        return True

    def full_clean(self) -> None:
        """A disabled field keeps what it was; for the page it is enabled again."""
        if not self.is_bound:
            super().full_clean()
            return
        idle = [name for name in self.fields if not self.counts(name)]
        self.ignored = [str(self.fields[n].label) for n in idle if self._was_sent(n)]
        for name in idle:
            self.fields[name].disabled = True
        self.changed_data  # noqa: B018  Found out once, now.
        super().full_clean()
        for name in idle:
            self.fields[name].disabled = False

    def _was_sent(self, name: str) -> bool:
        return self.fields[name].has_changed(self[name].initial, self[name].data)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        self._clean_tags(cleaned)
        for name, sentence in problems(Case(cleaned, self.inherited, self.planned)):
            if self.counts(name) and name not in self.errors:
                self.add_error(name, sentence)
        return cleaned

    def _clean_tags(self, cleaned: dict[str, Any]) -> None:
        counting = [name for name in layout.TAG_FIELDS if self.counts(name)]
        if not counting:
            return
        try:
            self.instance.room_tags = room_tags.clean({n: cleaned.get(n) for n in counting})
        except ValidationError as error:
            self.add_error(None, error)

    # --- What is shown -------------------------------------------------------

    @property
    def groups(self) -> Iterator[ShownGroup]:
        for group in layout.GROUPS:
            parts = [self._shown(part, group) for part in group.parts]
            if any(part.fields for part in parts):
                names = [name for part in group.parts for name in part.names if name in self.fields]
                decided = sum(map(self._decided, names))
                yield ShownGroup(group, [part for part in parts if part.fields], decided)

    def _shown(self, part: layout.Part, group: layout.Group) -> ShownPart:
        fields = [self[name] for name in part.names if name in self.fields]
        return ShownPart(part, fields, part.types != group.types)

    def _decided(self, name: str) -> bool:
        untouched = getattr(type(self.instance)(), name, None)
        return self.initial.get(name, untouched) not in (*EMPTY, untouched)


class EventDeliveryForm(DeliveryForm):
    inherited_from = "As usual"
    own_only = frozenset({"room_form", "channel"})

    @cached_property
    def inherited(self) -> Options:
        return Options()


class SessionDeliveryForm(DeliveryForm):
    planned: Session

    inherited_from = "As the event"
    own_only = frozenset(
        {
            "slides_entry_id",
            "room_template_id",
            "source_entry_id",
            "pre_clip_id",
            "post_clip_id",
            "replay",
        }
    )

    @cached_property
    def inherited(self) -> Options:
        return options_of_event(self.planned.event)

    def counts(self, name: str) -> bool:
        types = layout.TYPES_OF.get(name)
        return types is None or self.planned.session_type in types


def _pairs(field: forms.ChoiceField) -> list[tuple[Any, str]]:
    return [(key, str(label)) for key, label in field.widget.choices]


def _words(field: forms.Field, value: Any) -> str:
    if value in EMPTY:
        return ""
    if isinstance(value, bool):
        return SWITCHED[value]
    if isinstance(field, forms.ChoiceField):
        return str(dict(_pairs(field)).get(value, value))
    return str(value)


# --- The one form of a page --------------------------------------------------


class DeliveryFormSet(FormSet):
    """At most one row, made only when something is decided."""

    request: HttpRequest

    def get_form_kwargs(self, index: int | None) -> dict[str, Any]:
        return {**super().get_form_kwargs(index), "planned": self.instance}

    def _construct_form(self, i: int, **kwargs: Any) -> Any:
        form = super()._construct_form(i, **kwargs)  # type: ignore[misc]
        if needs_video(self.instance):
            form.empty_permitted = False
        return form

    @property
    def saved_type(self) -> str:
        """The type that the session has so far; a form sent back may hold another."""
        if not self.is_bound:
            return str(self.instance.session_type)
        rows = Session.objects.filter(pk=self.instance.pk)
        return rows.values_list("session_type", flat=True).first() or ""

    def add_fields(self, form: Any, index: int | None) -> None:
        super().add_fields(form, index)
        form.fields[self.fk.name].error_messages["unique"] = TIMED_OUT

    def save(self, commit: bool = True) -> Any:
        saved = super().save(commit)
        for form in self.forms:
            for sentence in self._remarks(form):
                messages.warning(self.request, sentence)
        return saved

    def _remarks(self, form: DeliveryForm) -> Iterator[str]:
        if form.ignored:
            kind = SessionType(self.instance.session_type).label.lower()
            yield f"Not saved, as a {kind} has no such setting: {', '.join(form.ignored)}."
        if self._room_settings_wait(form):
            yield (
                "The room settings wait: Kaltura takes them for location resources only, and this "
                "event's rooms are made as room entries."
            )

    def _room_settings_wait(self, form: DeliveryForm) -> bool:
        touched = set(form.changed_data) & set(layout.TAG_FIELDS)
        rooms = getattr(form.instance, "room_form", form.inherited.room_form)
        return bool(touched and form.instance.room_tags and rooms == RoomForm.ENTRY)
