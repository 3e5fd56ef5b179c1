"""One round: go on with what was begun, then take what waits."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from kaltura_bridge.api.errors import KalturaError, RemoteRejected, RemoteUnavailable
from kaltura_bridge.leases import LeaseLost
from kaltura_bridge.models import VendorJob, VendorStep
from kaltura_bridge.reach.account import TaskAccess, VendorAccount, VendorTask
from kaltura_bridge.reach.engines.base import CaptionEngine, CaptionWork
from kaltura_bridge.reach.features import Feature
from kaltura_bridge.reach.journal import Claim, job_for, unfinished
from kaltura_bridge.reach.live import LiveRun
from kaltura_bridge.reach.working import CANNOT_EXTEND, JobRun, outline_of, work_for

logger = logging.getLogger(__name__)

# Lists lag; what is missing this often is gone.
MOST_MISSED: Final = 3


@dataclass
class RoundReport:
    """What came of a round, a line for each task."""

    ready: list[int] = field(default_factory=list)
    scheduled: list[int] = field(default_factory=list)
    failed: list[tuple[int, str]] = field(default_factory=list)
    withdrawn: list[tuple[int, str]] = field(default_factory=list)
    waiting: list[tuple[int, str]] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """As the command prints it."""
        said = ("failed", "withdrawn", "waiting")
        rows = {
            name: [{"task": task, "reason": reason} for task, reason in getattr(self, name)]
            for name in said
        }
        return {"ready": self.ready, "scheduled": self.scheduled, **rows}

    def note(self, job: VendorJob) -> None:
        """Add a job as it stands."""
        said = (job.task_id, job.problem)
        if job.step == VendorStep.READY:
            self.ready.append(job.task_id)
        elif job.step == VendorStep.FAILED:
            self.failed.append(said)
        elif job.step == VendorStep.WITHDRAWN:
            self.withdrawn.append(said)
        elif job.step in (VendorStep.SCHEDULED, VendorStep.STARTED) and not job.problem:
            self.scheduled.append(job.task_id)
        else:
            self.waiting.append(said)


class VendorRound:
    """One round of one worker. ``most`` jobs; ``only`` these features, all when empty."""

    def __init__(
        self,
        account: VendorAccount,
        engine: CaptionEngine,
        engine_name: str,
        most: int = 100,
        only: frozenset[Feature] = frozenset(),
    ) -> None:
        self._account, self._engine, self._name = account, engine, engine_name
        self._left, self._only = most, only
        self.report = RoundReport()

    def run(self) -> RoundReport:
        """Do it. Raises KalturaError when the vendor's account does not answer or refuses."""
        for claim, task in self._begun():
            self._work_on(claim, task)
        for task in self._account.waiting():
            if self._left <= 0:
                break
            self._consider(task)
        return self.report

    def _begun(self) -> Iterator[tuple[Claim, VendorTask]]:
        jobs = list(unfinished(self._account.id)[: max(0, self._left)])
        tasks = self._account.tasks([job.task_id for job in jobs]) if jobs else {}
        for job in jobs:
            claim = Claim(job)
            if not claim.take():
                continue
            task = tasks.get(job.task_id)
            if task is None:
                self._missed(claim)
                continue
            if claim.job.missed:
                claim.note(missed=0)
            yield claim, task

    def _missed(self, claim: Claim) -> None:
        """Kaltura shows an aborted order to nobody."""
        claim.note(missed=claim.job.missed + 1)
        if claim.job.missed <= MOST_MISSED:
            claim.put_back("Kaltura does not show the order.")
        else:
            claim.end(VendorStep.WITHDRAWN, "The customer withdrew the order.")
        self.report.note(claim.job)

    def _consider(self, task: VendorTask) -> None:
        if self._only and task.feature not in self._only:
            return
        reason = self._reason_to_leave(task)
        if reason:
            self.report.waiting.append((task.id, reason))
            return
        claim = Claim(job_for(self._account.id, task, self._name))
        if claim.take():
            self._work_on(claim, task)

    def _reason_to_leave(self, task: VendorTask) -> str:
        """Why this one stays where it is; live work that nobody here can do is answered."""
        if task.feature.is_live:
            return ""
        if task.feature not in self._engine.features:
            return f"the engine {self._name} does not do this kind of work ({task.feature.word})"
        if type(self._engine).waits_for is CaptionEngine.waits_for:
            return ""
        try:
            return self._engine.waits_for(self._glance(task))
        except (RemoteRejected, RemoteUnavailable) as error:
            return str(error)

    def _glance(self, task: VendorTask) -> CaptionWork:
        """What is known before the job is taken. Until then no key that has run out is renewed."""
        try:
            return work_for(TaskAccess(self._account, task), self._account)
        except RemoteRejected as error:
            if error.code != CANNOT_EXTEND:
                raise
            return outline_of(task, self._account)

    def _work_on(self, claim: Claim, task: VendorTask) -> None:
        self._left -= 1
        kind = LiveRun if task.feature.is_live else JobRun
        run = kind(self._account, self._engine, claim, task)
        try:
            run.run()
        except LeaseLost:
            logger.warning("Task %d: another worker has taken it over", task.id)
            return
        except KalturaError:
            raise
        except Exception:
            # An engine is somebody else's program: its failure is one job's, and not the end.
            logger.exception("Task %d: the engine broke down", task.id)
            run.broke_down()
        self.report.note(claim.job)
