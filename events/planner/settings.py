"""The page for the rooms of an event, the hours of rooms and people, and the planner's rules."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db import IntegrityError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _

from events.models import Event
from events.planner.forms import PlannerSettings
from events.planner.reading import rules_of


def planner_settings(modeladmin: Any, request: HttpRequest, event: Event) -> HttpResponse:
    """Everything on one page, saved together or not at all."""
    data = request.POST if request.method == "POST" else None
    chosen = PlannerSettings(event, rules_of(event), data)
    if data is not None and _save(modeladmin, request, event, chosen):
        return redirect("admin:events_event_planner_settings", event.pk)
    context = {
        **modeladmin.admin_site.each_context(request),
        "title": _("Rooms, hours and rules of “%(event)s”") % {"event": event},
        "event": event,
        "chosen": chosen,
        "has_errors": data is not None,
        "opts": modeladmin.opts,
    }
    return TemplateResponse(request, "admin/events/planner/settings.html", context)


def _save(modeladmin: Any, request: HttpRequest, event: Event, chosen: PlannerSettings) -> bool:
    if not chosen.is_valid():
        return False
    try:
        chosen.save()
    except IntegrityError:
        messages.error(
            request,
            _(
                "Two rooms cannot swap names at once, and somebody else may have changed them. "
                "Nothing was saved: change one name after the other."
            ),
        )
        return False
    modeladmin.log_change(request, event, "Changed rooms, hours or rules of the planner.")
    messages.success(request, _("Saved."))
    return True
