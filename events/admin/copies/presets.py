"""What new sessions of an event begin with."""

from __future__ import annotations

from typing import Any, Final

from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from events.admin.filters import EventFilter
from events.admin.forms import EventScopedForm
from events.admin.scope import PlannedAdmin, form_event
from events.models import Event, Session, SessionPreset

#: What a session takes over from its preset as it is.
_TAKEN: Final = ("session_type", "location", "language", "capacity", "abstract", "description")


class SessionPresetForm(EventScopedForm):
    class Meta:
        model = SessionPreset
        fields = ("event", "name", "minutes", *_TAKEN, "position")


@admin.register(SessionPreset)
class SessionPresetAdmin(PlannedAdmin):
    form = SessionPresetForm
    goes_along = True
    list_display = ("name", "session_type", "minutes", "location", "position", "event")
    list_select_related = ("event",)
    list_filter = (EventFilter, "session_type")
    search_fields = ("name",)
    fieldsets = (
        (None, {"fields": ["event", "name", "session_type", "minutes", "position"]}),
        (gettext_lazy("Sessions begin with"), {"fields": [*_TAKEN[1:]]}),
    )

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """A new preset may begin as what a session is."""
        initial = super().get_changeform_initial_data(request)
        # Not what the address says: that may be the event of another team.
        event = form_event(request)
        model = _named(request, "session", Session, event and event.pk)
        if model is None:
            return initial
        minutes = round(model.duration.total_seconds() / 60)
        return {**{name: getattr(model, name) for name in _TAKEN}, "minutes": minutes, **initial}


def preset_of(request: HttpRequest, event: Event | None) -> SessionPreset | None:
    """The preset of this event that the address of the form names."""
    found: SessionPreset | None = _named(request, "preset", SessionPreset, event and event.pk)
    return found


def initial_of(preset: SessionPreset) -> dict[str, Any]:
    """What a session made from it begins with."""
    return {name: getattr(preset, name) for name in _TAKEN}


def preset_links(event: Event) -> str:
    """The way to a form that begins as each of the event's presets; empty without any."""
    page = reverse("admin:events_session_add")
    links = [
        (f"{page}?{urlencode({'event': event.pk, 'preset': preset.pk})}", preset.name)
        for preset in event.session_presets.all()
    ]
    if not links:
        return ""
    listed = format_html_join(" · ", '<a href="{}">{}</a>', links)
    return format_html("{} {}", _("Start from a preset:"), listed)


def _named(request: HttpRequest, name: str, model: Any, event: Any) -> Any:
    """The object of this event that the query names; None for all else."""
    asked = request.GET.get(name, "")
    if not (event and asked.isascii() and asked.isdigit() and len(asked) < 19):
        return None
    return model.objects.filter(event=event, pk=asked).first()
