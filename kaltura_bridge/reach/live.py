"""Live work: announced on the scheduled event beforehand, at work while that is on air.

The vendor tells the event where the stream is to be sent and where its captions come from;
Kaltura then connects by itself. The feature on the event is made by the order, never here.
"""

from __future__ import annotations

from typing import Final

from django.utils import timezone

from kaltura_bridge.api.client import new
from kaltura_bridge.api.errors import RemoteRejected
from kaltura_bridge.models import VendorStep
from kaltura_bridge.reach import account as statuses
from kaltura_bridge.reach.engines.base import EngineFailed, LiveAddresses
from kaltura_bridge.reach.features import Feature
from kaltura_bridge.reach.working import JobRun, work_for

NO_FEATURE: Final = frozenset({"FEATURE_NAME_NOT_FOUND", "INVALID_SCHEDULE_EVENT_TYPE"})
GONE_EVENT: Final = "INVALID_OBJECT_ID"


class LiveRun(JobRun):
    """One worker's work on one job of live captions, a step at a time as the hours come."""

    def _do(self) -> None:
        if self.job.step == VendorStep.TAKEN:
            self._provide()
        self._keep_key()
        if self.job.step == VendorStep.SCHEDULED and not self._waits_until_start():
            self._start()
        if self.job.step == VendorStep.STARTED and not self._waits_until_end():
            self._end()
        if self.job.step == VendorStep.ATTACHED:
            self._claim.end(VendorStep.READY)

    def _provide(self) -> None:
        task = self._access.task
        if task.feature is not Feature.LIVE_CAPTION:
            raise EngineFailed("This vendor translates nothing live.")
        if not (task.event_id and task.starts_at and task.ends_at):
            raise EngineFailed("The order names no scheduled event.")
        if task.ends_at <= timezone.now():
            raise EngineFailed("The event was over before the order could be taken.")
        work = work_for(self._access, self._account, self.job.key)
        addresses = self._engine.provide_live(work)
        self._claim.hold()
        self._announce(task.event_id, addresses)
        self._tell(status=statuses.SCHEDULED)
        self._claim.move(VendorStep.SCHEDULED)

    def _announce(self, event_id: int, addresses: LiveAddresses) -> None:
        name = f"LiveCaptionFeature-reach-{self._access.task.id}"
        feature = new(
            "KalturaLiveCaptionFeature",
            mediaUrl=addresses.media_url,
            mediaKey=addresses.media_key,
            captionUrl=addresses.caption_url,
            captionToken=addresses.caption_token,
            inputDelay=addresses.input_delay_s,
        )
        try:
            self._access.call(
                lambda c: c.schedule.scheduleEvent.updateLiveFeature(event_id, name, feature)
            )
        except RemoteRejected as error:
            if error.code in NO_FEATURE:
                raise EngineFailed(f"The event has no place for captions ({name}).") from error
            if error.code == GONE_EVENT:
                raise EngineFailed("The scheduled event is gone.") from error
            raise

    def _waits_until_start(self) -> bool:
        starts_at = self._access.task.starts_at
        if starts_at is None or starts_at <= timezone.now():
            return False
        self._claim.put_back("", until=starts_at)
        return True

    def _waits_until_end(self) -> bool:
        ends_at = self._access.task.ends_at
        if ends_at is None or ends_at <= timezone.now():
            return False
        self._claim.put_back("", until=ends_at)
        return True

    def _end(self) -> None:
        self._engine.end_live(work_for(self._access, self._account, self.job.key))
        self._claim.hold()
        self._tell(status=statuses.READY)
        self._claim.end(VendorStep.READY)
