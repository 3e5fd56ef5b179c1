"""Naming the series of one's events."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from events.admin.forms import EventForm
from events.admin.generics import ModelAdmin
from events.admin.saving import SavesByActions
from events.admin.scope import RulesPermissions
from events.models import EventSeries
from events.permissions import planned_series


class SeriesEventForm(EventForm):
    """The event's form with its series: one that the person plans already, or a new one."""

    new_series = forms.CharField(
        label=_("Or begin a new series"),
        max_length=200,
        required=False,
        widget=forms.TextInput(attrs={"class": "vTextField"}),
        help_text=_("Its name; this event is the first in it."),
    )

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("new_series") and cleaned.get("series") and "series" in self.changed_data:
            self.add_error("new_series", _("Choose a series or begin a new one, not both."))
        return cleaned


@admin.register(EventSeries)
class EventSeriesAdmin(RulesPermissions, SavesByActions, ModelAdmin):
    """Series begin on the form of an event, or with several copies of one."""

    list_display = ("title", "slug", "dates")
    search_fields = ("title", "slug")
    fields = ("title", "slug", "dates")
    readonly_fields = ("dates",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        mine = planned_series(request.user).values("pk")
        mine_only = super().get_queryset(request).filter(pk__in=mine)
        rows: QuerySet[Any] = mine_only.annotate(event_count=Count("events"))
        return rows

    @admin.display(description=_("events"), ordering="event_count")
    def dates(self, series: Any) -> int:
        return int(getattr(series, "event_count", 0))
