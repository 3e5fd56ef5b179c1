"""The page of an event's presets of columns."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db import IntegrityError
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _

from analytics.admin.files.forms import PresetForm
from analytics.admin.files.page import files_page
from analytics.admin.scope import event_for_analyst
from analytics.exports import ExportLevel
from analytics.exports.presets import delete_preset, keep_preset, usable_presets
from analytics.models import ColumnPreset


def presets(request: HttpRequest, pk: int) -> HttpResponseBase:
    """One's own presets and those that are shared; keep another one."""
    event = event_for_analyst(request.user, pk)
    form = PresetForm(request.user, event, request.POST or None)
    if request.method == "POST" and form.is_valid() and _kept(request, event, form):
        messages.success(request, _("Kept."))
        return redirect("admin:analytics_presets", event.pk)
    context = {
        "title": _("Presets of columns: %(event)s") % {"event": event.title},
        "form": form,
        "presets": usable_presets(request.user, event),
    }
    return files_page(request, event, "analytics/presets.html", context)


def _kept(request: HttpRequest, event: Any, form: PresetForm) -> bool:
    data = dict(form.cleaned_data)
    data["level"] = ExportLevel(data["level"])
    try:
        keep_preset(request.user, event, **data)
    except IntegrityError:  # Somebody shared this name since the form was checked.
        form.add_error("name", _("Another analyst shares a preset of this name. Choose another."))
        return False
    return True


def forget_preset(request: HttpRequest, pk: int, uuid: UUID) -> HttpResponseBase:
    """Delete one's own preset."""
    event = event_for_analyst(request.user, pk)
    own = ColumnPreset.objects.filter(event=event, user=request.user.pk)
    preset = get_object_or_404(own, uuid=uuid)
    if request.method == "POST":
        delete_preset(preset)
        messages.success(request, _("Deleted. Planned files keep its columns."))
    return redirect("admin:analytics_presets", event.pk)


# Route, view and name, for the admin of the reports.
PAGES: list[tuple[str, Callable[..., HttpResponseBase], str]] = [
    ("<int:pk>/files/presets/", presets, "analytics_presets"),
    ("<int:pk>/files/presets/<uuid:uuid>/", forget_preset, "analytics_preset_delete"),
]
