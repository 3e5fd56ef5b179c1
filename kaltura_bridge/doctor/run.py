"""A run of all checks: each has a time limit, the whole has one, and no secret is reported."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from typing import Final

from django.db import connections

from kaltura_bridge.api.errors import KalturaError
from kaltura_bridge.api.masking import mask_secrets
from kaltura_bridge.doctor.base import (
    Check,
    CheckResult,
    CheckVerdict,
    DoctorRun,
    ReportLine,
    failed,
    skipped,
)
from kaltura_bridge.doctor.messages import result_of
from kaltura_bridge.doctor.registry import all_checks

logger = logging.getLogger(__name__)

CHECK_S: Final = 10.0
WHOLE_S: Final = 90.0


def run_checks(
    on_line: Callable[[ReportLine], object] = lambda line: None,
    *,
    check_s: float = CHECK_S,
    whole_s: float = WHOLE_S,
) -> list[ReportLine]:
    """Run every check and return its lines; ``on_line`` gets each as soon as it is known.

    No check takes longer than ``check_s`` seconds; those that would begin after
    ``whole_s`` are skipped.
    """
    run, ends = DoctorRun(), time.monotonic() + whole_s
    for check in all_checks():
        line = _line(check.name, _result(check, run, check_s, ends))
        run.lines[check.name] = line
        on_line(line)
    return list(run.lines.values())


def has_failed(lines: list[ReportLine]) -> bool:
    """Whether any check failed."""
    return any(line.verdict == CheckVerdict.FAILED for line in lines)


def _result(check: Check, run: DoctorRun, check_s: float, ends: float) -> CheckResult:
    if name := run.unmet_need(check):
        return skipped(f"Not checked, because “{name}” {_PAST[run.lines[name].verdict]}.")
    left_s = ends - time.monotonic()
    if left_s <= 0:
        return skipped("Not checked, because the checks before it took all the time.")
    return _within(min(check_s, left_s), lambda: _guarded(check, run))


_PAST: Final = {CheckVerdict.FAILED: "failed", CheckVerdict.SKIPPED: "was skipped"}


def _within(seconds: float, check: Callable[[], CheckResult]) -> CheckResult:
    """The result of ``check``, or that it did not finish in time.

    The time-out of a connection limits neither an answer that arrives byte by byte nor the
    look-up of a name, so each check has a thread, which is abandoned when it is late.
    """
    found: list[CheckResult] = []
    thread = threading.Thread(target=lambda: found.append(check()), daemon=True)
    thread.start()
    thread.join(seconds)
    if found:
        return found[0]
    return failed(
        f"No answer within {seconds:.0f} s.",
        "See whether a firewall or a proxy blocks this machine's connections to the address.",
    )


def _guarded(check: Check, run: DoctorRun) -> CheckResult:
    try:
        return check.run(run)
    except KalturaError as error:
        return result_of(error)
    except Exception as error:  # One broken check must not hide what the others see.
        logger.exception("The doctor's check “%s” broke.", check.name)
        return failed(f"The check itself is broken ({type(error).__name__}).", "See the log.")
    finally:
        connections.close_all()


def _line(name: str, result: CheckResult) -> ReportLine:
    return ReportLine(name, result.verdict, mask_secrets(result.seen), mask_secrets(result.fix))
