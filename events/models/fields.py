"""Text columns that hold no unwanted characters, whoever writes them, and however.

Forms and ``full_clean`` fold what comes in; so does every write that asks neither, bulk ones
included, and every lookup, so that what is searched is in the form of what is stored.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from django import forms
from django.core.validators import URLValidator
from django.db import models
from django.db.models.expressions import Combinable

from events.characters import clean_line, clean_text

if TYPE_CHECKING:  # Only a type checker may write down what Django's fields hold.
    AnyColumn = models.Field[str | Combinable, str]
    LineColumn = models.CharField[str | Combinable, str]
    ProseColumn = models.TextField[str | Combinable, str]
else:
    AnyColumn, LineColumn, ProseColumn = models.Field, models.CharField, models.TextField


class LineInput(forms.CharField):
    """One line in a form, such as a name; folded before anything is checked."""

    def to_python(self, value: Any) -> Any:
        return clean_line(super().to_python(value) or "") or self.empty_value


class ProseInput(forms.CharField):
    """A text of several lines in a form; folded before anything is checked."""

    def to_python(self, value: Any) -> Any:
        return clean_text(super().to_python(value) or "").strip() or self.empty_value


class WebAddressInput(forms.URLField):
    """The address of a page elsewhere; folded before anything is checked."""

    default_validators = [URLValidator(schemes=["http", "https"])]

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"assume_scheme": "https", **kwargs})

    def to_python(self, value: Any) -> Any:
        return super().to_python(clean_line(str(value or "")))


class _Folded(AnyColumn):
    """What both columns have in common; ``fold`` is how they store a text."""

    input: type[forms.CharField]
    fold: Callable[[str], str]

    def to_python(self, value: Any) -> Any:
        text = super().to_python(value)
        return self.fold(text) if isinstance(text, str) else text

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:
        """The object in memory has what the database has."""
        value = super().pre_save(model_instance, add)
        if isinstance(value, str):
            value = self.fold(value)
            setattr(model_instance, self.attname, value)
        return value

    def get_prep_value(self, value: Any) -> Any:
        """For lookups too: PostgreSQL takes no NUL, not even to search for it."""
        value = models.Field.get_prep_value(self, value)
        return value if value is None else clean_text(str(value))

    def get_db_prep_save(self, value: Any, connection: Any) -> Any:
        """For ``QuerySet.update``, which does not come by ``pre_save``."""
        folded = self.fold(value) if isinstance(value, str) else value
        return super().get_db_prep_save(folded, connection)

    def formfield(self, **kwargs: Any) -> Any:
        return super().formfield(**{"form_class": self.input, **kwargs})

    def deconstruct(self) -> Any:
        """To migrations they are Django's own columns: the database sees no difference."""
        name, _, args, kwargs = super().deconstruct()
        return name, f"django.db.models.{self.get_internal_type()}", args, kwargs


class LineField(_Folded, LineColumn):
    """A name, a title: one line (see ``clean_line``)."""

    input = LineInput
    fold = staticmethod(clean_line)


class ProseField(_Folded, ProseColumn):
    """A text of several lines (see ``clean_text``)."""

    input = ProseInput
    fold = staticmethod(clean_text)


class WebAddressField(_Folded, LineColumn):
    """The address of a page elsewhere, http or https; nothing that a browser would run."""

    input = WebAddressInput
    fold = staticmethod(clean_line)
    default_validators = [URLValidator(schemes=["http", "https"])]
