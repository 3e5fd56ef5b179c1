"""The page of the overview."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from events.desk.needs import needs_of_event
from events.desk.overview import next_sessions, panels_of
from events.models import Event


def overview_page(modeladmin: Any, request: HttpRequest, event: Event) -> HttpResponse:
    """What needs the person at this event, how it stands, and what comes next."""
    context = {
        **modeladmin.admin_site.each_context(request),
        "opts": modeladmin.opts,
        "event": event,
        "title": _("Overview"),
        "subtitle": event.title,
        "needs": needs_of_event(request.user, event),
        "panels": list(panels_of(request.user, event)),
        "sessions": next_sessions(event),
        "now": timezone.now(),
        "may_plan": request.user.has_perm("events.change_event", event),
    }
    return TemplateResponse(request, "admin/events/desk/overview.html", context)
