"""Whether attendance can be read from Kaltura's reports."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from django.utils import timezone

from kaltura_bridge.api.errors import RemoteRejected
from kaltura_bridge.api.reports import report_page
from kaltura_bridge.doctor.base import Check, CheckResult, DoctorRun, failed, ok
from kaltura_bridge.doctor.connection import CREDENTIALS
from kaltura_bridge.doctor.kaf import NO_ENTRY

# TOP_USERS_WEBCAST: the one that attendance of webcasts comes from.
REPORT: Final = "40009"


def check_reports(run: DoctorRun) -> CheckResult:
    """Ask for a report about no entry: an empty answer is a good one."""
    now = timezone.now()
    try:
        report_page(run.kaltura, REPORT, [NO_ENTRY], now - timedelta(hours=1), now, 1)
    except RemoteRejected as error:
        if error.code != "SERVICE_FORBIDDEN":
            raise
        return failed(
            "Our session may not read reports, so attendance of webcasts stays unknown.",
            "Ask Kaltura to enable the permission ANALYTICS_BASE.",
        )
    return ok("Kaltura's reports can be read.")


CHECKS = (Check("reports", check_reports, needs=(CREDENTIALS,)),)
