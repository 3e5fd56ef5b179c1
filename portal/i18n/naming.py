"""What forms and lists call a field that has no name of its own, in every language.

Django makes ``starts_on`` "starts on", which no catalogue knows. Here that text becomes a
translatable one, and ``model_names.py`` holds those that are seen, where gettext finds them.
Nothing of this reaches migrations: they keep what the model itself says.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from django.apps import apps
from django.contrib import admin
from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy, override

APPS: Final = ("events", "kaltura_bridge", "analytics", "portal")

# What has a name, and the attribute that holds it.
Named = tuple[Any, str]


def translate_names() -> None:
    """Make every plain name of our models a lazy text."""
    for label in APPS:
        for model in apps.get_app_config(label).get_models():
            for thing, name in _named(model):
                if not _is_marked(thing, name):
                    setattr(thing, name, gettext_lazy(_in_english(thing, name)))


def plain_names() -> set[str]:
    """The names that people see in the admin and no source marks as translatable."""
    return {
        _in_english(thing, name)
        for model in _models_seen()
        for thing, name in _named(model)
        if not _is_marked(thing, name)
    }


def _named(model: type[models.Model]) -> Iterator[Named]:
    yield model._meta, "verbose_name"
    yield model._meta, "verbose_name_plural"
    for field in (*model._meta.local_fields, *model._meta.local_many_to_many):
        if not field.primary_key:
            yield field, "verbose_name"


def _models_seen() -> Iterator[type[models.Model]]:
    """What the admin lists, and what its pages edit within another object."""
    for model, page in admin.site._registry.items():
        for each in (model, *(inline.model for inline in page.inlines)):
            if each._meta.app_label in APPS:
                yield each


def _in_english(thing: Any, name: str) -> str:
    """Django's own plural is a lazy text: the singular, in whatever language, and an "s"."""
    with override(None):
        return str(getattr(thing, name))


def _is_marked(thing: Any, name: str) -> bool:
    is_field = isinstance(thing, models.Field)
    given: Any = vars(thing)["_verbose_name"] if is_field else thing.original_attrs.get(name)
    return isinstance(given, Promise)
