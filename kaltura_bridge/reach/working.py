"""One job from the beginning to the end, from whatever step it came to.

::

    TAKEN ──▶ STARTED ──▶ WRITTEN ──▶ ATTACHED ──▶ READY
      │          └───────────┴──────────┴──▶ FAILING ──▶ FAILED
      └─▶ SCHEDULED (live) ──▶ STARTED ──▶ READY        live.py

A step is noted once Kaltura has taken it. So a worker that is killed leaves at most one step
that Kaltura has taken and that is not noted; each is such that doing it again changes nothing:
a status is told again, an asset is looked for by its mark before it is added.
"""

from __future__ import annotations

import logging
import tempfile
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from django.conf import settings
from django.utils import timezone

from kaltura_bridge.api.client import wire
from kaltura_bridge.api.errors import RemoteRejected, RemoteUnavailable
from kaltura_bridge.models import ErrorClass, VendorJob, VendorStep
from kaltura_bridge.reach import account as statuses
from kaltura_bridge.reach.account import TaskAccess, VendorAccount, VendorNotSetUp, VendorTask
from kaltura_bridge.reach.engines.base import CaptionEngine, CaptionWork, EngineFailed
from kaltura_bridge.reach.journal import Claim
from kaltura_bridge.reach.media import fetch_media
from kaltura_bridge.reach.outputs import caption_output, deliver, transcript_output, withdraw
from kaltura_bridge.subtitles import CaptionCue

logger = logging.getLogger(__name__)

# Time enough to finish what was begun with the old key.
EXTEND_BEFORE: Final = timedelta(days=1)
# With the back-off some sixteen hours.
MOST_ATTEMPTS: Final = 20
MOST_PROBLEM: Final = 1000
FINAL_STATE: Final = "CANNOT_UPDATE_STATUS_OF_TASK_WHICH_IS_IN_FINAL_STATE"
NOT_FOUND: Final = "ENTRY_VENDOR_TASK_NOT_FOUND"
CANNOT_EXTEND: Final = "CANNOT_EXTEND_ACCESS_KEY"
_NOBODYS: Final = UUID(int=0)


class TaskGone(Exception):
    """The order is no longer ours to do; the text says why."""


def work_for(access: TaskAccess, account: VendorAccount, key: UUID = _NOBODYS) -> CaptionWork:
    """What the engine is told, by two calls. Raises what they end with."""
    task, entry = access.details(), access.entry()
    return replace(
        outline_of(access.task, account, key),
        name=wire(entry.name),
        reference_id=wire(entry.referenceId),
        words=task.words,
        notes=task.notes,
    )


def outline_of(task: VendorTask, account: VendorAccount, key: UUID = _NOBODYS) -> CaptionWork:
    """What the vendor's own account knows of the work."""
    item = account.item(task.item_id)
    return CaptionWork(
        key=key,
        feature=task.feature,
        entry_id=task.entry_id,
        customer_id=task.customer_id,
        language=item.language,
        target_language=item.target_language,
        starts_at=task.starts_at,
        ends_at=task.ends_at,
    )


class JobRun:
    """One worker's work on one claimed job."""

    def __init__(
        self, account: VendorAccount, engine: CaptionEngine, claim: Claim, task: VendorTask
    ) -> None:
        self._account, self._engine, self._claim = account, engine, claim
        self._access = TaskAccess(account, task)

    @property
    def job(self) -> VendorJob:
        """The job, as it is noted."""
        return self._claim.job

    def run(self) -> None:
        """Go on until it is over, or waits. Raises LeaseLost, and VendorNotSetUp."""
        try:
            self._steps()
        except EngineFailed as error:
            self._fail(str(error))
        except TaskGone as error:
            self._claim.end(VendorStep.WITHDRAWN, str(error))
        except RemoteRejected as error:
            self._refused(error)
        except RemoteUnavailable as error:
            self._unavailable(error)
        except VendorNotSetUp as error:
            self._claim.put_back(str(error))
            raise

    def _refused(self, error: RemoteRejected) -> None:
        if error.code == NOT_FOUND:
            self._claim.end(VendorStep.WITHDRAWN, "The customer withdrew the order.")
        elif error.error_class in (ErrorClass.RETRY, ErrorClass.NEW_KS):
            self._unavailable(error)
        else:
            self._fail(f"Kaltura refused it: {error}")

    def _unavailable(self, error: RemoteRejected | RemoteUnavailable) -> None:
        if self.job.attempts < MOST_ATTEMPTS:
            self._claim.put_back(str(error))
        else:
            self._fail(f"It could not be done in {MOST_ATTEMPTS} attempts: {error}")

    def broke_down(self) -> None:
        """The engine ended with an error of its own: once more later, but not for ever."""
        if self.job.attempts < MOST_ATTEMPTS:
            self._claim.put_back("The engine broke down; the log says how.")
        else:
            self._fail(f"The captions could not be made in {MOST_ATTEMPTS} attempts.")

    def _steps(self) -> None:
        if self.job.step == VendorStep.FAILING:
            self._tell_failure()
            return
        self._check_still_ours()
        self._do()

    def _do(self) -> None:
        """The steps of a recording."""
        if self.job.step == VendorStep.TAKEN:
            self._start()
        self._keep_key()
        if self.job.step == VendorStep.STARTED:
            self._write()
        if self.job.step == VendorStep.WRITTEN:
            self._attach()
        if self.job.step == VendorStep.ATTACHED:
            self._finish()

    def _check_still_ours(self) -> None:
        """A task may have been done by somebody else, or be over."""
        task, mine = self._access.task, str(self.job.key)
        if task.external_id and task.external_id != mine and task.status != statuses.PENDING:
            raise TaskGone("Another worker of this vendor has it.")
        if task.status == statuses.READY and task.external_id == mine:
            # Its answer was lost, or whoever heard it died.
            self._claim.move(VendorStep.ATTACHED)
        elif task.status not in (statuses.PENDING, statuses.PROCESSING, statuses.SCHEDULED):
            raise TaskGone(f"The order has ended at Kaltura (status {task.status}).")

    def _start(self) -> None:
        self._claim.hold()
        if self._access.task.status != statuses.PROCESSING:
            self._tell(status=statuses.PROCESSING)
        self._claim.move(VendorStep.STARTED)

    def _keep_key(self) -> None:
        """Have the access key prolonged a day before its end."""
        task = self._access.task
        made = self.job.key_made_at or task.made_at
        is_open = task.status in (statuses.PROCESSING, statuses.SCHEDULED)
        is_due = made and made + task.key_life - EXTEND_BEFORE <= timezone.now()
        if is_open and is_due and not self._access.has_new_key:
            self._access.extend()
        if self._access.has_new_key:
            self._claim.note(key_made_at=timezone.now())
            self._access.has_new_key = False

    def _write(self) -> None:
        work = work_for(self._access, self._account, self.job.key)
        with tempfile.TemporaryDirectory(prefix="reach-") as folder:
            if self._engine.needs_media:
                media = fetch_media(self._access, Path(folder), self._claim.beat)
                work = replace(work, media=media)
            cues = self._listen(work)
        self._claim.move(VendorStep.WRITTEN, cues=cues)

    def _listen(self, work: CaptionWork) -> list[Any]:
        cues = []
        for cue in self._engine.transcribe(work):
            cues.append([cue.start_ms, cue.end_ms, cue.text, cue.speaker])
            self._claim.beat()
        if not cues:
            raise EngineFailed("No speech was found in it.")
        return cues

    def _attach(self) -> None:
        item = self._account.item(self._access.task.item_id)
        language = item.target_language or item.language
        cues = [CaptionCue(*row) for row in self.job.cues]
        mark, hold = str(self.job.key), self._claim.hold
        transcript_id = ""
        if settings.REACH_VENDOR_TRANSCRIPT:
            output = transcript_output(cues, language, settings.REACH_VENDOR_TRANSCRIPT)
            transcript_id = deliver(
                self._access, output, mark, hold, lambda key: self._claim.note(transcript_id=key)
            )
        captions = caption_output(cues, language, item.form, transcript_id)
        deliver(self._access, captions, mark, hold, lambda key: self._claim.note(output_id=key))
        self._keep_key()
        self._claim.move(VendorStep.ATTACHED)

    def _finish(self) -> None:
        if self._access.task.status != statuses.READY:
            self._claim.hold()
            self._tell(status=statuses.READY, outputObjectId=self.job.output_id)
        self._claim.end(VendorStep.READY)

    # ----------------------------------------------------------------------- failing
    def _fail(self, problem: str) -> None:
        """Note the failure, then tell the customer; a killed worker tells it later."""
        self._claim.move(VendorStep.FAILING, problem=problem[:MOST_PROBLEM])
        try:
            self._tell_failure()
        except TaskGone as error:
            self._claim.end(VendorStep.WITHDRAWN, str(error))
        except RemoteUnavailable:
            self._claim.put_back(self.job.problem)
        except RemoteRejected as error:
            logger.warning("Task %d: Kaltura does not take its error: %s", self.job.task_id, error)
            self._claim.end(VendorStep.FAILED)

    def _tell_failure(self) -> None:
        self._claim.hold()
        if self._access.task.status != statuses.ERROR:
            try:
                withdraw(self._access, self.job.output_id, self.job.transcript_id)
            except RemoteRejected as error:
                # The customer must learn of the failure all the same.
                logger.warning("Task %d: what was made stays there: %s", self.job.task_id, error)
            self._tell(status=statuses.ERROR, errDescription=self.job.problem)
        self._claim.end(VendorStep.FAILED)

    def _tell(self, **said: Any) -> None:
        try:
            self._account.tell(self._access.task, externalTaskId=str(self.job.key), **said)
        except RemoteRejected as error:
            if error.code == FINAL_STATE:
                raise TaskGone("The order had ended at Kaltura already.") from error
            raise
