"""Planning a file, and what becomes of what is planned."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponseNotAllowed
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _

from analytics.admin.files.forms import PlanForm
from analytics.admin.files.page import files_page
from analytics.admin.scope import event_for_analyst
from analytics.exports.schedules import delete, next_run, pause, resume
from analytics.models import FileSchedule
from analytics.privacy.modes import rules_of


def plan_file(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Plan a file that is made again and again, or once after the event."""
    event = event_for_analyst(request.user, pk)
    form = PlanForm(request.user, event, request.POST or None)
    if request.method == "POST" and form.is_valid():
        user: Any = request.user
        schedule = FileSchedule(event=event, user=user, **form.cleaned_data)
        if schedule.preset:
            schedule.columns = schedule.preset.columns
        schedule.next_run_at = next_run(schedule, timezone.now())
        schedule.save()
        messages.success(request, _("Planned. You are told by mail when a file lies ready."))
        return redirect("admin:analytics_event_files", event.pk)
    context = {
        "title": _("Plan an attendance file: %(event)s") % {"event": event.title},
        "privacy": rules_of(event),
        "form": form,
    }
    return files_page(request, event, "analytics/plan_file.html", context)


def change_plan(request: HttpRequest, pk: int, uuid: UUID) -> HttpResponseBase:
    """Pause, resume or delete what one has planned oneself (``do``)."""
    event = event_for_analyst(request.user, pk)
    own = FileSchedule.objects.filter(event=event, user=request.user.pk)
    schedule = get_object_or_404(own.select_related("event"), uuid=uuid)
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    match request.POST.get("do"):
        case "pause" if pause(schedule):
            messages.success(request, _("Paused: nothing is made until you resume it."))
        case "resume" if resume(schedule, timezone.now()):
            messages.success(request, _("Resumed."))
        case "delete":
            delete(schedule)
            messages.success(request, _("Deleted. Files that are made already stay."))
    return redirect("admin:analytics_event_files", event.pk)


# Route, view and name, for the admin of the reports.
PAGES: list[tuple[str, Callable[..., HttpResponseBase], str]] = [
    ("<int:pk>/files/plan/", plan_file, "analytics_plan_file"),
    ("<int:pk>/files/plans/<uuid:uuid>/", change_plan, "analytics_file_plan"),
]
