"""The end of a batch: each target learns how its try ended and is free for the next sender."""

from __future__ import annotations

from django.db.models import OuterRef, Subquery
from django.utils import timezone

from kaltura_bridge.models import SyncAttempt, SyncState, SyncTarget
from kaltura_bridge.sync import states
from kaltura_bridge.sync.batch_state import BatchState
from kaltura_bridge.sync.outcome import Outcome
from kaltura_bridge.sync.planner import DELETED


def release(state: BatchState, holder: str) -> None:
    """Release every target of a batch, and write a line of history where something is new."""
    attempts, before = [], _last_outcomes(state)
    for target in state.targets.values():
        outcome = state.outcomes[target.pk]
        if _is_finished(target, outcome):
            continue
        _release(target, holder, outcome, state.waits_for.get(target.pk))
        if outcome.differs_from(target, before.get(target.pk)):
            attempts.append(_attempt(target, outcome))
    SyncAttempt.objects.bulk_create(attempts)


def _last_outcomes(state: BatchState) -> dict[int, str | None]:
    """How the newest line of history of those with a problem ends, by their ids."""
    troubled = [pk for pk in state.targets if state.outcomes[pk].problems]
    if not troubled:
        return {}
    newest = SyncAttempt.objects.filter(target=OuterRef("pk")).values("outcome")[:1]
    rows = SyncTarget.objects.filter(pk__in=troubled).order_by()
    return dict(rows.annotate(last=Subquery(newest)).values_list("pk", "last"))


def _release(target: SyncTarget, holder: str, outcome: Outcome, waits_for: int | None) -> None:
    worst, now = outcome.worst, timezone.now()
    states.release(
        target,
        holder,
        outcome.state,
        attempts=target.attempts + 1 if worst else 0,
        next_attempt_at=outcome.next_attempt(target) if worst else now,
        error_kind=worst.kind if worst else "",
        error=worst.text if worst else "",
        waits_for=waits_for,
        changed_there=outcome.changed_fields,
        synced_at=target.synced_at if worst else now,
    )


def _is_finished(target: SyncTarget, outcome: Outcome) -> bool:
    """Whether a deleted object is deleted at Kaltura too: then nothing remains of it.

    An edit meanwhile raised the version: then it is planned again, and the target stays.
    """
    if not target.removed or outcome.problems:
        return False
    if target.links.exclude(made_for=DELETED).exists():  # tombstones go with their target
        return False
    return bool(SyncTarget.objects.filter(pk=target.pk, version=target.version).delete()[0])


def _attempt(target: SyncTarget, outcome: Outcome) -> SyncAttempt:
    worst = outcome.worst
    return SyncAttempt(
        target=target,
        outcome=SyncState(outcome.state),
        error_kind=worst.kind if worst else "",
        message=outcome.message,
    )
