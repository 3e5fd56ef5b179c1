"""Who works on which job, and its steps forward. Claims are kaltura_bridge/leases.py's, renewed
by signs of life.
"""

from __future__ import annotations

import time
from datetime import datetime, timedelta
from typing import Final

from django.conf import settings
from django.db.models import Q, QuerySet
from django.utils import timezone

from kaltura_bridge.leases import Leases, is_free
from kaltura_bridge.models import VendorJob, VendorStep
from kaltura_bridge.reach.account import VendorTask

_LEASES: Final = Leases(VendorJob, lambda: settings.REACH_VENDOR_LEASE_S)
# Back-off after what passes by itself: a minute, two, four ... at most an hour.
_FIRST_S: Final = 60
_MOST_S: Final = 3600


def job_for(vendor_id: int, task: VendorTask, engine: str) -> VendorJob:
    """The job of a task; made when there is none."""
    job, _made = VendorJob.objects.get_or_create(
        vendor_id=vendor_id,
        task_id=task.id,
        defaults={
            "customer_id": task.customer_id,
            "entry_id": task.entry_id,
            "engine": engine[:200],
        },
    )
    return job


def unfinished(vendor_id: int) -> QuerySet[VendorJob]:
    """Jobs that were begun and that nobody works on now, and whose time has come."""
    _LEASES.free_dead()
    return _due().filter(is_free(), vendor_id=vendor_id).order_by("pk")


def _due() -> QuerySet[VendorJob]:
    is_due = Q(next_try_at=None) | Q(next_try_at__lte=timezone.now())
    return VendorJob.objects.filter(is_due, finished_at=None)


class Claim:
    """One job in this worker's hands."""

    def __init__(self, job: VendorJob) -> None:
        self.job, self._beat_at = job, 0.0

    def take(self) -> bool:
        """Whether it is ours now: of two workers one gets it, and nobody before its time."""
        taken = _LEASES.take(_due().filter(pk=self.job.pk))
        self.job = taken or self.job
        return taken is not None

    def beat(self) -> None:
        """A sign of life, as often as one likes. Raises LeaseLost."""
        every = settings.REACH_VENDOR_LEASE_S / 10
        if time.monotonic() - self._beat_at >= every:
            self.hold()

    def hold(self) -> None:
        """Prolong the lease; before each step that tells Kaltura something. Raises LeaseLost."""
        _LEASES.keep(self.job)
        self._beat_at = time.monotonic()

    def move(self, step: VendorStep, **changes: object) -> None:
        """Note that a step is done. Raises LeaseLost."""
        _LEASES.keep(self.job, step=step, **changes)

    def note(self, **changes: object) -> None:
        """Note something within a step. Raises LeaseLost."""
        _LEASES.write(self.job, **changes)

    def end(self, step: VendorStep, problem: str = "") -> None:
        """The job is over. What was kept for it goes."""
        problem = problem or self.job.problem
        now = timezone.now()
        _LEASES.release(self.job, step=step, problem=problem, cues=[], finished_at=now)

    def put_back(self, problem: str, until: datetime | None = None) -> None:
        """Let go of it until ``until``, or as long as the back-off of one more failure says."""
        attempts = self.job.attempts + (until is None)
        wait = timedelta(seconds=min(_MOST_S, _FIRST_S * 2 ** min(attempts - 1, 10)))
        at = until or timezone.now() + wait
        _LEASES.release(self.job, attempts=attempts, next_try_at=at, problem=problem)
