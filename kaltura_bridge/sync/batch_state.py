"""How a batch stands: what became of each target, and which remote ids are known by now."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import timedelta

from django.utils import timezone

from kaltura_bridge.api.errors import KalturaError
from kaltura_bridge.models import SyncTarget
from kaltura_bridge.specs import Identity, Ref
from kaltura_bridge.sync.outcome import Outcome, Problem, problem_from
from kaltura_bridge.sync.planner import Operation, resolve

BLOCKED_FOR = timedelta(seconds=2)


class Standing:
    """What all steps of a batch share."""

    def __init__(self, targets: Mapping[int, SyncTarget]) -> None:
        self.targets = targets
        self.outcomes: dict[int, Outcome] = defaultdict(Outcome)
        self.ids: dict[Identity, str] = {}

    def problem(self, target_id: int, problem: Problem) -> None:
        """Say why a target will not be in step."""
        self.outcomes[target_id].problems.append(problem)

    def failed(self, operation: Operation, error: KalturaError) -> None:
        """Say what one operation ended with."""
        self.problem(operation.target_id, problem_from(operation.label, error))

    def values(self, operation: Operation) -> dict[str, str] | None:
        """Fields with every reference resolved; None when what is referred to is not there yet."""
        assert operation.spec is not None  # creates and updates have one
        wanted = {**operation.spec.fields, **operation.spec.create_only}
        values: dict[str, str] = {}
        for name, value in wanted.items():
            resolved = resolve(value, self.ids)
            if isinstance(resolved, Ref):
                self._blocked(operation, resolved)
                return None
            values[name] = resolved
        return values

    def _blocked(self, operation: Operation, ref: Ref) -> None:
        text = f"The {operation.label} waits for its {ref.kind.label.lower()} at Kaltura."
        until = timezone.now() + BLOCKED_FOR
        problem = Problem("waiting", text, not_before=until, weight=0)
        self.problem(operation.target_id, problem)
