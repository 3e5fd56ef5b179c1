"""A run of all checks: each has its time, the whole has its own, and nothing secret gets out."""

from __future__ import annotations

import logging
import re
import threading
import time
from collections.abc import Callable
from typing import Final

from django.conf import settings
from django.db import connections

from kaltura_bridge.api.errors import KalturaError
from kaltura_bridge.doctor.base import Check, Exam, Finding, Line, Verdict, failed, skipped
from kaltura_bridge.doctor.registry import all_checks
from kaltura_bridge.doctor.troubles import finding_of

logger = logging.getLogger(__name__)

CHECK_S: Final = 10.0
WHOLE_S: Final = 90.0
MASK: Final = "[masked]"
# A version 2 KS is base64url of "v2|..." and so begins with djJ8; older ones are as long.
_KS: Final = re.compile(r"djJ8[A-Za-z0-9_=-]*|[A-Za-z0-9+/_=-]{100,}")
SECRETS: Final = (
    "SECRET_KEY",
    "KALTURA_ADMIN_SECRET",
    "KALTURA_APP_TOKEN",
    "KALTURA_WEBHOOK_SECRET",
    "NEWROW_API_TOKEN",
)

Told = Callable[[Line], None]


def examine(
    told: Told = lambda line: None, *, check_s: float = CHECK_S, whole_s: float = WHOLE_S
) -> list[Line]:
    """Run every check and return its lines; ``told`` hears each one as soon as it is known.

    No check takes longer than ``check_s`` seconds; those that would begin after
    ``whole_s`` are skipped.
    """
    exam, ends = Exam(), time.monotonic() + whole_s
    for check in all_checks():
        line = _line(check.name, _finding(check, exam, check_s, ends))
        exam.lines[check.name] = line
        told(line)
    return list(exam.lines.values())


def has_failed(lines: list[Line]) -> bool:
    """Whether any check found something broken."""
    return any(line.verdict == Verdict.FAILED for line in lines)


def _finding(check: Check, exam: Exam, check_s: float, ends: float) -> Finding:
    if name := exam.in_the_way(check):
        verdict = exam.lines[name].verdict
        return skipped(f"Not looked at, because “{name}” {_PAST[verdict]}.")
    left_s = ends - time.monotonic()
    if left_s <= 0:
        return skipped("Not looked at, because the checks before it took all the time there was.")
    return _within(min(check_s, left_s), lambda: _guarded(check, exam))


_PAST: Final = {Verdict.FAILED: "failed", Verdict.SKIPPED: "was skipped"}


def _within(seconds: float, look: Callable[[], Finding]) -> Finding:
    """What ``look`` finds, or that it did not come back in time.

    A time-out of a connection does not bound an answer that drips, nor a name that is
    looked up; so each look has a thread, which is left alone when it is late.
    """
    found: list[Finding] = []
    thread = threading.Thread(target=lambda: found.append(look()), daemon=True)
    thread.start()
    thread.join(seconds)
    if found:
        return found[0]
    return failed(
        f"No answer within {seconds:.0f} s.",
        "See whether a firewall or a proxy stands between this machine and the address.",
    )


def _guarded(check: Check, exam: Exam) -> Finding:
    try:
        return check.look(exam)
    except KalturaError as error:
        return finding_of(error)
    except Exception as error:  # One broken check must not hide what the others see.
        logger.exception("The doctor's check “%s” broke.", check.name)
        return failed(f"The check itself broke ({type(error).__name__}).", "See the log.")
    finally:
        connections.close_all()


def _line(name: str, found: Finding) -> Line:
    return Line(name, found.verdict, discreet(found.seen), discreet(found.fix))


def discreet(text: str) -> str:
    """``text`` without any secret of the settings, and without any KS."""
    for name in SECRETS:
        if secret := getattr(settings, name):
            text = text.replace(secret, MASK)
    return _KS.sub(MASK, text)
