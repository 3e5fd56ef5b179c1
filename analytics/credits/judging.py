"""Whether somebody's attendance meets a rule, and by how much not. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from analytics import metrics

NOTHING: Final = Decimal("0.00")


@dataclass(frozen=True)
class NamedSession:
    """A session of a rule: its primary key, title, and planned length in minutes."""

    pk: int
    title: str
    minutes: Decimal


@dataclass(frozen=True)
class CreditTerms:
    """A rule in numbers; ``minutes_per_award`` None: the credits are given once."""

    sessions: Sequence[NamedSession]
    minimum_percent: int
    grace_minutes: int
    needed_sessions: int
    credits: Decimal
    minutes_per_award: int | None = None


@dataclass(frozen=True)
class SessionVerdict:
    """One session: the minutes present in its scheduled time, and how many are missing."""

    session: NamedSession
    present: Decimal
    missing: Decimal

    @property
    def is_met(self) -> bool:
        return not self.missing


@dataclass(frozen=True)
class CreditVerdict:
    """What somebody earned by attendance alone, and each session's part in it."""

    sessions: Sequence[SessionVerdict]
    needed: int
    credits: Decimal

    @property
    def met(self) -> int:
        return sum(verdict.is_met for verdict in self.sessions)

    @property
    def is_earned(self) -> bool:
        return self.credits > 0

    @property
    def failed(self) -> list[SessionVerdict]:
        """The sessions that were not met, the nearest miss first."""
        return sorted((v for v in self.sessions if not v.is_met), key=lambda v: v.missing)


def needed_minutes(terms: CreditTerms, session: NamedSession) -> Decimal:
    """How long somebody must be present: the share of the plan, less the grace; exact."""
    return metrics.needed_minutes(session.minutes, terms.minimum_percent, terms.grace_minutes)


def judge(terms: CreditTerms, present: Mapping[int, Decimal]) -> CreditVerdict:
    """What this attendance earns: ``present`` has the scheduled minutes by session.

    Who was not there at all has not met a session, however much grace there is.
    """
    verdicts = [
        _verdict(terms, session, present.get(session.pk, NOTHING)) for session in terms.sessions
    ]
    met = [verdict for verdict in verdicts if verdict.is_met]
    credits = NOTHING
    if len(met) >= terms.needed_sessions:
        credits = terms.credits
        if terms.minutes_per_award:
            total = sum((verdict.present for verdict in met), NOTHING)
            credits *= int(total // terms.minutes_per_award)
    return CreditVerdict(verdicts, terms.needed_sessions, credits)


def _verdict(terms: CreditTerms, session: NamedSession, present: Decimal) -> SessionVerdict:
    missing = needed_minutes(terms, session) - present
    if present <= 0:
        missing = max(missing, Decimal("0.01"))
    return SessionVerdict(session, present, max(missing, Decimal(0)))
