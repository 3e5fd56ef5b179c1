"""Targets that wait for another one's object: what holds them up, and what wakes them.

A track's category stands in its event's, a session's place in one of the two. Where that
object is missing, its own target decides. While it is on its way, what depends on it rests
with growing pauses; when it has failed, what depends on it has failed because of it. Its
success wakes them at once, so nobody asks Kaltura in vain meanwhile.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils import timezone

from kaltura_bridge.models import ErrorKind, SyncState, SyncTarget, TargetKind
from kaltura_bridge.specs import uuid_of_key
from kaltura_bridge.sync import states
from kaltura_bridge.sync.batch_state import BatchState, Blocked
from kaltura_bridge.sync.outcome import Problem, back_off_s

# A parent's outcome is known before its children's.
_ORDER: Final = (
    TargetKind.EVENT,
    TargetKind.TRACK,
    TargetKind.SESSION,
    TargetKind.MEMBER,
)


@dataclass
class Blockages:
    """What holds up targets of a batch; ``causes``: whose failure is behind theirs, by id."""

    state: BatchState
    owners: Mapping[UUID, SyncTarget]
    causes: dict[int, SyncTarget] = field(default_factory=dict)

    def add(self, target: SyncTarget) -> None:
        """Note what holds up one target; a problem of its own says more than that."""
        # What has failed comes first: the others may end and this one still be in the way.
        pairs = [(each, self._owner(each, target)) for each in self.state.blocked[target.pk]]
        blocked, owner = max(pairs, key=lambda pair: (bool(self._cause(pair[1])), bool(pair[1])))
        if owner:
            self.state.waits_for[target.pk] = owner.pk
        if self.state.outcomes[target.pk].problems:
            return
        cause = self._cause(owner)
        if cause:
            self.causes[target.pk] = cause
            problem = _failed_because_of(cause, blocked)
        else:
            problem = _waiting_for(blocked, self._next_chance(target, owner))
        self.state.add_problem(target.pk, problem)

    def _owner(self, blocked: Blocked, target: SyncTarget) -> SyncTarget | None:
        """The other target that the missing object belongs to; None when it is its own."""
        uuid = uuid_of_key(blocked.ref.key)
        owner = self.owners.get(uuid) if uuid else None
        return owner if owner and owner.pk != target.pk else None

    def _cause(self, owner: SyncTarget | None) -> SyncTarget | None:
        """The target whose own failure is behind the owner's; None when it has not failed."""
        if owner is None:
            return None
        if owner.pk in self.state.targets:
            has_failed = self.state.outcomes[owner.pk].state == SyncState.FAILED
            return self.causes.get(owner.pk, owner) if has_failed else None
        return (owner.cause or owner) if owner.state == SyncState.FAILED else None

    def _next_chance(self, target: SyncTarget, owner: SyncTarget | None) -> datetime | None:
        """When the owner is tried again: then both are claimed together, and ask once."""
        if owner is None:
            return None
        if owner.pk in self.state.targets:
            outcome = self.state.outcomes[owner.pk]
            return outcome.next_attempt(owner) if outcome.problems else None
        own_pause = timezone.now() + timedelta(seconds=back_off_s(target.attempts))
        return max(owner.next_attempt_at, own_pause)


def _failed_because_of(cause: SyncTarget, blocked: Blocked) -> Problem:
    text = (
        f"The {blocked.label} waits for {cause}, which has failed. "
        "It follows by itself once that is in sync."
    )
    return Problem(ErrorKind.BLOCKED, text, weight=0)


def _waiting_for(blocked: Blocked, until: datetime | None) -> Problem:
    text = f"The {blocked.label} waits for its {blocked.ref.kind.label.lower()} at Kaltura."
    return Problem(ErrorKind.WAITING, text, until, weight=0)


def report_blocked(state: BatchState) -> Blockages:
    """Say and note of each blocked target what it waits for."""
    blocked = [target for target in state.targets.values() if state.blocked.get(target.pk)]
    found = Blockages(state, _owners(state, blocked))
    for target in sorted(blocked, key=lambda t: _ORDER.index(TargetKind(t.kind))):
        found.add(target)
    return found


def _owners(state: BatchState, blocked: Sequence[SyncTarget]) -> dict[UUID, SyncTarget]:
    """The targets that missing objects belong to; those of the batch as it has them."""
    keys = {each.ref.key for target in blocked for each in state.blocked[target.pk]}
    uuids = {uuid for key in keys if (uuid := uuid_of_key(key))}
    if not uuids:
        return {}
    rows = SyncTarget.objects.filter(object_uuid__in=uuids).select_related("waits_for__waits_for")
    return {row.object_uuid: state.targets.get(row.pk, row) for row in rows}


def wake_dependants(state: BatchState, blockages: Blockages) -> None:
    """After a batch is released: make due what depends on those that settled in it.

    What waits for one that has failed is told so once, and then rests until that is in sync.
    """
    ended = _by_state(state)
    woken = Q(waits_for__in=ended[SyncState.SYNCED])
    outside = Q(waits_for__in=ended[SyncState.FAILED], state=SyncState.PENDING)
    woken |= outside & ~Q(pk__in=state.targets)
    # Whom they wait for may have come in sync between our look at it and our note of that.
    failed = Q(pk__in=blockages.causes, state=SyncState.FAILED)
    woken |= failed & Q(waits_for__state=SyncState.SYNCED)
    pks = list(SyncTarget.objects.filter(woken).values_list("pk", flat=True))
    if pks:
        states.touch_all(SyncTarget.objects.filter(pk__in=pks))


def _by_state(state: BatchState) -> dict[SyncState, list[int]]:
    ended: dict[SyncState, list[int]] = {each: [] for each in SyncState}
    for pk in state.targets:
        ended[state.outcomes[pk].state].append(pk)
    return ended


def left_behind() -> QuerySet[SyncTarget]:
    """Blocked targets that nothing will wake: what they waited for is in sync, or deleted."""
    is_free = Q(waits_for=None) | Q(waits_for__state=SyncState.SYNCED)
    blocked = SyncTarget.objects.filter(state=SyncState.FAILED, error_kind=ErrorKind.BLOCKED)
    # Without a join: PostgreSQL locks no rows on the empty side of one.
    return SyncTarget.objects.filter(pk__in=blocked.filter(is_free).values("pk"))
