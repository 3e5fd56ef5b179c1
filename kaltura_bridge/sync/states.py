"""The one state machine of a target's transfer, and who may move it when.

An edit returns a target to PENDING from any state and raises its version, in the
edit's own transaction (``touch``). A sender claims it by conditional update, renews its
lease while it works, and ends by conditional update on the version it claimed: if that
fails, someone edited meanwhile and the target stays PENDING. Nobody claims what another
living sender still holds, edited or not, so no object is made by two at once.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Case, F, IntegerField, Q, QuerySet, Value, When
from django.utils import timezone

from events.bulk import NewRows, update_columns
from events.holders import is_alive, new_holder, this_machine
from events.models import Event, Session, Track
from kaltura_bridge.members.people import CategoryMember
from kaltura_bridge.models import SyncState, SyncTarget, TargetKind

Planned = Event | Track | Session | CategoryMember

NEXT: dict[str, set[str]] = {
    SyncState.PENDING: {SyncState.SENDING, SyncState.PENDING},
    SyncState.SENDING: {
        SyncState.SENDING,
        SyncState.SYNCED,
        SyncState.PENDING,
        SyncState.FAILED,
    },
    SyncState.SYNCED: {SyncState.PENDING},
    SyncState.FAILED: {SyncState.PENDING},
}
KINDS: dict[type, TargetKind] = {
    Event: TargetKind.EVENT,
    Track: TargetKind.TRACK,
    Session: TargetKind.SESSION,
    CategoryMember: TargetKind.MEMBER,
}
# Parents first: an event's category must exist before its track's. Thousands of members
# keep no session waiting.
RANK = Case(
    When(kind=TargetKind.EVENT, then=Value(0)),
    When(kind=TargetKind.TRACK, then=Value(1)),
    When(kind=TargetKind.SESSION, then=Value(2)),
    default=Value(3),
    output_field=IntegerField(),
)


class IllegalMove(Exception):
    """A step that the state machine does not have."""


def touch(planned: Planned, *, removed: bool = False) -> None:
    """Say that a planned object changed: from any state to PENDING, version up.

    Runs in the caller's transaction, so a rolled-back edit leaves nothing behind.
    """
    kind, about = KINDS[type(planned)], _about(planned, removed)
    mine = SyncTarget.objects.filter(kind=kind, object_uuid=planned.uuid)
    if mine.update(**about, **_pending(), changed_at=timezone.now()):
        return
    try:
        with transaction.atomic():
            SyncTarget.objects.create(kind=kind, object_uuid=planned.uuid, **about)
    except IntegrityError:  # another edit made it first
        mine.update(**about, **_pending(), changed_at=timezone.now())


@transaction.atomic(savepoint=False)
def touch_together(
    changed: Sequence[Planned], removed: Sequence[Planned], also: QuerySet[SyncTarget]
) -> None:
    """Touch all of these, each once, with a handful of queries; ``also`` as ``touch_all`` does.

    Rows are locked in one order, so that two edits never wait for each other. Runs in the
    caller's transaction, as ``touch`` does.
    """
    planned = {_key(thing): (thing, True) for thing in removed}
    planned |= {_key(thing): (thing, False) for thing in changed}
    mine = Q(object_uuid__in=[uuid for _, uuid in planned])
    rows = SyncTarget.objects.filter(mine | Q(pk__in=also.values("pk")))
    known = {(row.kind, row.object_uuid): row for row in rows.order_by("pk").select_for_update()}
    SyncTarget.objects.filter(pk__in=[row.pk for row in known.values()]).update(**_pending())
    edited = {key: planned[key] for key in known.keys() & planned.keys()}
    _note_edits([(known[key], *edit) for key, edit in edited.items()])
    _add_targets([edit for key, edit in planned.items() if key not in known])


def _note_edits(edits: Sequence[tuple[SyncTarget, Planned, bool]]) -> None:
    now = timezone.now()
    for row, planned, removed in edits:
        about = _about(planned, removed)
        row.title, row.event_uuid = about["title"], about["event_uuid"]
        row.removed, row.changed_at = removed, now
    update_columns([row for row, _, _ in edits], "title", "event_uuid", "removed", "changed_at")


def _add_targets(planned: Sequence[tuple[Planned, bool]]) -> None:
    if not planned:
        return
    rows = [
        SyncTarget(kind=KINDS[type(thing)], object_uuid=thing.uuid, **_about(thing, removed))
        for thing, removed in planned
    ]
    try:
        with transaction.atomic():
            NewRows(SyncTarget, rows).insert()
    except IntegrityError:  # another edit made one of them first
        for thing, removed in planned:
            touch(thing, removed=removed)


def _key(planned: Planned) -> tuple[str, uuid.UUID]:
    return KINDS[type(planned)].value, planned.uuid


def _about(planned: Planned, removed: bool) -> dict[str, Any]:
    event_uuid = planned.uuid if isinstance(planned, Event) else planned.event.uuid
    return {"title": str(planned)[:250], "removed": removed, "event_uuid": event_uuid}


def touch_all(targets: QuerySet[SyncTarget]) -> int:
    """Make these targets pending again though nobody edited them. Returns how many.

    Rows are locked in one order, so that two callers never wait for each other.
    """
    with transaction.atomic():
        pks = list(targets.order_by("pk").select_for_update().values_list("pk", flat=True))
        return SyncTarget.objects.filter(pk__in=pks).update(**_pending())


def remove_all(targets: QuerySet[SyncTarget]) -> int:
    """Say of these that what they stand for is deleted here. Returns how many.

    Rows are locked in one order, so that two callers never wait for each other.
    """
    with transaction.atomic():
        pks = list(targets.order_by("pk").select_for_update().values_list("pk", flat=True))
        if not pks:
            return 0
        rows = SyncTarget.objects.filter(pk__in=pks)
        return rows.update(removed=True, changed_at=timezone.now(), **_pending())


def _pending() -> dict[str, object]:
    return {
        "state": SyncState.PENDING,
        "version": F("version") + 1,
        "attempts": 0,
        "next_attempt_at": timezone.now(),
    }


def due() -> Q:
    """Targets that may be claimed now: their turn has come and no living sender holds them.

    One that was edited while it was sent is PENDING with a lease: its sender ends first, or
    two would write the same objects at once.
    """
    now = timezone.now()
    return Q(next_attempt_at__lte=now) & (
        Q(state=SyncState.PENDING, lease_until=None)
        | Q(state__in=[SyncState.PENDING, SyncState.SENDING], lease_until__lte=now)
    )


def claim(queryset: QuerySet[SyncTarget], limit: int) -> tuple[str, list[SyncTarget]]:
    """Claim up to ``limit`` due targets, parents first. Returns the holder's name and them.

    The update repeats the condition, so of two claimers of one row one gets it.
    """
    holder = new_holder()
    ordered = queryset.filter(due()).annotate(rank=RANK).order_by("rank", "next_attempt_at", "pk")
    pks = list(ordered.values_list("pk", flat=True)[:limit])
    _update_unlocked(
        SyncTarget.objects.filter(due(), pk__in=pks),
        state=SyncState.SENDING,
        version=F("version") + 1,
        holder=holder,
        lease_until=_lease(),
    )
    mine = SyncTarget.objects.filter(holder=holder).annotate(rank=RANK)
    return holder, list(mine.order_by("rank", "pk"))


def renew(holder: str, targets: Iterable[SyncTarget]) -> set[int]:
    """Prolong the lease. Returns the ids still held; the others were taken over."""
    held = SyncTarget.objects.filter(holder=holder, pk__in=[t.pk for t in targets])
    _update_unlocked(held, lease_until=_lease())
    return set(held.values_list("pk", flat=True))


def _update_unlocked(targets: QuerySet[SyncTarget], **changes: object) -> int:
    """Update what no edit has locked just now; a sender never waits for an editor's commit.

    Whoever waits while holding rows may deadlock. A locked row is being edited: it need
    not be claimed yet, and nobody else can claim it either. SQLite has one writer at a
    time and ignores the lock.
    """
    with transaction.atomic():
        free = targets.order_by("pk").select_for_update(skip_locked=True)
        return targets.filter(pk__in=list(free.values_list("pk", flat=True))).update(**changes)


def release(target: SyncTarget, holder: str, to: SyncState, **changes: object) -> bool:
    """End a step: move on to ``to``; False when someone edited meanwhile.

    Then only the hold ends, and the target stays PENDING for the next sender.
    Raises IllegalMove for a step not in NEXT.
    """
    if to not in NEXT[SyncState.SENDING]:
        raise IllegalMove(f"{target} cannot go from {SyncState.SENDING} to {to}.")
    mine = SyncTarget.objects.filter(pk=target.pk, holder=holder)
    end = {"holder": "", "lease_until": None}
    # By version: an edit since the claim raised it, and what was read is out of date. By
    # holder: once the lease ran out, the target may be another sender's.
    if mine.filter(version=target.version).update(
        state=to, version=F("version") + 1, **end, **changes
    ):
        return True
    mine.update(**end)
    return False


def expire_dead_leases() -> int:
    """End the leases of senders on this machine that are no longer alive.

    Elsewhere a dead sender's lease runs out by itself; here nobody need wait for it.
    """
    here = SyncTarget.objects.filter(
        holder__startswith=f"{this_machine()}|", lease_until__isnull=False
    )
    holders = here.values_list("holder", flat=True).distinct()
    dead = [holder for holder in holders if not is_alive(holder)]
    if not dead:
        return 0
    return _update_unlocked(SyncTarget.objects.filter(holder__in=dead), lease_until=timezone.now())


def _lease() -> object:
    return timezone.now() + timedelta(seconds=settings.KALTURA_LEASE_S)
