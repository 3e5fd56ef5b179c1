"""One client program with many threads that puts as much load on a local Kaltura as it can.

``python -m tests.kaltura_simulator.support.hammer URL NAME SECONDS THREADS`` prints what
was acknowledged, what should be gone, and every refusal, as JSON.
"""

from __future__ import annotations

import itertools
import json
import sys
import threading
import time
from dataclasses import dataclass, field
from typing import Any

from KalturaClient import KalturaClient, KalturaConfiguration
from KalturaClient.exceptions import KalturaClientException, KalturaException
from KalturaClient.Plugins import Core, Metadata, Room, Schedule

from kaltura_simulator import constants

START = 2_000_000_000
XML = "<metadata><IsKwebcastEntry>{}</IsKwebcastEntry><IsSelfServe>0</IsSelfServe></metadata>"


@dataclass
class Log:
    """The replies that one thread got."""

    calls: int = 0
    #: Kind -> {id: what it carries at last}
    kept: dict[str, dict[str, str]] = field(default_factory=dict)
    gone: list[str] = field(default_factory=list)
    shared: list[str] = field(default_factory=list)
    refusals: list[str] = field(default_factory=list)
    surprises: list[str] = field(default_factory=list)

    def keep(self, kind: str, key: Any, value: str) -> None:
        self.kept.setdefault(kind, {})[str(key)] = value


class Worker:
    """One thread's client and its round of work."""

    def __init__(self, url: str, name: str):
        self.url, self.name, self.log = url, name, Log()
        self.client = self._new_client()

    def _new_client(self) -> KalturaClient:
        client = KalturaClient(KalturaConfiguration(self.url))
        client.setPartnerId(constants.PARTNER_ID)
        ks = client.generateSessionV2(
            constants.ADMIN_SECRET, self.name, 2, constants.PARTNER_ID, 3600, "disableentitlement"
        )
        client.setKs(ks.decode())
        return client

    def work(self, until: float) -> None:
        """Rounds until the time is over; a reply that Kaltura would not give counts as a surprise."""
        for number in itertools.count():
            if time.monotonic() > until:
                return
            try:
                self._round(f"{self.name}-{number}", number)
            except KalturaException as refusal:
                self.log.surprises.append(f"{refusal.code}: {refusal.message}")
            except (KalturaClientException, AttributeError, OSError) as problem:
                self.log.surprises.append(f"{type(problem).__name__}: {problem}")
                # After a broken multirequest the published client never sends anything again.
                self.client = self._new_client()
                time.sleep(0.1)  # Nobody is there: do not spin.

    def _round(self, key: str, number: int) -> None:
        place = self._category(key)
        entry = self._entry(key)
        self._event(key, entry)
        self._metadata(key, entry, number)
        self._call(
            self.client.categoryEntry.add,
            Core.KalturaCategoryEntry(categoryId=place, entryId=entry),
        )
        self.log.keep("category_entry", f"{place}:{entry}", "")
        self._many(key)
        self._shared(number)
        if number % 4 == 3:
            self._delete(key)

    def _call(self, action: Any, *args: Any) -> Any:
        self.log.calls += 1
        return action(*args)

    def _category(self, key: str) -> int:
        made = self._call(self.client.category.add, Core.KalturaCategory(name=key))
        change = Core.KalturaCategory(description=f"of {key}")
        self._call(self.client.category.update, made.id, change)
        read = self._call(self.client.category.get, made.id)
        self.log.keep("category", made.id, f"{read.name}|{read.description}")
        if (read.name, read.description) != (key, f"of {key}"):
            self.log.surprises.append(f"category {made.id} reads {read.name!r}")
        return int(made.id)

    def _entry(self, key: str) -> str:
        sent = Core.KalturaLiveStreamEntry(name=key, mediaType=201, referenceId=key)
        made = self._call(self.client.liveStream.add, sent, "32")
        self.log.keep("entry", made.id, key)
        asked = Core.KalturaBaseEntryFilter(referenceIdIn=key, statusIn="2,7")
        found = self._call(self.client.baseEntry.list, asked).objects
        if [row.id for row in found] != [made.id]:
            self.log.surprises.append(f"{key} is listed as {[row.id for row in found]}")
        return str(made.id)

    def _event(self, key: str, entry: str) -> None:
        sent = Schedule.KalturaLiveStreamScheduleEvent(
            summary=key,
            startDate=START,
            endDate=START + 60,
            recurrenceType=0,
            templateEntryId=entry,
            referenceId=key,
        )
        made = self._call(self.client.schedule.scheduleEvent.add, sent)
        self.log.keep("schedule_event", made.id, key)
        self._refused(self.client.schedule.scheduleEvent.add, "SCHEDULE_TIME_IN_USE", sent)

    def _metadata(self, key: str, entry: str, number: int) -> None:
        service, xml = self.client.metadata.metadata, XML.format(number % 2)
        made = self._call(service.add, 1301, Metadata.KalturaMetadataObjectType.ENTRY, entry, xml)
        self.log.keep("metadata", made.id, xml)

    def _many(self, key: str) -> None:
        """Three calls in one request, which make one object."""
        self.client.startMultiRequest()
        self.client.room.room.add(Room.KalturaRoomEntry(name=key, roomType=1))
        self.client.category.get(77)
        self.client.room.room.get("{1:result:id}")
        made, refused, read = self._call(self.client.doMultiRequest)
        self.log.keep("entry", made.id, key)
        if (refused.code, read.id) != ("CATEGORY_NOT_FOUND", made.id):
            self.log.surprises.append(f"multirequest: {refused!r}, {read!r}")

    def _shared(self, number: int) -> None:
        """All threads of all programs add the same names; each add succeeds once."""
        name = f"shared-{number}"
        if not self._refused(
            self.client.category.add, "DUPLICATE_CATEGORY", Core.KalturaCategory(name=name)
        ):
            self.log.shared.append(name)

    def _delete(self, key: str) -> None:
        sent = Core.KalturaLiveStreamEntry(name=f"{key}-gone", mediaType=201)
        made = self._call(self.client.liveStream.add, sent, "32")
        self._call(self.client.liveStream.delete, made.id)
        self.log.gone.append(str(made.id))
        self._refused(self.client.liveStream.get, "ENTRY_ID_NOT_FOUND", made.id)

    def _refused(self, action: Any, code: str, *args: Any) -> bool:
        """Whether a call was refused, as it may be, with this code."""
        try:
            self._call(action, *args)
        except KalturaException as refusal:
            if refusal.code != code:
                raise
            self.log.refusals.append(code)
            return True
        return False


def main(url: str, name: str, seconds: str, threads: str) -> None:
    """Run the threads and print their logs."""
    workers = [Worker(url, f"{name}{number}") for number in range(int(threads))]
    until = time.monotonic() + float(seconds)
    running = [threading.Thread(target=worker.work, args=(until,)) for worker in workers]
    for thread in running:
        thread.start()
    for thread in running:
        thread.join()
    print(json.dumps([vars(worker.log) for worker in workers]))


if __name__ == "__main__":
    main(*sys.argv[1:])
