"""How many objects are in sync, waiting or failed; a few queries, however many objects."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from django.db.models import Count, Min, Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from events.i18n.languages import Words
from kaltura_bridge.labels import DRIFTED, ICONS
from kaltura_bridge.models import ErrorKind, SyncAttempt, SyncState, SyncTarget

ATTEMPTS: Final = 10


@dataclass(frozen=True)
class StateCount:
    """How many are in one state; ``query`` finds those objects in the list."""

    name: str
    icon: str
    label: Words
    number: int
    query: str


@dataclass(frozen=True)
class FailedKind:
    """Failures of one kind: how many, and what one of them says."""

    kind: ErrorKind
    number: int
    message: str


@dataclass(frozen=True)
class Progress:
    """How many objects are settled (in sync or failed), of how many."""

    settled: int
    total: int
    failed: int = 0

    @property
    def is_done(self) -> bool:
        return self.settled >= self.total

    @property
    def message(self) -> str:
        if not self.is_done:
            return _("%(settled)s of %(total)s done.") % {
                "settled": self.settled,
                "total": self.total,
            }
        if self.failed:
            return _("Done: %(synced)s in sync, %(failed)s failed.") % {
                "synced": self.total - self.failed,
                "failed": self.failed,
            }
        return _("Everything is in sync.")


_LABELS: Final[dict[SyncState, Words]] = {
    SyncState.SYNCED: gettext_lazy("in sync"),
    SyncState.PENDING: gettext_lazy("waiting"),
    SyncState.SENDING: gettext_lazy("sending"),
    SyncState.FAILED: gettext_lazy("failed"),
}


@dataclass(frozen=True)
class Overview:
    counts: list[StateCount]
    progress: Progress

    def as_json(self) -> dict[str, Any]:
        """What the page's script reads."""
        return {
            "counts": {count.name: count.number for count in self.counts},
            "settled": self.progress.settled,
            "total": self.progress.total,
            "done": self.progress.is_done,
            "message": self.progress.message,
        }


def overview(targets: QuerySet[SyncTarget]) -> Overview:
    """Counts by state. What someone changed at Kaltura is in sync and counted beside."""
    numbers = targets.aggregate(
        total=Count("pk"),
        drifted=Count("pk", filter=~Q(changed_there="")),
        **{state: Count("pk", filter=Q(state=state)) for state in SyncState.values},
    )
    counts = [
        StateCount(state, ICONS[state], label, numbers[state], f"state__exact={state}")
        for state, label in _LABELS.items()
    ]
    drifted = StateCount(
        "drifted", DRIFTED, _("changed at Kaltura"), numbers["drifted"], "changed_there__gt="
    )
    settled = numbers[SyncState.SYNCED] + numbers[SyncState.FAILED]
    return Overview(
        [*counts, drifted], Progress(settled, numbers["total"], numbers[SyncState.FAILED])
    )


def failures(targets: QuerySet[SyncTarget]) -> list[FailedKind]:
    """Failures by kind, the most frequent first."""
    # Any message of a kind does as its example; the least is the same at each look.
    kinds = (
        targets.filter(state=SyncState.FAILED)
        .order_by()
        .values("error_kind")
        .annotate(number=Count("pk"), message=Min("error"))
        .order_by("-number", "error_kind")
    )
    return [
        FailedKind(ErrorKind(row["error_kind"]), row["number"], row["message"]) for row in kinds
    ]


def failed_of(targets: QuerySet[SyncTarget], kind: str) -> QuerySet[SyncTarget]:
    return targets.filter(state=SyncState.FAILED, error_kind=kind)


def oldest_waiting(targets: QuerySet[SyncTarget]) -> SyncTarget | None:
    """Whose edit waits longest to reach Kaltura."""
    waiting = targets.filter(state__in=[SyncState.PENDING, SyncState.SENDING])
    return waiting.order_by("changed_at", "pk").first()


def last_attempts(targets: QuerySet[SyncTarget]) -> list[SyncAttempt]:
    """The newest lines of all histories."""
    lines = SyncAttempt.objects.filter(target__in=targets.values("pk"))
    return list(lines.select_related("target").order_by("-at", "-pk")[:ATTEMPTS])
