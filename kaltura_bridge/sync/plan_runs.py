"""Plans as they are kept: made, shown, and applied exactly as they were shown."""

from __future__ import annotations

from django.utils import timezone

from events.models import Event
from kaltura_bridge.api.errors import KalturaError, user_message
from kaltura_bridge.models import PlanRun
from kaltura_bridge.sync import service
from kaltura_bridge.sync.plan_report import plan_report
from kaltura_bridge.sync.sync_report import sync_report

GONE = "The event has been deleted."


def make(pk: int) -> None:
    """Plan on behalf of the page, unless that was done already."""
    run = PlanRun.objects.filter(pk=pk, made_at=None).first()
    if run is None:
        return
    event = _event(run)
    if event is None:
        run.error = GONE
    else:
        _plan(run, event)
    run.made_at = timezone.now()
    run.save(update_fields=["report", "fingerprints", "error", "made_at"])


def _plan(run: PlanRun, event: Event) -> None:
    try:
        planned = service.plan_event(event)
    except KalturaError as error:
        run.error = user_message("to be read", error)
        return
    run.report = plan_report(planned).as_json()
    run.fingerprints = planned.fingerprints


def apply(pk: int, wait_s: float) -> None:
    """Do what was shown and nothing else, at most ``wait_s`` seconds, unless that was done.

    What is planned differently by now fails (PLAN_CHANGED), and nothing of it is sent.
    """
    asked = PlanRun.objects.filter(pk=pk, apply_asked_at__isnull=False, applied_at=None)
    run = asked.first()
    if run is None:
        return
    event = _event(run)
    if event is None:
        run.error = GONE
    else:
        work = service.sync_event(event, wait_s, frozenset(run.fingerprints))
        run.result = sync_report(service.targets_of(event), work).as_json()
    run.applied_at = timezone.now()
    run.save(update_fields=["result", "error", "applied_at"])


def _event(run: PlanRun) -> Event | None:
    return Event.objects.filter(uuid=run.event_uuid).first()
