"""The dashboard: the sync state of everything that one plans, live."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from events.models import Event
from events.permissions import PLANNERS, events_for_team
from kaltura_bridge.admin.base import ReadOnlyAdmin, render_page
from kaltura_bridge.labels import since
from kaltura_bridge.models import Account, SyncTarget
from kaltura_bridge.repair import actions
from kaltura_bridge.repair.choices import counted
from kaltura_bridge.sync import progress

DASHBOARD = "admin:kaltura_bridge_dashboard"


def dashboard_page(
    modeladmin: ReadOnlyAdmin, request: HttpRequest, targets: QuerySet[SyncTarget]
) -> HttpResponse:
    """How far the visible targets are, or those of the event of ``?event=``."""
    event, targets = _asked_for(request, targets)
    found = progress.overview(targets)
    oldest = progress.oldest_waiting(targets)
    context = {
        "event": event,
        "events": events_for_team(request.user, PLANNERS).distinct().order_by("title"),
        "overview": found,
        "failures": progress.failures(targets),
        "oldest": oldest,
        "oldest_since": since(oldest.changed_at) if oldest else "",
        "attempts": progress.last_attempts(targets),
        "account": _account(),
        "recent_syncs": _recent_syncs(),
        "query": _query(event),
        "list_url": f"{reverse('admin:kaltura_bridge_synctarget_changelist')}?{_filter(event)}",
    }
    return render_page(modeladmin, request, "dashboard", _("Sync with Kaltura"), context)


def progress_json(request: HttpRequest, targets: QuerySet[SyncTarget]) -> HttpResponse:
    """The numbers alone, for the page's script."""
    _, targets = _asked_for(request, targets)
    return JsonResponse(progress.overview(targets).as_json())


def retry_kind_page(
    modeladmin: ReadOnlyAdmin, request: HttpRequest, targets: QuerySet[SyncTarget]
) -> HttpResponse:
    """How many failures of one kind would be tried again; a POST does it."""
    event, targets = _asked_for(request, targets)
    kind = request.POST.get("kind", "") or request.GET.get("kind", "")
    failed = progress.failed_of(targets, kind)
    back = f"{reverse(DASHBOARD)}{_query(event)}"
    if request.method == "POST":
        number = actions.retry(failed)
        messages.success(
            request, _("Retrying %(counted)s.") % {"counted": counted(number, "object")}
        )
        return redirect(back)
    context = {
        "kind": kind,
        "number": failed.count(),
        "examples": failed.order_by("title")[: progress.ATTEMPTS],
        "back": back,
    }
    return render_page(
        modeladmin, request, "retry_kind", _("Retry failures: %(kind)s") % {"kind": kind}, context
    )


def dashboard_of_event(request: HttpRequest, pk: int) -> HttpResponse:
    """Redirects from an event's page to the dashboard of that event."""
    event = get_object_or_404(events_for_team(request.user, PLANNERS).distinct(), pk=pk)
    return redirect(f"{reverse(DASHBOARD)}{_query(event)}")


def _asked_for(
    request: HttpRequest, targets: QuerySet[SyncTarget]
) -> tuple[Event | None, QuerySet[SyncTarget]]:
    """The event of ``?event=`` with its targets; without one, all of these."""
    slug = request.GET.get("event", "")
    if not slug:
        return None, targets
    mine = events_for_team(request.user, PLANNERS).distinct()
    event = get_object_or_404(mine, slug=slug)
    return event, targets.filter(event_uuid=event.uuid)


def _query(event: Event | None) -> str:
    return f"?{urlencode({'event': event.slug})}" if event else ""


def _filter(event: Event | None) -> str:
    """The list's filter for one event."""
    return urlencode({"event_uuid__exact": str(event.uuid)}) + "&" if event else ""


def _account() -> dict[str, Any] | None:
    """The account's problem; None while it answers."""
    row = Account.objects.filter(failures__gt=0).first()
    if row is None:
        return None
    paused = row.paused_until if row.paused_until and row.paused_until > timezone.now() else None
    return {"row": row, "since": since(row.failing_since), "paused_until": paused}


def _recent_syncs() -> list[dict[str, Any]]:
    """The last syncs of the account, the newest first, and what each cost."""
    row = Account.objects.first()
    syncs = row.recent_syncs if row else []
    return [{**sync, "ago": since(datetime.fromisoformat(sync["at"]))} for sync in syncs]
