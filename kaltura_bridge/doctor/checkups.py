"""Check-ups: runs of the doctor in the background, kept line by line for the admin's page.

Light: the web process asks for a run here, and never loads what the checks need.
"""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import Final

from django.utils import timezone

from kaltura_bridge.doctor.base import Line
from kaltura_bridge.models import Checkup
from kaltura_bridge.queue import TaskName, enqueue

logger = logging.getLogger(__name__)

# A run takes a minute and a half at most, and may wait for other work before it.
PATIENCE: Final = timedelta(minutes=5)
KEPT: Final = 20


def newest() -> Checkup | None:
    """The last check-up that somebody asked for."""
    return Checkup.objects.select_related("asked_by").first()


def is_running(checkup: Checkup | None) -> bool:
    """Whether its end may still be waited for."""
    return checkup is not None and not checkup.finished_at and not is_lost(checkup)


def is_lost(checkup: Checkup) -> bool:
    """Whether it began too long ago to end any more: the worker went away."""
    return not checkup.finished_at and timezone.now() - checkup.asked_at > PATIENCE


def ask(user_id: int | None) -> bool:
    """Have the worker make a check-up, unless one is under way. False when it is not to be had."""
    if is_running(newest()):
        return True
    checkup = Checkup.objects.create(asked_by_id=user_id)
    if enqueue(TaskName.CHECKUP, checkup.pk):
        return True
    checkup.delete()
    return False


def carry_out(pk: int) -> None:
    """Make the check-up, writing each line down as it is known; once, however often called."""
    if not Checkup.objects.filter(pk=pk, finished_at=None).exists():
        return
    from kaltura_bridge.doctor.run import examine  # loads the Kaltura client

    checks: list[dict[str, str]] = []

    def keep(line: Line) -> None:
        checks.append(line.as_json())
        Checkup.objects.filter(pk=pk).update(checks=checks)

    examine(keep)
    Checkup.objects.filter(pk=pk).update(finished_at=timezone.now())
    Checkup.objects.exclude(pk__in=Checkup.objects.values("pk")[:KEPT]).delete()
