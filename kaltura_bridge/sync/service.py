"""The only path to Kaltura: claim what is due, a batch at a time, until nothing is.

Beat, doorbell, webhook, admin and command line all end here; a batch of one is a batch.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from datetime import timedelta
from math import inf

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from events.models import Event, Session, Track
from kaltura_bridge.api.account import account, resources_for
from kaltura_bridge.api.client import Kaltura
from kaltura_bridge.api.errors import ErrorClass, KalturaError, user_message
from kaltura_bridge.api.videos import videos_for
from kaltura_bridge.models import Account, RemoteLink, SyncState, SyncTarget
from kaltura_bridge.sync import states
from kaltura_bridge.sync.batch import Batch, known_for
from kaltura_bridge.sync.desired import context_for, desired_for, foreign_entries, load
from kaltura_bridge.sync.observe import observe
from kaltura_bridge.sync.outcome import back_off_s
from kaltura_bridge.sync.planner import plan
from kaltura_bridge.sync.report import EventPlan

CLAIM = 500
STOPPED_FOR = timedelta(minutes=5)
UNAVAILABLE_CAP_S = 30.0
POLL_S = 0.2
KEPT_WORKS = 10


@dataclass
class Work:
    """What a sync did: HTTP calls, writing requests, seconds."""

    calls: int = 0
    writes: int = 0
    seconds: float = 0.0
    warnings: list[str] = field(default_factory=list)


def targets_of(event: Event) -> QuerySet[SyncTarget]:
    return SyncTarget.objects.filter(event_uuid=event.uuid)


def ensure_targets(event: Event) -> int:
    """Touch what belongs to the event and was never touched. Returns how many.

    Planned objects that came without a signal (restored data) are found here.
    """
    known = set(targets_of(event).values_list("object_uuid", flat=True))
    planned: list[Event | Track | Session] = [
        event,
        *event.tracks.select_related("event"),
        *event.sessions.select_related("event"),
    ]
    missing = [thing for thing in planned if thing.uuid not in known]
    for thing in missing:
        states.touch(thing)
    return len(missing)


def sync_due(
    queryset: QuerySet[SyncTarget] | None = None,
    *,
    ignore_pause: bool = False,
    for_s: float = inf,
    approved: frozenset[str] | None = None,
    force: bool = False,
) -> Work:
    """Bring everything that is due in step. ``ignore_pause``: even while the account rests.

    With ``approved``, the fingerprints of a plan, nothing but that plan is written. With
    ``force`` the targets are due whatever their state; the first of them are made due and
    claimed in one step, so that nobody else takes them in between and writes more.

    Ends when nothing is due, Kaltura cannot be reached, or ``for_s`` seconds have passed.
    """
    work, kaltura, began, objects = Work(), Kaltura(), time.monotonic(), 0
    states.free_dead()
    queryset = SyncTarget.objects.all() if queryset is None else queryset
    while time.monotonic() - began < for_s and (ignore_pause or not resting()):
        holder, targets = _claim(queryset, force)
        force = False
        if not targets:
            break
        ended = Batch(holder, targets, kaltura, approved).run()
        objects += len(targets)
        _note_account(ended)
        if ended:
            break
    work.calls, work.writes = kaltura.calls, kaltura.writes
    work.seconds = time.monotonic() - began
    if objects:
        _note_work(work, objects)
    return work


def _note_work(work: Work, objects: int) -> None:
    """Keep what a sync cost. Of two at once one may be lost: these are figures to look at."""
    row = account()
    newest = {
        "at": timezone.now().isoformat(),
        "objects": objects,
        "calls": work.calls,
        "writes": work.writes,
        "seconds": round(work.seconds, 1),
    }
    Account.objects.filter(pk=row.pk).update(recent_syncs=[newest, *row.recent_syncs][:KEPT_WORKS])


def _claim(queryset: QuerySet[SyncTarget], force: bool) -> tuple[str, list[SyncTarget]]:
    with transaction.atomic():
        if force:
            states.touch_all(queryset.filter(holder=""))
        return states.claim(queryset, CLAIM)


def sync_event(event: Event, wait_s: float = 0.0, approved: frozenset[str] | None = None) -> Work:
    """Compare the whole event with Kaltura and bring it in step, or exactly as ``approved``.

    With ``wait_s`` it comes back when every object is in step or has failed, or after
    that many seconds; it works itself and beside any worker.
    """
    ensure_targets(event)
    return settle(targets_of(event), wait_s, approved, force=True)


def settle(
    queryset: QuerySet[SyncTarget],
    wait_s: float,
    approved: frozenset[str] | None = None,
    *,
    force: bool = False,
) -> Work:
    """Sync these targets until none waits, at most ``wait_s`` seconds."""
    began, total = time.monotonic(), Work()
    while True:
        work = sync_due(queryset, ignore_pause=True, approved=approved, force=force)
        force = False
        total.calls += work.calls
        total.writes += work.writes
        total.seconds = time.monotonic() - began
        waiting = queryset.filter(state__in=[SyncState.PENDING, SyncState.SENDING]).exists()
        if not waiting or total.seconds >= wait_s:
            return total
        time.sleep(POLL_S if work.calls == 0 else 0)


def plan_event(event: Event) -> EventPlan:
    """What a sync of the event would do. Reads Kaltura, changes nothing there or here.

    Raises KalturaError when Kaltura cannot be read.
    """
    kaltura = Kaltura()
    targets = _all_targets(event)
    resources = resources_for(kaltura)
    planned = load(targets)
    videos = videos_for(kaltura, foreign_entries(planned))
    desired = desired_for(targets, planned, context_for(resources, videos))
    pks = [target.pk for target in targets if target.pk > 0]
    links = list(RemoteLink.objects.filter(target__in=pks).select_related("target"))
    specs = [spec for specs in desired.specs.values() for spec in specs]
    observation = observe(kaltura, specs, links, resources)
    return EventPlan(
        plan(desired.specs, known_for(links, observation)),
        {target.pk: target for target in targets},
        {pk: str(lack) for pk, lack in desired.missing.items()},
        event.zone,
        kaltura.calls,
    )


def _all_targets(event: Event) -> list[SyncTarget]:
    """The event's targets, with unsaved ones for what was never touched."""
    targets = list(targets_of(event))
    known = {target.object_uuid for target in targets}
    planned: list[states.Planned] = [event, *event.tracks.all(), *event.sessions.all()]
    for number, thing in enumerate((t for t in planned if t.uuid not in known), 1):
        kind = states.KINDS[type(thing)]
        targets.append(SyncTarget(pk=-number, kind=kind, object_uuid=thing.uuid, title=str(thing)))
    return targets


def resting() -> bool:
    """Whether the account is left alone for now, after failures."""
    until = account().paused_until
    return until is not None and until > timezone.now()


def _note_account(error: KalturaError | None) -> None:
    """Remember how the account fares: a failure rests it, longer each time; a success ends that."""
    row = account()
    if error is None:
        if row.failures:
            Account.objects.filter(pk=row.pk).update(
                paused_until=None, failures=0, error_kind="", error="", failing_since=None
            )
        return
    now = timezone.now()
    if error.error_class is ErrorClass.STOP:
        rest = STOPPED_FOR
    else:
        asked = getattr(error, "retry_after_s", None)
        rest = timedelta(seconds=asked or back_off_s(row.failures, 1.0, UNAVAILABLE_CAP_S))
    Account.objects.filter(pk=row.pk).update(
        paused_until=now + rest,
        failures=row.failures + 1,
        error_kind=error.kind,
        error=user_message("the account", error),
        failing_since=row.failing_since or now,
    )
