"""What the command line and the admin tell of a plan and of a sync."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil
from typing import Any

from django.db.models import QuerySet

from kaltura_bridge.models import SyncState, SyncTarget
from kaltura_bridge.plan import Action, Operation, layers

BATCH = 25  # as client.py sends them; that module is not for the web process


@dataclass(frozen=True)
class PlanReport:
    """The operations of a plan that do something, the HTTP calls it would take, and warnings."""

    operations: Sequence[Operation]
    calls: int
    warnings: Sequence[str]

    def as_json(self) -> dict[str, Any]:
        """The public form: keys may come, none goes."""
        return {
            "operations": [
                {
                    "action": str(operation.action),
                    "kind": str(operation.kind),
                    "object": operation.label,
                    "key": operation.key,
                    "fields": sorted(operation.changed or _fields(operation)),
                }
                for operation in self.operations
            ],
            "calls": self.calls,
            "warnings": list(self.warnings),
        }

    def as_text(self) -> str:
        lines = [
            f"{operation.action:7} {operation.kind.label.lower():20} {operation.label}"
            + (f": {', '.join(sorted(operation.changed))}" if operation.changed else "")
            for operation in self.operations
        ]
        lines += [f"warning: {warning}" for warning in self.warnings]
        return "\n".join([*lines, self.summary])

    @property
    def summary(self) -> str:
        """Such as: create 14 live entries, delete 1 category; 37 calls; 1 warning."""
        counts = Counter((o.action, o.kind) for o in self.operations)
        parts = [f"{action} {n} × {kind.label.lower()}" for (action, kind), n in counts.items()]
        what = ", ".join(parts) or "nothing to do"
        warnings = f"; {len(self.warnings)} warnings" if self.warnings else ""
        return f"{what}; {self.calls} calls{warnings}"


def _fields(operation: Operation) -> list[str]:
    if operation.action is not Action.CREATE or operation.spec is None:
        return []
    return [*operation.spec.fields, *operation.spec.create_only]


def plan_report(operations: Sequence[Operation], reads: int) -> PlanReport:
    """A plan as people read it. ``reads``: the HTTP calls that reading Kaltura took."""
    told = [o for o in operations if o.action not in (Action.KEEP, Action.FORGET)]
    writes = sum(ceil(sum(o.needs_call for o in layer) / BATCH) for layer in layers(operations))
    return PlanReport(
        [o for o in told if o.action not in (Action.WAIT, Action.GONE)],
        reads + writes,
        [warning for o in operations for warning in _warnings(o)],
    )


def _warnings(operation: Operation) -> list[str]:
    found = [
        f"{operation.label}: {name} is “{theirs}” at Kaltura, we wrote “{ours}”"
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
