"""How an event stands after a sync, as people and scripts read it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from kaltura_bridge.models import SyncState, SyncTarget
from kaltura_bridge.sync import pause
from kaltura_bridge.sync.work import Work


@dataclass(frozen=True)
class SyncReport:
    """How an event stands after a sync, and what the sync cost.

    ``reason``: why all that waits does so, where it is not about one object.
    """

    in_step: int
    waiting: int
    failed: Sequence[SyncTarget]
    calls: int
    writes: int
    seconds: float
    reason: str = ""

    def as_json(self) -> dict[str, Any]:
        """The public form: keys may come, none goes."""
        return {
            "in_step": self.in_step,
            "waiting": self.waiting,
            "failed": [
                {
                    "object": str(target),
                    "error": target.error,
                    "kind": target.error_kind,
                    "because_of": str(target.cause or ""),
                }
                for target in self.failed
            ],
            "calls": self.calls,
            "writes": self.writes,
            "seconds": round(self.seconds, 3),
            "reason": self.reason,
        }

    def as_text(self) -> str:
        lines = [f"failed: {target}: {target.error}" for target in self.failed]
        if self.reason:
            lines.append(f"waiting: {self.reason}")
        lines.append(
            f"{self.in_step} in sync, {self.waiting} waiting, {len(self.failed)} failed; "
            f"{self.calls} calls, {self.writes} writes, {self.seconds:.1f} s"
        )
        return "\n".join(lines)


def sync_report(targets: QuerySet[SyncTarget], work: Work) -> SyncReport:
    """``targets``: those of the event; ``work``: what the sync did."""
    states = Counter(targets.values_list("state", flat=True))
    failed = targets.filter(state=SyncState.FAILED)
    waiting = states[SyncState.PENDING] + states[SyncState.SENDING]
    return SyncReport(
        in_step=states[SyncState.SYNCED],
        waiting=waiting,
        failed=list(failed.select_related("waits_for__waits_for")),
        calls=work.calls,
        writes=work.writes,
        seconds=work.seconds,
        reason=pause.reason() if waiting else "",
    )
