"""Check-ups: runs of the doctor in the background, kept line by line for the admin's page.

Imports nothing that loads the Kaltura client: the web process requests runs here.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from django.utils import timezone

from kaltura_bridge.doctor.base import ReportLine
from kaltura_bridge.models import Checkup
from kaltura_bridge.queue import TaskName, enqueue

# A run takes a minute and a half at most, and may wait for other work before it.
PATIENCE: Final = timedelta(minutes=5)
KEPT: Final = 20


def latest() -> Checkup | None:
    """The last check-up that somebody requested."""
    return Checkup.objects.select_related("asked_by").first()


def is_running(checkup: Checkup | None) -> bool:
    """Whether its end can still be expected."""
    return checkup is not None and not checkup.finished_at and not is_lost(checkup)


def is_lost(checkup: Checkup) -> bool:
    """Whether it began so long ago that its worker must have died."""
    return not checkup.finished_at and timezone.now() - checkup.asked_at > PATIENCE


def request_checkup(user_id: int | None) -> bool:
    """Have a worker run the checks, unless one does already. False when none can be reached."""
    if is_running(latest()):
        return True
    checkup = Checkup.objects.create(asked_by_id=user_id)
    if enqueue(TaskName.CHECKUP, checkup.pk):
        return True
    checkup.delete()
    return False


def run_checkup(pk: int) -> None:
    """Run the checks and save each line as soon as it is known; once, however often called."""
    if not Checkup.objects.filter(pk=pk, finished_at=None).exists():
        return
    from kaltura_bridge.doctor.run import run_checks  # loads the Kaltura client

    checks: list[dict[str, str]] = []

    def save_line(line: ReportLine) -> None:
        checks.append(line.as_json())
        Checkup.objects.filter(pk=pk).update(checks=checks)

    run_checks(save_line)
    Checkup.objects.filter(pk=pk).update(finished_at=timezone.now())
    Checkup.objects.exclude(pk__in=Checkup.objects.values("pk")[:KEPT]).delete()
