"""The doctor's checks of background work: the worker that does it, the scheduler that starts it."""

from __future__ import annotations

import json
from typing import Final

from django.conf import settings

from kaltura_bridge import doctor
from kaltura_bridge.doctor.fetch import NoAnswer, fetch
from portal import heartbeat

ANSWER_S: Final = 5.0
SILENT_S: Final = heartbeat.SCHEDULER_STALE_AFTER_S


def register() -> None:
    """Add both checks to the doctor's table."""
    doctor.register(doctor.Check("background worker", check_worker))
    doctor.register(doctor.Check("scheduler", check_scheduler))


def check_worker(run: doctor.DoctorRun) -> doctor.CheckResult:
    """When a worker last wrote its heartbeat.

    Without Redis the cache is the web process's own memory, so a command asks it over HTTP.
    """
    age_s = heartbeat.age_s()
    if heartbeat.is_unknown():
        return _no_redis()
    if age_s is None and not settings.REDIS_URL:
        return _ask_portal()
    if age_s is None:
        return doctor.failed(
            "No worker is running: nothing is sent to Kaltura.",
            "Start celery -A portal worker, with the same REDIS_URL.",
        )
    if age_s > heartbeat.STALE_AFTER_S:
        return doctor.failed(
            f"The worker's last heartbeat was {age_s:.0f} s ago.",
            "Check its log, then restart celery -A portal worker.",
        )
    return doctor.ok(f"A worker is running (heartbeat {age_s:.0f} s ago).")


def check_scheduler(run: doctor.DoctorRun) -> doctor.CheckResult:
    """When the scheduler last ticked. Without it, changes made at Kaltura go unnoticed."""
    age_s = heartbeat.age_s(heartbeat.SCHEDULER)
    if heartbeat.is_unknown():
        return _no_redis()
    if age_s is None and not settings.REDIS_URL:
        return doctor.skipped(
            "The scheduler runs inside the web process; check it on the admin's Check-ups page."
        )
    if age_s is None or age_s > SILENT_S:
        return doctor.failed(
            "The scheduler is not running: changes made at Kaltura go unnoticed.",
            "Start celery -A portal beat, exactly one, with the same REDIS_URL.",
        )
    return doctor.ok(f"The scheduler is running (heartbeat {age_s:.0f} s ago).")


def _no_redis() -> doctor.CheckResult:
    return doctor.failed(
        "Redis does not answer: changes reach Kaltura late, and this cannot be seen.",
        "Start Redis, or check REDIS_URL.",
    )


def _ask_portal() -> doctor.CheckResult:
    """What the web process says about the worker inside it."""
    try:
        answer = fetch(f"{settings.SITE_URL}/health/ready", ANSWER_S)
        worker = json.loads(answer.text)["worker"]
    except NoAnswer as error:
        return doctor.failed(
            f"The worker runs inside the web process, and {settings.SITE_URL} does not answer "
            f"({error}).",
            "Start the portal, or check SITE_URL.",
        )
    except (ValueError, KeyError, TypeError):
        return doctor.failed(
            f"{settings.SITE_URL}/health/ready does not report on the worker "
            f"(HTTP {answer.status}).",
            "Check that SITE_URL is this portal's address.",
        )
    if not worker.get("ok"):
        return doctor.failed(
            f"The worker: {worker.get('seen')}.", "Check the portal's log, then restart it."
        )
    return doctor.ok(f"The worker: {worker.get('seen')}.")
