"""What all steps of a batch share: what became of each target, and the remote ids so far."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from kaltura_bridge.api.errors import KalturaError
from kaltura_bridge.models import SyncTarget
from kaltura_bridge.specs import Identity, Ref
from kaltura_bridge.sync.operations import Operation, Writing
from kaltura_bridge.sync.outcome import Outcome, Problem, problem_from
from kaltura_bridge.sync.planner import resolve


@dataclass(frozen=True)
class Blocked:
    """An object that cannot be written before another is there; ``label`` names the first."""

    label: str
    ref: Ref


class BatchState:
    """The targets of a batch by their id, and how far each of them is."""

    def __init__(self, targets: Iterable[SyncTarget]) -> None:
        self.targets = {target.pk: target for target in targets}
        self.outcomes: dict[int, Outcome] = defaultdict(Outcome)
        self.ids: dict[Identity, str] = {}
        self.blocked: dict[int, list[Blocked]] = defaultdict(list)
        self.lists_lag_longer = False  # than anybody knew before this batch looked
        self.waits_for: dict[int, int] = {}  # ids of targets: who waits for whom

    def add_problem(self, target_id: int, problem: Problem) -> None:
        """Say why a target will not be in sync."""
        self.outcomes[target_id].problems.append(problem)

    def add_error(self, operation: Operation, error: KalturaError) -> None:
        """Say what one operation ended with."""
        self.add_problem(operation.target_id, problem_from(operation.label, error))

    def resolved(self, operation: Writing) -> Mapping[str, str] | None:
        """All fields with the ids behind their references.

        None, and noted as blocked, when what is referred to is not there yet.
        """
        spec, values = operation.spec, dict[str, str]()
        for name, value in {**spec.fields, **spec.create_only}.items():
            resolved = resolve(value, self.ids)
            if isinstance(resolved, Ref):
                self.blocked[operation.target_id].append(Blocked(operation.label, resolved))
                return None
            values[name] = resolved
        return values
