"""What lists may be narrowed by. Choices never show another team's events."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from events.i18n.dates import in_letters
from events.models import Event, SessionStatus
from events.permissions import events_for_team


class EventFilter(admin.SimpleListFilter):
    title = gettext_lazy("event")
    parameter_name = "event"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Iterable[tuple[str, str]]:
        found = events_for_team(request.user, model_admin.view_roles).order_by("-starts_on")
        return [(str(pk), title) for pk, title in found.values_list("pk", "title")]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        chosen = self.value()
        return queryset.filter(event=chosen) if chosen in dict(self.lookup_choices) else queryset


def filtered_event(request: HttpRequest, model_admin: Any) -> Event | None:
    """The event that the list is narrowed to; the only one there is counts as chosen."""
    mine = events_for_team(request.user, model_admin.view_roles)
    chosen = request.GET.get(EventFilter.parameter_name, "")
    if chosen:
        return mine.filter(pk=chosen).first() if chosen.isascii() and chosen.isdigit() else None
    found = list(mine[:2])
    return found[0] if len(found) == 1 else None


class TrackFilter(admin.SimpleListFilter):
    """Tracks of one event: two events may well call a track by the same name."""

    title = gettext_lazy("track")
    parameter_name = "track"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Iterable[tuple[str, str]]:
        event = filtered_event(request, model_admin)
        if event is None:
            return []
        tracks = event.tracks.values_list("pk", "name")
        return [*((str(pk), name) for pk, name in tracks), ("none", _("No track"))]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        chosen = self.value()
        if chosen not in dict(self.lookup_choices):
            return queryset
        return queryset.filter(track=None if chosen == "none" else chosen)


class DayFilter(admin.SimpleListFilter):
    """The event's own days, in its own zone."""

    title = gettext_lazy("day")
    parameter_name = "day"

    def __init__(self, request: HttpRequest, *args: Any) -> None:
        self.event = filtered_event(request, args[-1])
        super().__init__(request, *args)

    def lookups(self, request: HttpRequest, model_admin: Any) -> Iterable[tuple[str, str]]:
        days = self.event.days[:60] if self.event else []
        return [(day.isoformat(), in_letters(day, "D d M")) for day in days]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        chosen = self.value()
        if chosen not in dict(self.lookup_choices) or not self.event:
            return queryset
        day = date.fromisoformat(chosen)
        begins, ends = (
            datetime.combine(d, time(), self.event.zone) for d in (day, day + timedelta(days=1))
        )
        return queryset.filter(starts_at__gte=begins, starts_at__lt=ends)


class StatusFilter(admin.SimpleListFilter):
    """Cancelled sessions are out of the way until asked for."""

    title = gettext_lazy("status")
    parameter_name = "status"
    default_title = gettext_lazy("All but cancelled")

    def lookups(self, request: HttpRequest, model_admin: Any) -> Any:
        return [*SessionStatus.choices, ("all", _("All"))]

    def choices(self, changelist: Any) -> Any:
        choices = super().choices(changelist)
        yield {**next(choices), "display": self.default_title}
        yield from choices

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        chosen = self.value()
        if chosen in SessionStatus.values:
            return queryset.filter(status=chosen)
        return queryset if chosen == "all" else queryset.exclude(status=SessionStatus.CANCELLED)
