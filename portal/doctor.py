"""The doctor's look at the background: whether work is called up, and whether it is done."""

from __future__ import annotations

import json
from typing import Final

from django.conf import settings

from kaltura_bridge import doctor
from kaltura_bridge.doctor import web
from portal import heartbeat

ANSWER_S: Final = 5.0
# It has something to do every five seconds.
SILENT_S: Final = 30.0


def register() -> None:
    """Add worker and scheduler to the doctor's table."""
    doctor.register(doctor.Check("background worker", look_at_worker))
    doctor.register(doctor.Check("scheduler", look_at_scheduler))


def look_at_worker(exam: doctor.Exam) -> doctor.Finding:
    """When a worker last gave a sign of life.

    Without Redis only the web process knows, so a command asks that over HTTP.
    """
    age_s = heartbeat.age_s()
    if age_s is None and not settings.REDIS_URL:
        return _ask_portal()
    if age_s is None:
        return doctor.failed(
            "No worker gives a sign of life: nothing is sent to Kaltura.",
            "Start celery -A portal worker, with the same REDIS_URL.",
        )
    if age_s > heartbeat.STALE_AFTER_S:
        return doctor.failed(
            f"The worker's last sign of life is {age_s:.0f} s old.",
            "See its log; start celery -A portal worker again.",
        )
    return doctor.ok(f"A worker gave a sign of life {age_s:.0f} s ago.")


def look_at_scheduler(exam: doctor.Exam) -> doctor.Finding:
    """When the scheduler last ticked; without it lost rings and changes go unnoticed."""
    age_s = heartbeat.age_s(heartbeat.SCHEDULER)
    if age_s is None and not settings.REDIS_URL:
        return doctor.skipped(
            "The scheduler lives in the web process, where only the admin's page sees it."
        )
    if age_s is None or age_s > SILENT_S:
        return doctor.failed(
            "The scheduler gives no sign of life: what changes at Kaltura goes unnoticed.",
            "Start celery -A portal beat, exactly one, with the same REDIS_URL.",
        )
    return doctor.ok(f"The scheduler ticked {age_s:.0f} s ago.")


def _ask_portal() -> doctor.Finding:
    """What the web process says of the worker that lives inside it."""
    try:
        answer = web.fetch(f"{settings.SITE_URL}/health/ready", ANSWER_S)
        worker = json.loads(answer.text)["worker"]
    except web.Silent as silence:
        return doctor.failed(
            f"The worker lives in the web process, and {settings.SITE_URL} does not answer "
            f"({silence}).",
            "Start the portal, or check SITE_URL.",
        )
    except (ValueError, KeyError, TypeError):
        return doctor.failed(
            f"{settings.SITE_URL}/health/ready does not say how the worker is "
            f"(HTTP {answer.status}).",
            "Check that SITE_URL is this portal's address.",
        )
    if not worker.get("ok"):
        return doctor.failed(
            f"The worker: {worker.get('seen')}.", "Restart the portal and see its log."
        )
    return doctor.ok(f"The worker: {worker.get('seen')}.")
