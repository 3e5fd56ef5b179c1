"""A plan as people and scripts read it: what would be done, how many calls, and warnings."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from math import ceil
from typing import Any, Final
from zoneinfo import ZoneInfo

from kaltura_bridge.api.client import BATCH, chunks
from kaltura_bridge.api.ownership import calls_for
from kaltura_bridge.fields import MOMENT, field_of, label_of, show_value
from kaltura_bridge.labels import duplicate_time_message, not_kept_text
from kaltura_bridge.models import SyncTarget
from kaltura_bridge.specs import Kind
from kaltura_bridge.sync.duplicate_times import duplicate_times
from kaltura_bridge.sync.operations import (
    Create,
    Delete,
    Gone,
    Operation,
    Update,
    Wait,
    Writing,
    changed_by,
    comparison_of,
    duplicates_of,
    held_after,
)
from kaltura_bridge.sync.planner import layers

MOVE = "move"  # an update of the times of a schedule event
# One, and several.
_NOUNS: Final[Mapping[Kind, tuple[str, str]]] = {
    Kind.BOOKING: ("booking of a room", "bookings of rooms"),
    Kind.RESOURCE: ("room resource", "room resources"),
    Kind.THUMBNAIL: ("thumbnail", "thumbnails"),
    Kind.SCHEDULE_EVENT: ("schedule event", "schedule events"),
    Kind.CATEGORY_ENTRY: ("place in a category", "places in categories"),
    Kind.METADATA: ("metadata record", "metadata records"),
    Kind.ROOM: ("room", "rooms"),
    Kind.ENTRY: ("live entry", "live entries"),
    Kind.CATEGORY_USER: ("member of a category", "members of categories"),
    Kind.CATEGORY: ("category", "categories"),
}


@dataclass(frozen=True)
class EventPlan:
    """What a sync of an event would do, as planned from one reading of Kaltura.

    ``targets`` by their id, ``missing``: what those lack that cannot be sent, ``reads``:
    the HTTP calls that reading Kaltura took.
    """

    operations: Sequence[Operation]
    targets: Mapping[int, SyncTarget]
    missing: Mapping[int, str]
    zone: ZoneInfo
    reads: int

    @property
    def fingerprints(self) -> list[str]:
        """Exactly what may be written when this plan is applied."""
        return [o.fingerprint for o in self.operations if o.needs_call]


@dataclass(frozen=True)
class PlanReport:
    """The operations of a plan that do something, the HTTP calls it would take, and warnings."""

    operations: Sequence[Operation]
    calls: int
    warnings: Sequence[str]
    targets: Mapping[int, SyncTarget] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """The public form: keys may come, none goes."""
        return {
            "operations": [self._operation(operation) for operation in self.operations],
            "calls": self.calls,
            "warnings": list(self.warnings),
            "summary": self.summary,
        }

    def _operation(self, operation: Operation) -> dict[str, Any]:
        target = self.targets.get(operation.target_id)
        return {
            "action": action_word(operation),
            "kind": str(operation.kind),
            "object": operation.label,
            "key": operation.key,
            "fields": sorted(_fields(operation)),
            "of": str(target) if target else "",
        }

    def as_text(self) -> str:
        lines = [
            f"{action_word(operation):7} {operation.kind.label.lower():20} {operation.label}"
            + (f": {', '.join(sorted(changed_by(operation)))}" if changed_by(operation) else "")
            for operation in self.operations
        ]
        lines += [f"warning: {warning}" for warning in self.warnings]
        return "\n".join([*lines, self.summary])

    @property
    def summary(self) -> str:
        """Such as: create 14 live entries, delete 1 category; 37 calls; 1 warning."""
        counts = Counter((action_word(o), o.kind) for o in self.operations)
        parts = [f"{action} {_counted(n, kind)}" for (action, kind), n in counts.items()]
        shown = [", ".join(parts) or "nothing to do", _number(self.calls, "call")]
        if self.warnings:
            shown.append(_number(len(self.warnings), "warning"))
        return "; ".join(shown)


def action_word(operation: Operation) -> str:
    """What people call it: a schedule event that gets other times moves."""
    types = [field_of(operation.kind, name).type for name in changed_by(operation)]
    moves = operation.kind is Kind.SCHEDULE_EVENT and MOMENT in types
    return MOVE if isinstance(operation, Update) and moves else str(operation.action)


def _counted(number: int, kind: Kind) -> str:
    one, several = _NOUNS[kind]
    return f"{number} {one if number == 1 else several}"


def _number(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"


def _fields(operation: Operation) -> list[str]:
    """The fields that are sent: all of a new object, of another what changes."""
    if isinstance(operation, Create):
        return [*operation.spec.fields, *operation.spec.create_only]
    return list(changed_by(operation))


def plan_report(plan: EventPlan) -> PlanReport:
    """A plan as people read it."""
    return PlanReport(
        [o for o in plan.operations if isinstance(o, Writing | Delete)],
        plan.reads + sum(map(_calls, layers(plan.operations))),
        [
            *(f"{plan.targets[pk]}: {text}" for pk, text in plan.missing.items()),
            *_duplicate_times(plan),
            *(warning for o in plan.operations for warning in _warnings(o, plan.zone)),
        ],
        plan.targets,
    )


def _calls(layer: Sequence[Operation]) -> int:
    """The HTTP calls of a layer; what is deleted is read once more just before."""
    deleted = [o.kind for o in layer if isinstance(o, Delete)]
    looks = sum(map(calls_for, chunks(deleted, BATCH)))
    return looks + ceil(sum(o.needs_call for o in layer) / BATCH)


def _duplicate_times(plan: EventPlan) -> Iterator[str]:
    """Sessions whose times stand twice at Kaltura, differently."""
    own: dict[int, list[Operation]] = defaultdict(list)
    for operation in plan.operations:
        own[operation.target_id].append(operation)
    for pk, operations in own.items():
        for time in duplicate_times(plan.targets[pk].object_uuid, held_after(operations)):
            yield f"{plan.targets[pk]}: {duplicate_time_message(time, plan.zone)}"


def _warnings(operation: Operation, zone: ZoneInfo) -> Iterator[str]:
    """What a person should know of one operation before the plan is applied."""
    label, comparison = operation.label, comparison_of(operation)
    for name, sides in {**comparison.drift, **comparison.conflicts}.items():
        ours, theirs = (show_value(operation.kind, name, text, zone) for text in sides)
        field_label = label_of(operation.kind, name)
        yield f"{label}: {field_label} is “{theirs}” at Kaltura, planned is “{ours}”"
    for name, permission in comparison.not_kept.items():
        yield f"{label}: {not_kept_text(label_of(operation.kind, name), permission)}"
    if others := duplicates_of(operation):
        yield f"{label}: also {', '.join(others)} at Kaltura"
    if isinstance(operation, Writing) and operation.needs_call and operation.spec.note:
        yield f"{label}: {operation.spec.note}"
    match operation:
        case Gone(cancelled=cancelled):
            yield f"{label}: {'cancelled' if cancelled else 'deleted'} at Kaltura"
        case Wait():
            yield f"{label}: an answer was lost, waiting for Kaltura's lists"
