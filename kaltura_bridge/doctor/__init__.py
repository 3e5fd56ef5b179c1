"""The doctor: looks at everything a newcomer's settings and account can have wrong.

One line for each check: what was seen, and how to mend it. Nothing is written at
Kaltura. Other apps add checks of what they know with ``register``, from their
``AppConfig.ready``; what loads the Kaltura client is imported when a run begins.
"""

from kaltura_bridge.doctor.base import (
    Check,
    Exam,
    Finding,
    Line,
    Verdict,
    failed,
    ok,
    skipped,
    warning,
)
from kaltura_bridge.doctor.registry import register

__all__ = [
    "Check",
    "Exam",
    "Finding",
    "Line",
    "Verdict",
    "failed",
    "ok",
    "register",
    "skipped",
    "warning",
]
