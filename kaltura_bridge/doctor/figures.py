"""Whether attendance can be read from Kaltura's reports."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from django.utils import timezone

from kaltura_bridge.api.errors import RemoteRejected
from kaltura_bridge.api.reports import report_page
from kaltura_bridge.doctor.base import Check, Exam, Finding, failed, ok
from kaltura_bridge.doctor.door import CREDENTIALS
from kaltura_bridge.doctor.kaf import NO_ENTRY

# TOP_USERS_WEBCAST: the one that attendance of webcasts comes from.
REPORT: Final = "40009"


def look_at_reports(exam: Exam) -> Finding:
    """Ask for a report about no entry: empty is a good answer."""
    now = timezone.now()
    try:
        report_page(exam.kaltura, REPORT, [NO_ENTRY], now - timedelta(hours=1), now, 1)
    except RemoteRejected as error:
        if error.code != "SERVICE_FORBIDDEN":
            raise
        return failed(
            "Our session may not read reports.",
            "Ask Kaltura to switch on ANALYTICS_BASE; without it nobody knows who watched.",
        )
    return ok("Kaltura's reports can be read.")


CHECKS = (Check("reports", look_at_reports, needs=(CREDENTIALS,)),)
