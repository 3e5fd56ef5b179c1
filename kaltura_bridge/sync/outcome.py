"""How a try ended for each target, and when to try again."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.utils import timezone

from kaltura_bridge.api.errors import KalturaError, RemoteUnavailable, user_message
from kaltura_bridge.api.pictures import NoPicture
from kaltura_bridge.fields import UPLOADED
from kaltura_bridge.models import ErrorKind, SyncState, SyncTarget
from kaltura_bridge.specs import Kind

BASE_S, CAP_S = 2.0, 300.0


@dataclass(frozen=True)
class Problem:
    """Why a target is not in sync, and who or what will end it.

    ``passes``: it ends by itself this time, though its kind usually waits for a person.
    ``weight``: of several problems of a target the heaviest is shown.
    """

    kind: ErrorKind
    text: str
    not_before: datetime | None = None
    weight: int = 1
    passes: bool = False

    @property
    def needs_person(self) -> bool:
        return self.kind.waits_for_person and not self.passes


@dataclass
class Outcome:
    """What happened to one target in one try."""

    done: list[tuple[str, Kind]] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    changed_there: list[str] = field(default_factory=list)
    _next_attempt: datetime | None = None

    @property
    def worst(self) -> Problem | None:
        """The problem to show: what needs a person first, what merely waits last."""
        return max(self.problems, key=lambda p: (p.needs_person, p.weight), default=None)

    @property
    def state(self) -> SyncState:
        if self.worst is None:
            return SyncState.SYNCED
        return SyncState.FAILED if self.worst.needs_person else SyncState.PENDING

    @property
    def message(self) -> str:
        """The line of the target's history."""
        done = _counted(self.done)
        if self.worst is None:
            if self.changed_there:
                changed = f"Changed at Kaltura: {', '.join(self.changed_there)}."
                return f"{changed} Done: {done}." if done else changed
            return f"In sync: {done}." if done else "In sync, nothing to do."
        return f"{self.worst.text} Done so far: {done}." if done else self.worst.text

    def differs_from(self, target: SyncTarget, last: str | None) -> bool:
        """Whether the target's history gets a line: something was done, or is new.

        ``last``: the outcome that the newest line tells of, where there is one.
        """
        if self.done or (target.error_kind, target.changed_there) != self._told:
            return True
        return target.synced_at is None if self.worst is None else last != self.state

    @property
    def _told(self) -> tuple[str, str]:
        return self.worst.kind if self.worst else "", self.changed_fields

    @property
    def changed_fields(self) -> str:
        """The fields that someone changed at Kaltura, as the target keeps them."""
        return ", ".join(self.changed_there)[:250]

    def next_attempt(self, target: SyncTarget) -> datetime:
        """When to try again: when a wait ends, else with full jitter, doubling to five minutes.

        The same whenever it is asked for: who waits for the target is tried with it.
        """
        if self._next_attempt is None:
            fixed = [p.not_before for p in self.problems if p.not_before]
            pause = timedelta(seconds=back_off_s(target.attempts))
            self._next_attempt = max(fixed) if fixed else timezone.now() + pause
        return self._next_attempt


def _counted(done: list[tuple[str, Kind]]) -> str:
    """Such as: created live entry, created 3 × metadata."""
    return ", ".join(
        f"{verb} {f'{n} × ' if n > 1 else ''}{kind.label.lower()}"
        for (verb, kind), n in Counter(done).items()
    )


def back_off_s(attempts: int, base_s: float = BASE_S, cap_s: float = CAP_S) -> float:
    """Seconds to wait after this many failures: random up to a doubling limit.

    The whole range is random ("full jitter"), so that workers that failed together do not
    come back together: https://aws.amazon.com/builders-library/timeouts-retries-and-backoff-with-jitter/
    """
    return random.uniform(0.5, min(cap_s, base_s * 2 ** min(attempts, 20)))  # noqa: S311  (jitter)


def problem_from(what: str, error: KalturaError) -> Problem:
    """What an error means for a target; ``what`` names the object that it befell."""
    not_before = None
    if isinstance(error, RemoteUnavailable) and error.retry_after_s is not None:
        not_before = timezone.now() + timedelta(seconds=error.retry_after_s)
    passes = not error.error_class.waits_for_person
    return Problem(error.kind, user_message(what, error), not_before, passes=passes)


def picture_problem(label: str, url: str, refused: NoPicture) -> Problem:
    """What it means for a target that its picture cannot be used."""
    if url.startswith(UPLOADED):
        text = f"The {label} cannot be used: {refused}, under Delivery."
        return Problem(ErrorKind.NO_PICTURE, text)
    mends = "Correct the address under Delivery, then choose Retry."
    advice = "We look again." if refused.passes else mends
    text = f"The {label} cannot be used: {refused} ({url}). {advice}"
    return Problem(ErrorKind.NO_PICTURE, text, passes=refused.passes)
