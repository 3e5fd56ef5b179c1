"""A check, its result, and the run that it belongs to."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kaltura_bridge.api.client import Kaltura


class CheckVerdict(StrEnum):
    """How a check ended. Only FAILED makes the command's exit code 1."""

    OK = "ok"
    WARNING = "warning"
    FAILED = "failed"
    SKIPPED = "skipped"


@dataclass(frozen=True)
class CheckResult:
    """What a check saw, and how to fix it; ``fix`` is empty when nothing is wrong."""

    verdict: CheckVerdict
    seen: str
    fix: str = ""


def ok(seen: str) -> CheckResult:
    """Nothing is wrong."""
    return CheckResult(CheckVerdict.OK, seen)


def warning(seen: str, fix: str) -> CheckResult:
    """The portal works, but not all of it, or not for long."""
    return CheckResult(CheckVerdict.WARNING, seen, fix)


def failed(seen: str, fix: str) -> CheckResult:
    """Something that the portal needs is missing or broken."""
    return CheckResult(CheckVerdict.FAILED, seen, fix)


def skipped(seen: str) -> CheckResult:
    """Nothing was checked; ``seen`` says why."""
    return CheckResult(CheckVerdict.SKIPPED, seen)


@dataclass(frozen=True)
class Check:
    """One check. It is skipped when another that it ``needs`` failed or was skipped."""

    name: str
    run: Callable[[DoctorRun], CheckResult]
    needs: tuple[str, ...] = ()


@dataclass(frozen=True)
class ReportLine:
    """A check's line in the report, as ``kaltura_doctor --json`` prints it."""

    name: str
    verdict: CheckVerdict
    seen: str
    fix: str = ""

    def as_json(self) -> dict[str, str]:
        """The line as plain data."""
        return asdict(self)


class DoctorRun:
    """One run: the lines so far, and one connection to Kaltura for all checks."""

    def __init__(self) -> None:
        self.lines: dict[str, ReportLine] = {}

    @cached_property
    def kaltura(self) -> Kaltura:
        """The connection, with the same KS as the sync's."""
        from kaltura_bridge.api.client import Kaltura  # the web process never loads the client

        return Kaltura()

    def has_failed(self, name: str) -> bool:
        """Whether the check of this name failed."""
        line = self.lines.get(name)
        return line is not None and line.verdict == CheckVerdict.FAILED

    def unmet_need(self, check: Check) -> str:
        """The first check that this one needs and that did not pass; "" when all did."""
        unmet = (CheckVerdict.FAILED, CheckVerdict.SKIPPED)
        return next(
            (n for n in check.needs if n in self.lines and self.lines[n].verdict in unmet), ""
        )
