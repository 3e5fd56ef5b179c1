"""Join tests: whether viewers were let in, and whether alarms reach the webhook."""

from __future__ import annotations

from typing import Final

from django.conf import settings
from django.utils import timezone

from kaltura_bridge.doctor.base import Check, CheckResult, DoctorRun, failed, ok, skipped, warning
from kaltura_bridge.models import AlarmCall, JoinTest

TESTS, WEBHOOK = "join tests", "alarm webhook"
_NAMED: Final = 3


def check_join_tests(run: DoctorRun) -> CheckResult:
    """What the tests of sessions that are not over found last."""
    tested = JoinTest.objects.filter(session__ends_at__gt=timezone.now(), looked_at__isnull=False)
    number = tested.count()
    faulty = tested.exclude(fault="").select_related("session").order_by("session__starts_at")
    found = list(faulty[:_NAMED])
    if not found:
        return ok(f"Sessions tested in which viewers are let in: {number}.")
    named = "; ".join(f"“{test.session}”: {test.detail}" for test in found)
    return warning(
        f"Viewers could not join {faulty.count()} of {number} sessions that were tested. {named}",
        "Open the control room of the event and see to each.",
    )


def check_alarm_webhook(run: DoctorRun) -> CheckResult:
    """Whether alarms go to a webhook, and whether the last one arrived."""
    if not (settings.ALARM_WEBHOOK_URL and settings.ALARM_WEBHOOK_SECRET):
        return skipped("ALARM_WEBHOOK_URL and ALARM_WEBHOOK_SECRET are empty: alarms go by mail.")
    last = AlarmCall.objects.filter(attempts__gt=0).order_by("-pk").first()
    if last is not None and last.trouble:
        return failed(
            f"The last alarm did not reach the webhook: {last.trouble}.",
            "Check ALARM_WEBHOOK_URL and what listens there; it must answer with 2xx.",
        )
    return ok("Alarms go to the webhook." if last is None else "The last alarm arrived.")


CHECKS = (Check(TESTS, check_join_tests), Check(WEBHOOK, check_alarm_webhook))
