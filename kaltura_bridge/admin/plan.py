"""The page of an event's plan: shown first, then applied exactly as it was shown.

The web process never calls Kaltura: the worker plans and applies, the page shows what it saved.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, JsonResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext as _

from events.models import Event
from events.permissions import PLANNERS, events_for_team
from kaltura_bridge.admin.base import NO_WORKER, ReadOnlyAdmin, render_page
from kaltura_bridge.fields import label_of
from kaltura_bridge.labels import since
from kaltura_bridge.models import ErrorKind, PlanRun, SyncTarget
from kaltura_bridge.queue import TaskName, enqueue
from kaltura_bridge.specs import Kind
from kaltura_bridge.sync import progress as counts

PAGE: Final = "admin:kaltura_bridge_plan"
# After so long without an answer the worker is not expected to come back.
PATIENCE: Final = timedelta(minutes=10)
ICONS: Final = {"create": "+", "update": "✎", "move": "→", "delete": "−", "relink": "⚭"}
NAMED: Final = 8  # objects that the page names before “and N more”


@dataclass(frozen=True)
class PlanLine:
    """An operation as the page shows it."""

    icon: str
    action: str
    label: str
    fields: str


@dataclass(frozen=True)
class PlanGroup:
    """All operations for one session, track or event."""

    title: str
    lines: Sequence[PlanLine]


@admin.register(PlanRun)
class PlanRunAdmin(ReadOnlyAdmin):
    """One page per event instead of a list of plans."""

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        return [
            path("of/<int:pk>/", wrap(self.page), name="kaltura_bridge_plan"),
            path("<int:pk>/apply/", wrap(self.apply), name="kaltura_bridge_plan_apply"),
            path("<int:pk>/progress/", wrap(self.progress), name="kaltura_bridge_plan_progress"),
        ]

    def has_module_permission(self, request: HttpRequest) -> bool:
        return False  # reached from its event's page

    def page(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The last plan of an event; a POST requests a new one."""
        event = get_object_or_404(_own_events(request), pk=pk)
        if request.method == "POST":
            return self._ask(request, event)
        run = PlanRun.objects.filter(event_uuid=event.uuid).select_related("asked_by").first()
        context = {"event": event, "run": run, **(_shown(run) if run else {})}
        return render_page(
            self, request, "plan", _("Plan for “%(event)s”") % {"event": event}, context
        )

    def apply(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Have the worker apply exactly this plan, once."""
        run, event = _own_run(request, pk)
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        ready = PlanRun.objects.filter(pk=pk, made_at__isnull=False, error="", apply_asked_at=None)
        if not ready.update(apply_asked_at=timezone.now()):
            messages.warning(request, _("This plan has already been applied, or is not ready yet."))
        elif not enqueue(TaskName.APPLY_PLAN, pk):
            PlanRun.objects.filter(pk=pk).update(apply_asked_at=None)
            messages.error(request, NO_WORKER)
        else:
            self.log_change(request, run, f"Applied: {run.report['summary']}")
        return redirect(PAGE, event.pk)

    def progress(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Whether the worker is done, for the page's script."""
        run, event = _own_run(request, pk)
        targets = SyncTarget.objects.filter(event_uuid=event.uuid)
        news = counts.overview(targets).progress
        applying = run.apply_asked_at is not None
        return JsonResponse(
            {
                "settled": news.settled if applying else 0,
                "total": news.total if applying else 0,
                "done": not _is_under_way(run),
                "message": news.message if applying else _("Reading Kaltura…"),
            }
        )

    @staticmethod
    def _ask(request: HttpRequest, event: Event) -> HttpResponse:
        run = PlanRun.objects.create(event_uuid=event.uuid, asked_by_id=request.user.pk)
        if not enqueue(TaskName.MAKE_PLAN, run.pk):
            run.delete()
            messages.error(request, NO_WORKER)
        return redirect(PAGE, event.pk)


def _own_events(request: HttpRequest) -> Any:
    return events_for_team(request.user, PLANNERS).distinct()


def _own_run(request: HttpRequest, pk: int) -> tuple[PlanRun, Event]:
    """A run about an event that this person plans; to others it is not there."""
    run = get_object_or_404(PlanRun, pk=pk)
    return run, get_object_or_404(_own_events(request), uuid=run.event_uuid)


def _is_under_way(run: PlanRun) -> bool:
    return run.made_at is None or (run.apply_asked_at is not None and run.applied_at is None)


def _shown(run: PlanRun) -> dict[str, Any]:
    """What the page shows of a plan."""
    began = run.apply_asked_at or run.asked_at
    return {
        "under_way": _is_under_way(run),
        "stalled": _is_under_way(run) and _is_long_ago(began),
        "made": since(run.made_at),
        "groups": groups_of(run.report),
        "applied": since(run.applied_at) if run.applied_at else "",
        **_result(run.result),
    }


def groups_of(report: Mapping[str, Any]) -> list[PlanGroup]:
    """Operations by the planned object, in the order of the plan."""
    found: dict[str, list[PlanLine]] = {}
    for row in report.get("operations", ()):
        found.setdefault(row["of"], []).append(_line(row))
    return [PlanGroup(title, lines) for title, lines in found.items()]


def _line(row: Mapping[str, Any]) -> PlanLine:
    """An operation for people, with the fields that it changes; a create writes all of them."""
    fields = () if row["action"] == "create" else row["fields"]
    kind, label = Kind(row["kind"]).label.lower(), row["object"]
    return PlanLine(
        ICONS[row["action"]],
        row["action"].capitalize(),
        label if label.lower().startswith(kind) else f"{kind}: {label}",
        ", ".join(label_of(row["kind"], name) for name in fields),
    )


def _result(result: Mapping[str, Any]) -> dict[str, Any]:
    failed = result.get("failed", [])
    changed = [row["object"] for row in failed if row["kind"] == ErrorKind.PLAN_CHANGED]
    return {
        "changed": changed[:NAMED],
        "changed_more": max(len(changed) - NAMED, 0),
        "failed": [row for row in failed if row["kind"] != ErrorKind.PLAN_CHANGED],
    }


def _is_long_ago(moment: datetime) -> bool:
    return timezone.now() - moment > PATIENCE
