"""The only path to Kaltura: claim what is due, a batch at a time, until nothing is.

Beat, doorbell, webhook, admin and command line all end here; a batch of one is a batch.
"""

from __future__ import annotations

import time
from math import inf

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet

from events.models import Event, Session, Track
from kaltura_bridge.api.client import Kaltura
from kaltura_bridge.captions.following import abort_outdated
from kaltura_bridge.members.following import ensure_all_members, follow_events
from kaltura_bridge.members.people import events_with_members, without_target
from kaltura_bridge.models import ErrorClass, SyncState, SyncTarget, TargetKind
from kaltura_bridge.sync import pause, states
from kaltura_bridge.sync.batch import Batch
from kaltura_bridge.sync.plan_report import EventPlan
from kaltura_bridge.sync.prepare import prepare
from kaltura_bridge.sync.work import Work, keep_work

# Targets of one batch: as many as have all of their lists in one multirequest.
CLAIM = 500
# While other workers hold what is waited for.
POLL_S = 0.2


def targets_of(event: Event) -> QuerySet[SyncTarget]:
    return SyncTarget.objects.filter(event_uuid=event.uuid)


def ensure_targets(event: Event) -> int:
    """Touch what belongs to the event and was never touched. Returns how many.

    Planned objects that came without a signal (restored data) are found here.
    """
    missing = _without_target(event)
    for start in range(0, len(missing), CLAIM):
        some = missing[start : start + CLAIM]
        states.touch_together(some, [], also=SyncTarget.objects.none())
    return len(missing)


def touch_unknown() -> int:
    """The same for all events, cheap when there is nothing to do. Returns how many."""
    targets = SyncTarget.objects.filter(object_uuid=OuterRef("uuid"))
    unknown: list[Event | Track | Session] = [
        *Event.objects.filter(~Exists(targets.filter(kind=TargetKind.EVENT))),
        *Track.objects.filter(~Exists(targets.filter(kind=TargetKind.TRACK))),
        *Session.objects.filter(~Exists(targets.filter(kind=TargetKind.SESSION))),
    ]
    for thing in unknown:
        states.touch(thing)
    return len(unknown) + ensure_all_members()


def _without_target(event: Event) -> list[states.Planned]:
    known = set(targets_of(event).values_list("object_uuid", flat=True))
    planned: list[states.Planned] = [
        event,
        *event.tracks.select_related("event"),
        *event.sessions.select_related("event"),
    ]
    planned += without_target(list(events_with_members().filter(pk=event.pk)))
    return [thing for thing in planned if thing.uuid not in known]


def sync_due(
    queryset: QuerySet[SyncTarget] | None = None,
    *,
    ignore_pause: bool = False,
    for_s: float = inf,
    approved: frozenset[str] | None = None,
    force: bool = False,
) -> Work:
    """Bring everything that is due in sync. ``ignore_pause``: even while the account rests.

    With ``approved``, the fingerprints of a plan, nothing but that plan is written. With
    ``force`` the targets are due whatever their state; the first of them are made due and
    claimed in one step, so that nobody else takes them in between and writes more.

    Ends when nothing is due, Kaltura cannot be reached, or ``for_s`` seconds have passed.
    """
    work, kaltura, began, objects = Work(), Kaltura(), time.monotonic(), 0
    states.expire_dead_leases()
    queryset = SyncTarget.objects.all() if queryset is None else queryset
    while time.monotonic() - began < for_s and (ignore_pause or not pause.is_paused()):
        holder, targets = _claim(queryset, force)
        force = False
        if not targets:
            break
        follow_events([t.object_uuid for t in targets if t.kind == TargetKind.EVENT])
        abort_outdated(kaltura, [t.object_uuid for t in targets if t.kind == TargetKind.SESSION])
        error = Batch(holder, targets, kaltura, approved).run()
        objects += len(targets)
        pause.record_result(error)
        if error:
            work.stopped = error.error_class is ErrorClass.STOP
            break
    work.calls, work.writes = kaltura.calls, kaltura.writes
    work.seconds = time.monotonic() - began
    if objects:
        keep_work(work, objects)
    return work


def _claim(queryset: QuerySet[SyncTarget], force: bool) -> tuple[str, list[SyncTarget]]:
    with transaction.atomic():
        if force:
            # What somebody holds is being sent anyway.
            states.touch_all(queryset.filter(holder=""))
        return states.claim(queryset, CLAIM)


def sync_event(event: Event, wait_s: float = 0.0, approved: frozenset[str] | None = None) -> Work:
    """Compare the whole event with Kaltura and bring it in sync, or write just what is approved.

    With ``wait_s`` it comes back when every object is in sync or has failed, when Kaltura
    refuses the account, or after that many seconds; it works itself and beside any worker.
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
    """Sync these targets until none waits, at most ``wait_s`` seconds.

    Whoever calls wants to know now, so a pause of the account counts only after the first
    try. When Kaltura refuses the account, waiting changes nothing.
    """
    began, total, is_first = time.monotonic(), Work(), True
    while True:
        work = sync_due(queryset, ignore_pause=is_first, approved=approved, force=force)
        force = is_first = False
        total.calls += work.calls
        total.writes += work.writes
        total.seconds = time.monotonic() - began
        if work.stopped or total.seconds >= wait_s:
            return total
        if not queryset.filter(state__in=[SyncState.PENDING, SyncState.SENDING]).exists():
            return total
        time.sleep(POLL_S if work.calls == 0 else 0)


def plan_event(event: Event) -> EventPlan:
    """What a sync of the event would do. Reads Kaltura, changes nothing there or here.

    Raises KalturaError when Kaltura cannot be read.
    """
    kaltura, targets = Kaltura(), [*targets_of(event), *_unsaved_targets(event)]
    prepared = prepare(kaltura, targets)
    return EventPlan(
        prepared.operations,
        {target.pk: target for target in targets},
        {pk: str(missing) for pk, missing in prepared.missing.items()},
        event.zone,
        kaltura.calls,
    )


def _unsaved_targets(event: Event) -> list[SyncTarget]:
    """Targets of what was never touched, with ids that no saved one has."""
    return [
        SyncTarget(
            pk=-number,
            kind=states.KINDS[type(thing)],
            object_uuid=thing.uuid,
            event_uuid=event.uuid,
            title=str(thing),
        )
        for number, thing in enumerate(_without_target(event), 1)
    ]
