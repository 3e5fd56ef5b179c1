"""What a browser sends back of a field that nobody touched, and how it is written and read.

Two people are compared by this, and not by values in Python: whether somebody has changed a
field is whether they send back something else than was drawn for them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from django import forms
from django.contrib.admin.widgets import RelatedFieldWidgetWrapper
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext as _

from events.admin.times import ZonedDateTimeField

if TYPE_CHECKING:
    from django.forms.boundfield import BoundField

    from events.admin.generics import ModelForm

#: Plain enough for JSON: text, a truth value, or a list of them.
Drawn = str | bool | list[Any]
Values = dict[str, Drawn]

#: Stands for a field of which nobody knows what was drawn; equal to nothing.
UNKNOWN: Final = None


def drawn(form: ModelForm) -> Values:
    """What was drawn for each field of an unbound form that people can change."""
    return {name: _drawn(form[name]) for name, field in form.fields.items() if not field.disabled}


def _drawn(bound: BoundField) -> Drawn:
    field, value = bound.field, bound.value()
    if isinstance(field, forms.FileField):
        return str(value or "")
    data: MultiValueDict[str, Any] = MultiValueDict()
    write(data, field.widget, bound.html_name, value)
    value = field.widget.value_from_datadict(data, MultiValueDict(), bound.html_name)
    return _in_zone(field, _plain(field, value))


def _in_zone(field: forms.Field, value: Drawn) -> Drawn:
    """A time of day means another moment when the event's zone has changed."""
    zoned = isinstance(field, ZonedDateTimeField) and isinstance(value, list)
    return [*value, str(field.zone)] if zoned else value  # type: ignore[misc,attr-defined]


def sent(field: forms.Field, name: str, data: Any, files: Any, untouched: Drawn | None) -> Drawn:
    """What somebody sends for a field; ``untouched`` where their browser sent nothing at all."""
    widget = field.widget
    if isinstance(field, forms.FileField):
        value = widget.value_from_datadict(data, files, name)
        if value is None:
            return untouched or ""
        return str(value.name) if value else ""
    if widget.value_omitted_from_data(data, files, name):
        return "" if untouched is None else untouched
    value = _plain(field, widget.value_from_datadict(data, files, name))
    if isinstance(untouched, list) and isinstance(field, ZonedDateTimeField):
        # Read in the zone in which it was drawn, if nobody has typed anything.
        return untouched if value == untouched[:-1] else _in_zone(field, value)
    return _in_zone(field, value)


def is_upload(field: forms.Field, name: str, data: Any, files: Any) -> bool:
    """Whether a new file comes along, or the old one is to go."""
    if not isinstance(field, forms.FileField):
        return False
    return field.widget.value_from_datadict(data, files, name) is not None


def put(field: forms.Field, name: str, data: Any, files: Any, value: Drawn) -> None:
    """Write what was drawn into what somebody sent, as if they had left it so."""
    if isinstance(field, forms.FileField):
        files.pop(name, None)
        if isinstance(field.widget, forms.ClearableFileInput):
            data.pop(field.widget.clear_checkbox_name(name), None)
        return
    if isinstance(field, ZonedDateTimeField) and isinstance(value, list):
        value = value[:2]
    write(data, field.widget, name, value)


def write(data: Any, widget: forms.Widget, name: str, value: Any) -> None:
    """Write a value into form data as this widget's inputs would send it."""
    if isinstance(widget, RelatedFieldWidgetWrapper):
        widget = widget.widget
    if isinstance(widget, forms.MultiWidget):
        parts: Any = value if isinstance(value, list) else widget.decompress(value)
        suffixes: list[str] = widget.widgets_names  # type: ignore[attr-defined]
        for each, suffix, part in zip(widget.widgets, suffixes, parts, strict=True):
            write(data, each, name + suffix, part)
    elif isinstance(widget, forms.CheckboxInput):
        _set(data, name, ["on"] if widget.check_test(value) else [])
    elif isinstance(widget, forms.widgets.ChoiceWidget):
        _write_choice(data, widget, name, value)
    else:
        shown = widget.format_value(value)
        _set(data, name, ["" if shown is None else str(shown)])


def _write_choice(data: Any, widget: forms.widgets.ChoiceWidget, name: str, value: Any) -> None:
    chosen: Any = widget.format_value(value)
    chosen = [chosen] if isinstance(chosen, str) else list(chosen)
    if isinstance(widget, forms.RadioSelect) and chosen == [""]:
        chosen = []  # none of them is ticked
    _set(data, name, chosen)


def _set(data: Any, name: str, values: list[str]) -> None:
    if values:
        data.setlist(name, values)
    else:
        data.pop(name, None)


def _plain(field: forms.Field, value: Any) -> Drawn:
    """Alike for what browsers and forms treat alike: line ends, spaces around it."""
    if isinstance(value, bool):
        return value
    if isinstance(value, (list, tuple)):
        plain = [_plain(field, each) for each in value]
        is_order_free = not isinstance(field.widget, forms.MultiWidget)
        return sorted(plain, key=str) if is_order_free else plain
    text = "" if value is None else str(value).replace("\r\n", "\n").replace("\r", "\n").strip()
    return text.lower() if field.widget.attrs.get("type") == "color" else text


def in_words(field: forms.Field, value: Drawn | None) -> str:
    """A drawn value as people read it on the page; empty for nothing."""
    if value is UNKNOWN:
        return ""
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    if isinstance(value, list):
        parts = [in_words(field, each) for each in value]
        return " ".join(parts) if isinstance(field.widget, forms.MultiWidget) else ", ".join(parts)
    choices = getattr(field, "choices", None)
    return _label(choices, value) if choices is not None else value


def _label(choices: Any, value: str) -> str:
    for key, label in choices:
        pairs = label if isinstance(label, (list, tuple)) else [(key, label)]
        for each, text in pairs:
            if str(each) == value:
                return str(text) if value else ""
    return value and _("(no longer there)")
