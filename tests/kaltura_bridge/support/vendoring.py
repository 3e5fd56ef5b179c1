"""A vendor's account at the local Kaltura, orders for it, and workers that die."""

from __future__ import annotations

import os
import signal
import traceback
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, ClassVar

import requests
from django.db import connections
from KalturaClient import KalturaClient, KalturaConfiguration
from KalturaClient.Plugins import Core, Reach, Schedule

from kaltura_bridge.api import client as api_client
from kaltura_bridge.models import VendorJob
from kaltura_bridge.reach.account import VendorAccount
from kaltura_bridge.reach.engines.base import CaptionEngine, CaptionWork, LiveAddresses
from kaltura_bridge.reach.features import Feature
from kaltura_bridge.reach.rounds import RoundReport, VendorRound
from kaltura_bridge.subtitles import CaptionCue
from kaltura_simulator import constants
from kaltura_simulator.testing import Simulator

VIDEO, OTHER_VIDEO = (key for key, *_ in constants.READY_VIDEOS)
CAPTIONS, HUMAN, LIVE = (
    constants.REACH_MACHINE_CAPTIONS,
    constants.REACH_HUMAN_CAPTIONS,
    constants.REACH_LIVE_CAPTIONS,
)
VENDOR = constants.PARTNER_ID + 200_000
ADMIN = 2


class EchoEngine(CaptionEngine):
    """Says how much it heard; ``meanwhile`` is called in the middle of its work."""

    features: ClassVar[frozenset[Feature]] = frozenset({Feature.CAPTIONS})

    def __init__(self, options: Mapping[str, str]) -> None:
        super().__init__(options)
        self.worked: list[CaptionWork] = []
        self.ended: list[str] = []
        self.meanwhile: Callable[[], object] = lambda: None

    def transcribe(self, work: CaptionWork) -> Iterable[CaptionCue]:
        self.worked.append(work)
        assert work.media is not None
        size = work.media.stat().st_size
        yield CaptionCue(0, 1000, f"{size} bytes of {work.language}")
        self.meanwhile()
        yield CaptionCue(1000, 2000, "The end")


class LiveEngine(EchoEngine):
    """Has an address for a live stream."""

    def provide_live(self, work: CaptionWork) -> LiveAddresses:
        key = str(work.key)
        return LiveAddresses("rtmps://in.test/live", key, "wss://out.test/captions", key, 3)

    def end_live(self, work: CaptionWork) -> None:
        self.ended.append(work.entry_id)


@dataclass
class VendorSite:
    """The vendor's account, its settings, and the customer who orders from it."""

    simulator: Simulator
    settings: Any
    folder: Path

    def set_up(self, privileges: str = "disableentitlement") -> None:
        """Make an application token, and settings that use it."""
        token = self.vendor().appToken.add(
            Core.KalturaAppToken(sessionPrivileges=privileges, sessionType=ADMIN)
        )
        self.settings.REACH_VENDOR_PARTNER_ID = VENDOR
        self.settings.REACH_VENDOR_APP_TOKEN_ID = token.id
        self.settings.REACH_VENDOR_APP_TOKEN = token.token

    def vendor(self) -> KalturaClient:
        """The published client with the vendor's own secret."""
        found = self.simulator.control("GET", "objects", kind="partner", partner=VENDOR)
        return self._client(VENDOR, found["objects"][0]["adminSecret"], "vendor")

    def customer(self) -> KalturaClient:
        """The published client of the account that orders."""
        return self._client(self.simulator.partner_id, self.simulator.admin_secret, "manager")

    def _client(self, partner: int, secret: str, user: str) -> KalturaClient:
        made = KalturaClient(KalturaConfiguration(self.simulator.url))
        made.setKs(made.generateSessionV2(secret, user, ADMIN, partner, 3600, "").decode())
        made.setPartnerId(partner)
        return made

    # ---------------------------------------------------------------------- the customer
    def order(self, entry: str = VIDEO, item: int = CAPTIONS, **fields: Any) -> int:
        """Order captions; the number of the task."""
        task = Reach.KalturaEntryVendorTask(entryId=entry, catalogItemId=item, **fields)
        task.reachProfileId = constants.REACH_PROFILE
        return int(self.customer().reach.entryVendorTask.add(task).id)

    def order_live(self, starts_at: datetime, ends_at: datetime) -> tuple[int, int]:
        """Order live captions of a new stream; the numbers of the task and the event."""
        manager = self.customer()
        stream = manager.liveStream.add(
            Core.KalturaLiveStreamEntry(name="Live", mediaType=201),
            Core.KalturaSourceType.LIVE_STREAM,
        )
        event = manager.schedule.scheduleEvent.add(
            Schedule.KalturaLiveStreamScheduleEvent(
                summary="Keynote",
                startDate=int(starts_at.timestamp()),
                endDate=int(ends_at.timestamp()),
                recurrenceType=0,
                templateEntryId=stream.id,
            )
        )
        data = Reach.KalturaScheduledVendorTaskData(scheduledEventId=event.id)
        return self.order(stream.id, LIVE, taskJobData=data), int(event.id)

    def task(self, number: int) -> dict[str, Any]:
        """The task as Kaltura holds it."""
        rows = self.simulator.objects("entryVendorTask")
        return next(row for row in rows if row["id"] == number)

    def status(self, number: int) -> tuple[int, str]:
        """Status and error of a task."""
        row = self.task(number)
        return row["status"], str(row.get("errDescription") or "")

    def captions(self, status: int = 2) -> list[dict[str, Any]]:
        """The caption assets that were not deleted."""
        rows = self.simulator.objects("captionAsset")
        return [row for row in rows if row["status"] == status]

    def text_of(self, asset_id: str) -> str:
        """The content of captions."""
        url = self.customer().caption.captionAsset.getUrl(asset_id)
        return requests.get(url, timeout=10).content.decode()

    # ------------------------------------------------------------------------ the worker
    def round(
        self, engine: CaptionEngine | None = None, most: int = 100, only: Any = frozenset()
    ) -> RoundReport:
        """One round of a new worker."""
        return VendorRound(VendorAccount(), engine or EchoEngine({}), "echo", most, only).run()

    def die_at(self, call: int, after: bool) -> bool:
        """A worker in a child that dies at its HTTP request of this number. Whether it died."""
        connections.close_all()
        if hasattr(api_client._local, "session"):
            api_client._local.session.close()
            del api_client._local.session
        child = os.fork()
        if child == 0:
            try:
                _arm(call, after)
                self.round()
            except BaseException:
                traceback.print_exc()
                os._exit(70)
            os._exit(0)
        _, status = os.waitpid(child, 0)
        assert not os.WIFEXITED(status) or os.WEXITSTATUS(status) == 0, "it failed by itself"
        return os.WIFSIGNALED(status)


def _arm(call: int, after: bool) -> None:
    original, seen = requests.Session.send, {"calls": 0}

    def send(self: Any, request: Any, **how: Any) -> Any:
        seen["calls"] += 1
        dies = seen["calls"] == call
        if dies and not after:
            os.kill(os.getpid(), signal.SIGKILL)
        answer = original(self, request, **how)
        if dies:
            os.kill(os.getpid(), signal.SIGKILL)
        return answer

    requests.Session.send = send  # type: ignore[method-assign]


def expire_leases() -> None:
    """Time passes: nobody who died holds anything, and what was put back is due."""
    VendorJob.objects.filter(finished_at=None).update(
        lease_until=datetime(2020, 1, 1, tzinfo=UTC), next_try_at=None
    )
