"""Texts in other languages, edited with what they translate."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db import models
from django.http import HttpRequest
from django.utils.translation import gettext as _

from events.admin.forms import KnownChoiceField, LabelledFormSet
from events.admin.generics import StackedInline, TabularInline
from events.admin.scope import RulesPermissions, form_event
from events.models import EventTranslation, SessionTranslation, Track, TrackTranslation


class TranslationInline(RulesPermissions, StackedInline):
    """A text for each language; what stays empty is shown as it was written."""

    formset = LabelledFormSet
    extra = 0

    def formfield_for_dbfield(
        self, db_field: models.Field[Any, Any], request: HttpRequest, **kwargs: Any
    ) -> Any:
        if isinstance(db_field, models.TextField):
            kwargs["widget"] = forms.Textarea(attrs={"rows": 6})
        return super().formfield_for_dbfield(db_field, request, **kwargs)


class EventTranslationInline(TranslationInline):
    model = EventTranslation
    fields = ("language", "title", "tagline", "description")


class SessionTranslationInline(TranslationInline):
    model = SessionTranslation
    fields = ("language", "title", "subtitle", "abstract", "description")


class TrackTranslationInline(RulesPermissions, TabularInline):
    """Tracks have no page of their own: their names are translated on the event's."""

    model = TrackTranslation
    formset = LabelledFormSet
    fields = ("track", "language", "name")
    extra = 0

    def formfield_for_foreignkey(
        self, db_field: models.ForeignKey[Any, Any], request: HttpRequest, **kwargs: Any
    ) -> Any:
        if db_field.name != "track":
            return super().formfield_for_foreignkey(db_field, request, **kwargs)
        event = form_event(request)
        mine = Track.objects.filter(event=event.pk) if event else Track.objects.none()
        more = {**kwargs, "queryset": mine, "form_class": KnownChoiceField}
        field: Any = super().formfield_for_foreignkey(db_field, request, **more)
        # Read once for all rows; Django would ask again for each of them.
        field.choices = [("", _("Choose a track")), *((t.pk, t.name) for t in mine)]
        field.known = {str(t.pk): t for t in mine}
        return field
