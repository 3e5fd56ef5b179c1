"""What a batch finds before it writes: noted on the links, told of the targets."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from django.utils import timezone

from kaltura_bridge.fields import label_of
from kaltura_bridge.models import RemoteLink
from kaltura_bridge.specs import Kind
from kaltura_bridge.sync.batch_state import Standing
from kaltura_bridge.sync.duplicate_times import duplicate_times, duplicate_times_label
from kaltura_bridge.sync.links import save_links
from kaltura_bridge.sync.observe import Observation
from kaltura_bridge.sync.outcome import Problem, problem_from
from kaltura_bridge.sync.planner import Action, Operation, held_after

SEEN = ("seen", "seen_at", "gone")


def report(standing: Standing, operations: Sequence[Operation]) -> None:
    """Tell what the plan found that no write of ours may settle, and note agreements."""
    for operation in operations:
        _report(standing, operation)
    _report_duplicate_times(standing, operations)
    _note_agreements(operations)


def note_observation(
    standing: Standing, links: Sequence[RemoteLink], observation: Observation
) -> None:
    """Remember what was seen; a read that failed holds up its own target only."""
    now = timezone.now()
    changed: list[RemoteLink] = []
    same: list[RemoteLink] = []
    for link in links:
        before = (link.seen, link.gone)
        identity = (Kind(link.kind), link.key)
        found = [o for o in observation.objects.get(identity, ()) if o.remote_id == link.remote_id]
        link.gone = identity in observation.gone or any(o.dead for o in found)
        if found:
            link.seen, link.seen_at = dict(found[0].fields), now
        (same if (link.seen, link.gone) == before else changed).append(link)
    # Most are as they were, and one statement does for all of those.
    seen_now = [link.pk for link in same if link.seen_at == now]
    RemoteLink.objects.filter(pk__in=seen_now).update(seen_at=now)
    save_links(changed, SEEN)
    for (kind, key), error in observation.errors.items():
        for link in links:
            if (link.kind, link.key) == (kind, key):
                standing.problem(link.target_id, problem_from(str(link), error))


def _report(standing: Standing, operation: Operation) -> None:
    """Tell what the plan found that no write of ours may settle."""
    if operation.action is Action.GONE:
        text = (
            f"Someone deleted the {operation.label} at Kaltura. "
            "Choose Recreate to make it anew, or delete it here."
        )
        standing.problem(operation.target_id, Problem("gone", text, needs_person=True, weight=3))
    moved = [*operation.drift, *operation.conflicts]
    changed = [f"{operation.kind.label} {label_of(operation.kind, name)}" for name in moved]
    standing.outcomes[operation.target_id].changed_there += changed
    for name, (ours, theirs) in operation.conflicts.items():
        text = (
            f"{name} of the {operation.label} changed both here (“{ours}”) and at Kaltura "
            f"(“{theirs}”). Choose on its page: Push ours, or Adopt theirs."
        )
        standing.problem(operation.target_id, Problem("conflict", text, needs_person=True))
    if operation.doubles:
        text = (
            f"Kaltura holds the {operation.label} more than once (also "
            f"{', '.join(operation.doubles)}). Delete the others at Kaltura, then Retry."
        )
        standing.problem(operation.target_id, Problem("doubles", text, needs_person=True))


def _report_duplicate_times(standing: Standing, operations: Sequence[Operation]) -> None:
    held: dict[int, list[Operation]] = defaultdict(list)
    for operation in operations:
        held[operation.target_id].append(operation)
    for target_id, own in held.items():
        differing = duplicate_times(standing.targets[target_id].object_uuid, held_after(own))
        if differing:
            standing.outcomes[target_id].changed_there.append(duplicate_times_label(differing))


def _note_agreements(operations: Sequence[Operation]) -> None:
    """Where both sides came to the same, that is the base from now on."""
    agreed = [o for o in operations if o.agreed and o.link]
    for operation in agreed:
        assert operation.link is not None
        operation.link.pushed |= operation.agreed
    save_links([o.link for o in agreed if o.link], ("pushed",))
