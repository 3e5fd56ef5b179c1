"""What the command line and the admin tell of a plan and of a sync."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from math import ceil
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.db.models import QuerySet

from kaltura_bridge.fields import MOMENT, field_of, label_of, show_value
from kaltura_bridge.labels import duplicate_time_message
from kaltura_bridge.models import SyncState, SyncTarget
from kaltura_bridge.specs import Kind
from kaltura_bridge.sync.duplicate_times import duplicate_times
from kaltura_bridge.sync.planner import Action, Operation, held_after, layers

BATCH = 25  # as client.py sends them; that module is not for the web process
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
            "fields": sorted(operation.changed or _fields(operation)),
            "of": str(target) if target else "",
        }

    def as_text(self) -> str:
        lines = [
            f"{action_word(operation):7} {operation.kind.label.lower():20} {operation.label}"
            + (f": {', '.join(sorted(operation.changed))}" if operation.changed else "")
            for operation in self.operations
        ]
        lines += [f"warning: {warning}" for warning in self.warnings]
        return "\n".join([*lines, self.summary])

    @property
    def summary(self) -> str:
        """Such as: create 14 live entries, delete 1 category; 37 calls; 1 warning."""
        counts = Counter((action_word(o), o.kind) for o in self.operations)
        parts = [f"{action} {_counted(n, kind)}" for (action, kind), n in counts.items()]
        told = [", ".join(parts) or "nothing to do", _number(self.calls, "call")]
        return "; ".join([*told, *([_number(len(self.warnings), "warning")] * bool(self.warnings))])


def action_word(operation: Operation) -> str:
    """What people call it: a schedule event that gets other times moves."""
    types = [field_of(operation.kind, name).type for name in operation.changed]
    moves = operation.kind is Kind.SCHEDULE_EVENT and MOMENT in types
    return MOVE if operation.action is Action.UPDATE and moves else str(operation.action)


def _counted(number: int, kind: Kind) -> str:
    one, several = _NOUNS[kind]
    return f"{number} {one if number == 1 else several}"


def _number(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"


def _fields(operation: Operation) -> list[str]:
    if operation.action is not Action.CREATE or operation.spec is None:
        return []
    return [*operation.spec.fields, *operation.spec.create_only]


def plan_report(plan: EventPlan) -> PlanReport:
    """A plan as people read it."""
    told = [o for o in plan.operations if o.action not in (Action.KEEP, Action.FORGET)]
    waves = (sum(o.needs_call for o in layer) for layer in layers(plan.operations))
    writes = sum(ceil(calls / BATCH) for calls in waves)
    return PlanReport(
        [o for o in told if o.action not in (Action.WAIT, Action.GONE)],
        plan.reads + writes,
        [
            *_lacks(plan),
            *_duplicate_times(plan),
            *(w for o in plan.operations for w in _warnings(o, plan)),
        ],
        plan.targets,
    )


def _lacks(plan: EventPlan) -> list[str]:
    return [f"{plan.targets[pk]}: {text}" for pk, text in plan.missing.items()]


def _duplicate_times(plan: EventPlan) -> Iterator[str]:
    """Sessions whose times stand twice at Kaltura, differently."""
    own: dict[int, list[Operation]] = defaultdict(list)
    for operation in plan.operations:
        own[operation.target_id].append(operation)
    for pk, operations in own.items():
        for time in duplicate_times(plan.targets[pk].object_uuid, held_after(operations)):
            yield f"{plan.targets[pk]}: {duplicate_time_message(time, plan.zone)}"


def _warnings(operation: Operation, plan: EventPlan) -> list[str]:
    def told(name: str, value: str) -> str:
        return show_value(operation.kind, name, value, plan.zone)

    found = [
        f"{operation.label}: {label_of(operation.kind, name)} is “{told(name, theirs)}” at "
        f"Kaltura, planned is “{told(name, ours)}”"
        for name, (ours, theirs) in {**operation.drift, **operation.conflicts}.items()
    ]
    if operation.doubles:
        found.append(f"{operation.label}: also {', '.join(operation.doubles)} at Kaltura")
    if operation.action is Action.GONE:
        found.append(f"{operation.label}: deleted at Kaltura")
    if operation.action is Action.WAIT:
        found.append(f"{operation.label}: an answer was lost, waiting for Kaltura's lists")
    return found


@dataclass(frozen=True)
class SyncReport:
    """How an event stands after a sync, and what the sync cost."""

    in_step: int
    waiting: int
    failed: Sequence[SyncTarget]
    calls: int
    writes: int
    seconds: float

    def as_json(self) -> dict[str, Any]:
        """The public form: keys may come, none goes."""
        return {
            "in_step": self.in_step,
            "waiting": self.waiting,
            "failed": [
                {"object": str(target), "error": target.error, "kind": target.error_kind}
                for target in self.failed
            ],
            "calls": self.calls,
            "writes": self.writes,
            "seconds": round(self.seconds, 3),
        }

    def as_text(self) -> str:
        lines = [f"failed: {target}: {target.error}" for target in self.failed]
        lines.append(
            f"{self.in_step} in step, {self.waiting} waiting, {len(self.failed)} failed; "
            f"{self.calls} calls, {self.writes} writes, {self.seconds:.1f} s"
        )
        return "\n".join(lines)


def sync_report(targets: QuerySet[SyncTarget], work: Any) -> SyncReport:
    states = Counter(targets.values_list("state", flat=True))
    return SyncReport(
        in_step=states[SyncState.SYNCED],
        waiting=states[SyncState.PENDING] + states[SyncState.SENDING],
        failed=list(targets.filter(state=SyncState.FAILED)),
        calls=work.calls,
        writes=work.writes,
        seconds=work.seconds,
    )


GONE = "(the object itself)"


def drift_rows(operations: Sequence[Operation]) -> list[dict[str, str]]:
    """Each field that Kaltura holds otherwise than we wrote it; an object deleted there is one."""
    rows = []
    for operation in operations:
        pushed = operation.link.pushed if operation.link else {}
        moved = {**operation.drift, **operation.conflicts}
        if operation.action is Action.GONE:
            moved[GONE] = ("planned", "deleted")
        for name, (ours, theirs) in moved.items():
            rows.append(
                {
                    "object": operation.label,
                    "kind": str(operation.kind),
                    "field": name,
                    "ours": ours,
                    "theirs": theirs,
                    "last_pushed": pushed.get(name, ""),
                }
            )
    return rows
