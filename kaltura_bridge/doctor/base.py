"""A check, what it found, and the run it belongs to."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kaltura_bridge.api.client import Kaltura


class Verdict(StrEnum):
    """How a check ended. Only FAILED makes the doctor's exit code 1."""

    OK = "ok"
    WARNING = "warning"
    FAILED = "failed"
    SKIPPED = "skipped"


@dataclass(frozen=True)
class Finding:
    """What one look saw, and how to mend it; ``fix`` is empty when nothing is wrong."""

    verdict: Verdict
    seen: str
    fix: str = ""


def ok(seen: str) -> Finding:
    """All is well."""
    return Finding(Verdict.OK, seen)


def warning(seen: str, fix: str) -> Finding:
    """The portal works, but not all of it, or not for long."""
    return Finding(Verdict.WARNING, seen, fix)


def failed(seen: str, fix: str) -> Finding:
    """Something that is needed is not there."""
    return Finding(Verdict.FAILED, seen, fix)


def skipped(seen: str) -> Finding:
    """Nothing was looked at; ``seen`` says why."""
    return Finding(Verdict.SKIPPED, seen)


@dataclass(frozen=True)
class Check:
    """One look. It is skipped when a check that it ``needs`` failed or was skipped."""

    name: str
    look: Callable[[Exam], Finding]
    needs: tuple[str, ...] = ()


@dataclass(frozen=True)
class Line:
    """A check's line in the report, as ``kaltura_doctor --json`` prints it."""

    name: str
    verdict: Verdict
    seen: str
    fix: str = ""

    def as_json(self) -> dict[str, str]:
        """The line as plain data."""
        return asdict(self)


class Exam:
    """One run: the lines so far, and one conversation with Kaltura for all checks."""

    def __init__(self) -> None:
        self.lines: dict[str, Line] = {}

    @cached_property
    def kaltura(self) -> Kaltura:
        """The conversation, with the KS of the sync."""
        from kaltura_bridge.api.client import Kaltura  # the web process never loads the client

        return Kaltura()

    def has_failed(self, name: str) -> bool:
        """Whether the check of this name found something broken."""
        line = self.lines.get(name)
        return line is not None and line.verdict == Verdict.FAILED

    def in_the_way(self, check: Check) -> str:
        """The first check that this one needs and that did not pass; empty when all did."""
        missing = (Verdict.FAILED, Verdict.SKIPPED)
        return next(
            (n for n in check.needs if n in self.lines and self.lines[n].verdict in missing), ""
        )
