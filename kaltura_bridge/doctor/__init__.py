"""The doctor: checks what can be wrong with an installation's settings and Kaltura account.

Each check reports one line: what it saw, and how to fix it. Nothing is written at Kaltura.
Other apps add checks of what they know with ``register``, from their ``AppConfig.ready``;
what loads the Kaltura client is imported when a run begins.
"""

from kaltura_bridge.doctor.base import (
    Check,
    CheckResult,
    CheckVerdict,
    DoctorRun,
    ReportLine,
    failed,
    ok,
    skipped,
    warning,
)
from kaltura_bridge.doctor.registry import register

__all__ = [
    "Check",
    "CheckResult",
    "CheckVerdict",
    "DoctorRun",
    "ReportLine",
    "failed",
    "ok",
    "register",
    "skipped",
    "warning",
]
