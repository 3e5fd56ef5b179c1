"""Who works on which job: claims with a lease, renewed by signs of life, and steps forward.

Each write is conditional on still being the holder. A worker that was held up until its lease
ran out learns so at its next write or sign of life, and stops before it tells Kaltura anything.
"""

from __future__ import annotations

import time
from datetime import datetime, timedelta
from typing import Final
from uuid import uuid4

from django.conf import settings
from django.db.models import Q, QuerySet
from django.utils import timezone

from kaltura_bridge.models import VendorJob, VendorStep
from kaltura_bridge.reach.account import VendorTask

# Back-off after what passes by itself: a minute, two, four ... at most an hour.
_FIRST_S: Final = 60
_MOST_S: Final = 3600


class LeaseLost(Exception):
    """Another worker has taken the job over."""


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
    return VendorJob.objects.filter(
        _free(), _is_due(), vendor_id=vendor_id, finished_at=None
    ).order_by("pk")


def _is_due() -> Q:
    return Q(next_try_at=None) | Q(next_try_at__lte=timezone.now())


def _free() -> Q:
    return Q(lease_until=None) | Q(lease_until__lte=timezone.now())


class Claim:
    """One job in this worker's hands."""

    def __init__(self, job: VendorJob) -> None:
        self.job, self._holder = job, uuid4().hex
        self._beat_at = 0.0

    def take(self) -> bool:
        """Whether it is ours now: of two workers one gets it, and nobody before its time."""
        free = VendorJob.objects.filter(_free(), _is_due(), pk=self.job.pk, finished_at=None)
        if not free.update(holder=self._holder, lease_until=_lease_end()):
            return False
        self.job.refresh_from_db()
        return True

    def beat(self) -> None:
        """A sign of life, as often as one likes. Raises LeaseLost."""
        every = settings.REACH_VENDOR_LEASE_S / 10
        if time.monotonic() - self._beat_at >= every:
            self.hold()

    def hold(self) -> None:
        """Prolong the lease; before each step that tells Kaltura something. Raises LeaseLost."""
        self._write(lease_until=_lease_end())
        self._beat_at = time.monotonic()

    def move(self, step: VendorStep, **changes: object) -> None:
        """Note that a step is done. Raises LeaseLost."""
        self._write(step=step, lease_until=_lease_end(), **changes)

    def note(self, **changes: object) -> None:
        """Note something within a step. Raises LeaseLost."""
        self._write(**changes)

    def end(self, step: VendorStep, problem: str = "") -> None:
        """The job is over. What was kept for it goes."""
        problem = problem or self.job.problem
        now = timezone.now()
        self._write(step=step, problem=problem, cues=[], finished_at=now, **_LET_GO)

    def put_back(self, problem: str, until: datetime | None = None) -> None:
        """Let go of it until ``until``, or as long as the back-off of one more failure says."""
        attempts = self.job.attempts + (until is None)
        wait = timedelta(seconds=min(_MOST_S, _FIRST_S * 2 ** min(attempts - 1, 10)))
        at = until or timezone.now() + wait
        self._write(attempts=attempts, next_try_at=at, problem=problem, **_LET_GO)

    def _write(self, **changes: object) -> None:
        mine = VendorJob.objects.filter(pk=self.job.pk, holder=self._holder, finished_at=None)
        if not mine.update(**changes):
            raise LeaseLost(str(self.job))
        for name, value in changes.items():
            setattr(self.job, name, value)


_LET_GO: Final[dict[str, object]] = {"holder": "", "lease_until": None}


def _lease_end() -> datetime:
    return timezone.now() + timedelta(seconds=settings.REACH_VENDOR_LEASE_S)
