"""How a try ended for each target, and when to try again."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.utils import timezone

from kaltura_bridge.api.errors import ErrorClass, KalturaError, RemoteUnavailable, user_message
from kaltura_bridge.models import SyncState, SyncTarget
from kaltura_bridge.specs import Kind

# Trying again, sooner or later, ends these.
PASSING = frozenset({ErrorClass.RETRY, ErrorClass.NEW_KS, ErrorClass.STOP})
BASE_S, CAP_S = 2.0, 300.0


@dataclass(frozen=True)
class Problem:
    """Why a target is not in step, and who or what will mend it."""

    kind: str
    text: str
    needs_person: bool = False
    not_before: datetime | None = None
    weight: int = 1  # of several problems of a target the heaviest is told


@dataclass
class Outcome:
    """What happened to one target in one try."""

    done: list[tuple[str, Kind]] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    changed_there: list[str] = field(default_factory=list)

    @property
    def worst(self) -> Problem | None:
        """The problem to tell: what needs a person first, what merely waits last."""
        return max(self.problems, key=lambda p: (p.needs_person, p.weight), default=None)

    @property
    def state(self) -> SyncState:
        if self.worst is None:
            return SyncState.SYNCED
        return SyncState.FAILED if self.worst.needs_person else SyncState.PENDING

    @property
    def message(self) -> str:
        done = _counted(self.done)
        if self.worst is None:
            if self.changed_there:
                told = f"Changed at Kaltura: {', '.join(self.changed_there)}."
                return f"{told} Done: {done}." if done else told
            return f"In step: {done}." if done else "In step, nothing to do."
        return f"{self.worst.text} Done so far: {done}." if done else self.worst.text

    def is_news(self, target: SyncTarget) -> bool:
        """Whether the target's history should tell of it: not that all is as before."""
        as_before = (target.error_kind, target.changed_there, target.synced_at is None) == (
            self.worst.kind if self.worst else "",
            self.there,
            False,
        )
        return bool(self.done) or not as_before

    @property
    def there(self) -> str:
        """The fields that someone changed at Kaltura, as the target keeps them."""
        return ", ".join(self.changed_there)[:250]

    def next_attempt(self, target: SyncTarget) -> datetime:
        """When to try again: when a wait ends, else with full jitter, doubling to five minutes."""
        fixed = [p.not_before for p in self.problems if p.not_before]
        if fixed:
            return max(fixed)
        return timezone.now() + timedelta(seconds=back_off_s(target.attempts))


def _counted(done: list[tuple[str, Kind]]) -> str:
    """Such as: created live entry, created 3 × metadata."""
    return ", ".join(
        f"{verb} {f'{n} × ' if n > 1 else ''}{kind.label.lower()}"
        for (verb, kind), n in Counter(done).items()
    )


def back_off_s(attempts: int, base_s: float = BASE_S, cap_s: float = CAP_S) -> float:
    """Seconds to wait after this many failures: random up to a doubling limit."""
    return random.uniform(0.5, min(cap_s, base_s * 2 ** min(attempts, 20)))  # noqa: S311  (jitter)


def problem_from(what: str, error: KalturaError) -> Problem:
    not_before = None
    if isinstance(error, RemoteUnavailable) and error.retry_after_s is not None:
        not_before = timezone.now() + timedelta(seconds=error.retry_after_s)
    return Problem(
        error.kind,
        user_message(what, error),
        needs_person=error.error_class not in PASSING,
        not_before=not_before,
    )
