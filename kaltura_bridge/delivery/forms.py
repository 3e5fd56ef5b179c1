"""The delivery settings in the admin: fields that show what they inherit, and plain errors."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.forms.boundfield import BoundField
from django.http import HttpRequest
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from events.i18n.languages import Words
from events.models import Event, Session, SessionType
from kaltura_bridge.delivery import layout, room_tags
from kaltura_bridge.delivery.fields import (
    SWITCH_VALUES,
    ThreeState,
    WebAddress,
    minutes_errors,
    tag_field,
)
from kaltura_bridge.delivery.options import EMPTY, DeliveryOptions, options_of_event
from kaltura_bridge.delivery.references import lent_to
from kaltura_bridge.delivery.room_tags import ROOM_TAGS
from kaltura_bridge.delivery.rules import DeliveryCase, needs_video, problems
from kaltura_bridge.models import RoomForm

if TYPE_CHECKING:
    ModelForm = forms.ModelForm[Any]
    FormSet = forms.BaseInlineFormSet[Any, Any, Any]
else:
    ModelForm, FormSet = forms.ModelForm, forms.BaseInlineFormSet

Planned = Event | Session
ROOMS_ARE_ENTRIES = gettext_lazy(
    "This event creates room entries, so they have no effect until it creates location resources."
)
SAVED_MEANWHILE = gettext_lazy(
    "Somebody else has saved delivery settings in the meantime. Reload the page to see them."
)


# --- Groups as the template shows them ---------------------------------------


@dataclass(frozen=True)
class ShownPart:
    """A part of the layout with its fields."""

    part: layout.SettingsPart
    fields: list[BoundField]
    narrower: bool  # for fewer types than its group

    @property
    def types(self) -> str:
        return " ".join(self.part.types)

    @property
    def for_types(self) -> str:
        return layout.type_labels(self.part.types) if self.narrower else ""


@dataclass(frozen=True)
class ShownGroup:
    """A group of the layout with its parts; ``number_set``: fields that are set here."""

    group: layout.SettingsGroup
    parts: list[ShownPart]
    number_set: int
    note: Words

    @property
    def types(self) -> str:
        return " ".join(self.group.types)

    @property
    def for_types(self) -> str:
        return layout.type_labels(self.group.types)

    @property
    def has_errors(self) -> bool:
        """Whether the page must open it."""
        return any(field.errors for part in self.parts for field in part.fields)


# --- Forms -------------------------------------------------------------------


class DeliveryForm(ModelForm):
    """The settings of an event or a session; ``planned`` is the one they belong to.

    Settings that do not apply to the session's type are neither checked nor changed;
    ``ignored`` names those that were submitted nevertheless.
    """

    inherited_from: ClassVar[Words]
    own_only: ClassVar[frozenset[str]]  # what is not inherited from anywhere

    class Meta:
        labels = {
            "dvr_window_minutes": gettext_lazy("Rewind window, in minutes"),
            "questions_before_minutes": gettext_lazy("Questions before, in minutes"),
            "questions_after_minutes": gettext_lazy("Questions after, in minutes"),
            "player_uiconf_id": gettext_lazy("Player ID"),
        }
        help_texts = {
            "room_form": gettext_lazy(
                "Changing this recreates every room of the event. The old rooms "
                "are deleted at Kaltura, with their recordings."
            ),
            "room_template_id": gettext_lazy(
                "Entry ID of a room whose look and mode are copied when this "
                "room is created. For room entries and studios."
            ),
            "questions_before_minutes": gettext_lazy("How long before the start they open."),
            "questions_after_minutes": gettext_lazy("How long after the end they close."),
            "slides_entry_id": gettext_lazy("Entry ID of a document, such as 1_abcd2345."),
            "source_entry_id": gettext_lazy(
                "Entry ID of the video, such as 1_abcd2345. It is played as if it were live."
            ),
            "pre_clip_id": gettext_lazy("Entry ID. It plays before the start and ends with it."),
            "post_clip_id": gettext_lazy("Entry ID. It plays after the end."),
            "replay": gettext_lazy("After the end, viewers can watch the video itself."),
            "gallery": gettext_lazy(
                "A second view of the event and of each track: Kaltura's own page with its "
                "videos, for those who may enter. The agenda stays. Kaltura's cards know no "
                "doors: whoever is in the gallery can open what is there before doors open and "
                "after the end, recordings that are hidden here or not published yet among it. "
                "It does not go with sessions that have a limited number of "
                "places, or with one device for everybody."
            ),
        }
        error_messages = {
            "dvr_window_minutes": minutes_errors(1),
            "questions_before_minutes": minutes_errors(0),
            "questions_after_minutes": minutes_errors(0),
            "thumbnail_url": {
                "invalid": gettext_lazy(
                    "This is not a web address. Enter one such as https://example.org/a.jpg."
                )
            },
        }
        field_classes = {
            **dict.fromkeys(layout.SWITCHES, ThreeState),
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
            self._show_inherited(name, field)

    # --- What it inherits ----------------------------------------------------

    @cached_property
    def inherited(self) -> DeliveryOptions:
        """What applies where this form sets nothing."""
        raise NotImplementedError

    def inherited_label(self, name: str) -> str:
        """The value that applies when the field is not set here, as people read it."""
        return _value_label(self.fields[name], self._inherited_value(name))

    def _inherited_value(self, name: str) -> Any:
        if name in ROOM_TAGS:
            return room_tags.merged(self.inherited.room_tags).get(name, ROOM_TAGS[name].default)
        return getattr(self.inherited, name, None)

    def _show_inherited(self, name: str, field: forms.Field) -> None:
        if name not in layout.TYPES_OF or name in self.own_only:
            return
        inherited = self.inherited_label(name)
        if isinstance(field, forms.ChoiceField):
            unset = f"{self.inherited_from}: {inherited}" if inherited else str(self.inherited_from)
            field.choices = [("", unset), *((k, v) for k, v in _pairs(field) if k != "")]
        elif inherited:
            unset = _("Empty: %(source)s (%(value)s).") % {
                "source": str(self.inherited_from).lower(),
                "value": inherited,
            }
            field.help_text = f"{field.help_text} {unset}".strip()

    # --- What was submitted -------------------------------------------------------

    def applies(self, name: str) -> bool:
        """Whether the setting has an effect for this event or session."""
        return True

    @cached_property
    def changed_data(self) -> list[str]:
        return [name for name in super().changed_data if self.applies(name)]

    def full_clean(self) -> None:
        """A disabled field keeps its value; for the page it is enabled again."""
        if not self.is_bound:
            super().full_clean()
            return
        idle = [name for name in self.fields if not self.applies(name)]
        self.ignored = [str(self.fields[n].label) for n in idle if self._was_submitted(n)]
        for name in idle:
            self.fields[name].disabled = True
        super().full_clean()
        for name in idle:
            self.fields[name].disabled = False

    def _was_submitted(self, name: str) -> bool:
        return self.fields[name].has_changed(self[name].initial, self[name].data)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        self._clean_tags(cleaned)
        for name, message in problems(DeliveryCase(cleaned, self.inherited, self.planned)):
            if self.applies(name) and name not in self.errors:
                self.add_error(name, message)
        return cleaned

    def _clean_tags(self, cleaned: dict[str, Any]) -> None:
        applying = [name for name in layout.TAG_FIELDS if self.applies(name)]
        if not applying:
            return
        try:
            self.instance.room_tags = room_tags.clean({n: cleaned.get(n) for n in applying})
        except ValidationError as error:
            self.add_error(None, error)

    # --- What is shown -------------------------------------------------------

    @property
    def groups(self) -> Iterator[ShownGroup]:
        """The layout's groups that have fields in this form."""
        for group in layout.GROUPS:
            parts = [self._shown(part, group) for part in group.parts]
            if any(part.fields for part in parts):
                names = [name for part in group.parts for name in part.names if name in self.fields]
                number_set = sum(map(self._is_set, names))
                shown = [part for part in parts if part.fields]
                yield ShownGroup(group, shown, number_set, self._note(group))

    def _note(self, group: layout.SettingsGroup) -> str:
        idle = group.of_resources and self.room_form == RoomForm.ENTRY
        return f"{group.note} {ROOMS_ARE_ENTRIES}" if idle else str(group.note)

    @property
    def room_form(self) -> str:
        """How the event creates its rooms; on the event's own page as chosen there."""
        return str(getattr(self.instance, "room_form", self.inherited.room_form))

    def _shown(self, part: layout.SettingsPart, group: layout.SettingsGroup) -> ShownPart:
        fields = [self[name] for name in part.names if name in self.fields]
        return ShownPart(part, fields, part.types != group.types)

    def _is_set(self, name: str) -> bool:
        untouched = getattr(type(self.instance)(), name, None)
        return self.initial.get(name, untouched) not in (*EMPTY, untouched)


class EventDeliveryForm(DeliveryForm):
    """An event's settings; what is not set is the portal's default."""

    inherited_from: ClassVar[Words] = gettext_lazy("Default")
    own_only = frozenset(
        {
            "room_form",
            "room_sharing",
            "channel",
            "prepare_drafts",
            "second_device",
            "privacy_context",
            "gallery",
            "recordings_by_hand",
            "recordings_download",
            "recordings_redirect",
        }
    )

    @cached_property
    def inherited(self) -> DeliveryOptions:
        return DeliveryOptions()


class SessionDeliveryForm(DeliveryForm):
    """A session's settings; what is not set is the same as for its event."""

    planned: Session

    inherited_from: ClassVar[Words] = gettext_lazy("Same as event")
    own_only = frozenset(
        {
            "slides_entry_id",
            "room_template_id",
            "recording_entry_id",
            "source_entry_id",
            "pre_clip_id",
            "post_clip_id",
            "replay",
        }
    )

    @cached_property
    def inherited(self) -> DeliveryOptions:
        return options_of_event(self.planned.event)

    def applies(self, name: str) -> bool:
        types = layout.TYPES_OF.get(name)
        return types is None or self.planned.session_type in types


def _pairs(field: forms.ChoiceField) -> list[tuple[Any, str]]:
    return [(key, str(label)) for key, label in field.widget.choices]


def _value_label(field: forms.Field, value: Any) -> str:
    if value in EMPTY:
        return ""
    if isinstance(field, forms.FileField):
        return _("an uploaded image")
    if isinstance(value, bool):
        return SWITCH_VALUES[value]
    if isinstance(field, forms.ChoiceField):
        return str(dict(_pairs(field)).get(value, value))
    return str(value)


# --- The one form of a page --------------------------------------------------


class DeliveryFormSet(FormSet):
    """At most one row, created only when something is set."""

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
        """The session's saved type; a submitted form may hold another one."""
        if not self.is_bound:
            return str(self.instance.session_type)
        rows = Session.objects.filter(pk=self.instance.pk)
        return rows.values_list("session_type", flat=True).first() or ""

    def add_fields(self, form: Any, index: int | None) -> None:
        super().add_fields(form, index)
        form.fields[self.fk.name].error_messages["unique"] = SAVED_MEANWHILE

    def save(self, commit: bool = True) -> Any:
        planned: Planned = self.instance
        event = planned if isinstance(planned, Event) else planned.event
        for form in self.forms:
            form.instance.lent_ids = lent_to(form.instance, event, self.request.user)
        saved = super().save(commit)
        for form in self.forms:
            for message in self._remarks(form):
                messages.warning(self.request, message)
        return saved

    def _remarks(self, form: DeliveryForm) -> Iterator[str]:
        if form.ignored:
            kind = SessionType(self.instance.session_type).label
            names = ", ".join(form.ignored)
            yield _(
                "Not saved, because they do not apply to sessions of type “%(kind)s”: %(names)s."
            ) % {"kind": kind, "names": names}
        if self._room_settings_are_idle(form):
            yield _("The room settings are saved. %(rooms_are_entries)s") % {
                "rooms_are_entries": ROOMS_ARE_ENTRIES
            }

    def _room_settings_are_idle(self, form: DeliveryForm) -> bool:
        touched = set(form.changed_data) & set(layout.TAG_FIELDS)
        idle = form.instance.room_tags and form.room_form == RoomForm.ENTRY
        return bool(touched and idle)
