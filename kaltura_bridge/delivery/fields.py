"""Form fields of the delivery settings that Django does not have."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.core.validators import URLValidator
from django.utils.functional import lazy
from django.utils.translation import gettext_lazy as _

from events.i18n.languages import Words
from kaltura_bridge.delivery.room_tags import RoomTag, TagKind

SWITCH_VALUES = {True: "on", False: "off", None: ""}


class ThreeState(forms.TypedChoiceField):
    """On, off, or not set; in Python True, False or None."""

    def __init__(self, **kwargs: Any) -> None:
        choices = [("", _("Not set")), ("on", _("On")), ("off", _("Off"))]
        more = {"required": False, **kwargs}
        super().__init__(choices=choices, coerce=_is_on, empty_value=None, **more)

    def prepare_value(self, value: Any) -> Any:
        return SWITCH_VALUES.get(value, value)

    def to_python(self, value: Any) -> Any:
        return super().to_python(self.prepare_value(value))


class WebAddress(forms.URLField):
    """A web address; without a scheme it means https."""

    default_validators = [URLValidator(schemes=["http", "https"])]

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(assume_scheme="https", **kwargs)


def minutes_errors(low: int) -> dict[str, Words]:
    """One message for whatever is wrong with a number of minutes."""
    text = _("Enter whole minutes, from %(low)s to 1440.")
    message: Words = lazy(lambda: text % {"low": low}, str)()
    return dict.fromkeys(("invalid", "min_value", "max_value"), message)


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
    options: dict[str, Any] = {"label": tag.label, "help_text": tag.help, "required": False}
    if tag.kind is TagKind.SWITCH:
        return ThreeState(**options)
    if tag.kind is TagKind.CHOICE:
        return forms.ChoiceField(choices=[("", _("Not set")), *tag.choices], **options)
    return forms.CharField(widget=INPUTS.get(tag.kind, _text_input)(tag), **options)
