"""The drift report of a batch: what was found before anything is written.

What was seen is remembered on the links; what no write of ours may settle is reported on
the targets. ``kaltura_drift`` prints the same differences as rows.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from zoneinfo import ZoneInfo

from django.utils import timezone

from kaltura_bridge.fields import label_of, show_value
from kaltura_bridge.models import ErrorKind, RemoteLink
from kaltura_bridge.specs import Kind
from kaltura_bridge.sync.batch_state import BatchState
from kaltura_bridge.sync.duplicate_times import duplicate_times, duplicate_times_label
from kaltura_bridge.sync.links import save_links
from kaltura_bridge.sync.observe import Observation
from kaltura_bridge.sync.operations import (
    Gone,
    Keep,
    Operation,
    Update,
    comparison_of,
    duplicates_of,
    held_after,
)
from kaltura_bridge.sync.outcome import Problem, problem_from

UTC = ZoneInfo("UTC")
WHOLE_OBJECT = "(the object itself)"
SEEN = ("seen", "seen_at", "narrowed", "gone", "cancelled")


def record_observation(
    state: BatchState, links: Sequence[RemoteLink], observation: Observation
) -> None:
    """Remember what was seen; a read that failed holds up its own target only."""
    now = timezone.now()
    changed: list[RemoteLink] = []
    same: list[RemoteLink] = []
    for link in links:
        before = (link.seen, link.narrowed, link.gone, link.cancelled)
        identity = (Kind(link.kind), link.key)
        found = [o for o in observation.objects.get(identity, ()) if o.remote_id == link.remote_id]
        link.cancelled = any(o.dead for o in found)
        link.gone = identity in observation.gone or link.cancelled
        if found:
            link.seen, link.seen_at = dict(found[0].fields), now
            link.narrowed = sorted(found[0].narrowed)
        now_seen = (link.seen, link.narrowed, link.gone, link.cancelled)
        (same if now_seen == before else changed).append(link)
    # Most are as they were, and one statement does for all of those.
    seen_now = [link.pk for link in same if link.seen_at == now]
    RemoteLink.objects.filter(pk__in=seen_now).update(seen_at=now)
    save_links(changed, SEEN)
    for (kind, key), error in observation.errors.items():
        for link in links:
            if (link.kind, link.key) == (kind, key):
                state.add_problem(link.target_id, problem_from(str(link), error))


def report_drift(state: BatchState, operations: Sequence[Operation]) -> None:
    """Report what no write of ours may settle, and remember what both sides agree on."""
    for operation in operations:
        if isinstance(operation, Gone):
            _report_gone(state, operation)
        _report_changed_fields(state, operation)
        _report_duplicates(state, operation)
    _report_duplicate_times(state, operations)
    _save_agreed(operations)


def _report_gone(state: BatchState, operation: Gone) -> None:
    if operation.cancelled:
        kind, text = ErrorKind.CANCELLED, _CANCELLED
    else:
        kind, text = ErrorKind.GONE, _DELETED
    problem = Problem(kind, text.format(operation.label), weight=3)
    state.add_problem(operation.target_id, problem)


_DELETED = (
    "Someone deleted the {} at Kaltura. Choose Recreate to create it again, or delete it here."
)
_CANCELLED = (
    "Someone cancelled the {} at Kaltura, which cannot be taken back there. Choose Recreate to "
    "replace it with a new one, or cancel the session here."
)


def _report_changed_fields(state: BatchState, operation: Operation) -> None:
    comparison = comparison_of(operation)
    moved = [*comparison.drift, *comparison.conflicts]
    changed = [f"{operation.kind.label} {label_of(operation.kind, name)}" for name in moved]
    state.outcomes[operation.target_id].changed_there += changed
    for name, (ours, theirs) in comparison.conflicts.items():
        here, there = (show_value(operation.kind, name, text, UTC) for text in (ours, theirs))
        text = (
            f"The {label_of(operation.kind, name)} of the {operation.label} was changed both here "
            f"(“{here}”) and at Kaltura (“{there}”). Choose on its page: Push ours, or Adopt "
            "theirs."
        )
        state.add_problem(operation.target_id, Problem(ErrorKind.CONFLICT, text))


def _report_duplicates(state: BatchState, operation: Operation) -> None:
    if others := duplicates_of(operation):
        text = (
            f"Kaltura holds the {operation.label} more than once (also {', '.join(others)}). "
            "Delete the others at Kaltura, then Retry."
        )
        state.add_problem(operation.target_id, Problem(ErrorKind.DUPLICATES, text))


def _report_duplicate_times(state: BatchState, operations: Sequence[Operation]) -> None:
    by_target: dict[int, list[Operation]] = defaultdict(list)
    for operation in operations:
        by_target[operation.target_id].append(operation)
    for target_id, own in by_target.items():
        differing = duplicate_times(state.targets[target_id].object_uuid, held_after(own))
        if differing:
            state.outcomes[target_id].changed_there.append(duplicate_times_label(differing))


def _save_agreed(operations: Sequence[Operation]) -> None:
    """Where both sides came to the same, that is the base from now on."""
    agreed = [o for o in operations if isinstance(o, Update | Keep) and o.comparison.agreed]
    for operation in agreed:
        operation.link.pushed |= operation.comparison.agreed
    save_links([o.link for o in agreed], ("pushed",))


def drift_rows(operations: Sequence[Operation]) -> list[dict[str, str]]:
    """Each field that Kaltura holds otherwise than we wrote it; an object deleted or cancelled
    there is one.
    """
    return [row for operation in operations for row in _rows(operation)]


def _rows(operation: Operation) -> Iterator[dict[str, str]]:
    comparison = comparison_of(operation)
    moved = {**comparison.drift, **comparison.conflicts}
    if isinstance(operation, Gone):
        moved[WHOLE_OBJECT] = ("planned", "cancelled" if operation.cancelled else "deleted")
    for name, (ours, theirs) in moved.items():
        yield {
            "object": operation.label,
            "kind": str(operation.kind),
            "field": name,
            "ours": ours,
            "theirs": theirs,
            "last_pushed": _pushed(operation).get(name, ""),
        }


def _pushed(operation: Operation) -> Mapping[str, str]:
    return operation.link.pushed if isinstance(operation, Update | Keep | Gone) else {}
