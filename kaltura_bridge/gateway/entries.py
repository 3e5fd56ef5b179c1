from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kaltura_bridge import texts
from kaltura_bridge.client import Request, new, wire
from kaltura_bridge.gateway.base import Wanted, fields_of, key_lists, list_each
from kaltura_bridge.resources import Resources
from kaltura_bridge.specs import Kind, Observed, Spec

# Lists without a status hold READY only, and so hide every room (facts 13).
ALIVE = "-2,-1,0,1,2,4,5,6,7"
COMMON = ("name", "description", "tags")
LIVE = ("adminTags", "dvrStatus", "dvrWindow", "recordStatus", "explicitLive")
# Kaltura's own to set; the join page plays what they name when the session is over.
READ_ONLY = ("redirectEntryId", "recordedEntryId")


def read_entry(raw: Any, wanted: Wanted, resources: Resources) -> Observed:
    """A live entry or a room, told apart by its class."""
    is_live = type(raw).__name__.startswith("KalturaLive")
    fields = fields_of(raw, (COMMON + LIVE if is_live else COMMON) + READ_ONLY)
    fields["tags"] = texts.tags_read(fields.get("tags", ""))
    if is_live:
        fields["adminTags"] = texts.admin_tags_read(fields.get("adminTags", ""))
    kind = Kind.ENTRY if is_live else Kind.ROOM
    remote_id = wire(raw.id)
    key = wanted.owner(kind, remote_id) or wire(raw.referenceId)
    return Observed(kind, key, remote_id, fields, int(wire(raw.createdAt) or 0))


class _EntryDesk:
    kind: Kind

    def lookups(self, wanted: Wanted, resources: Resources) -> list[Request]:
        filters = [
            new("KalturaBaseEntryFilter", referenceIdIn=keys, statusIn=ALIVE)
            for keys in key_lists(wanted.keys.get(self.kind, set()))
        ]
        return list_each(lambda c: c.baseEntry, filters)

    def get(self, remote_id: str) -> Request | None:
        return Request(lambda c: c.baseEntry.get(remote_id))

    def read(self, raw: Any, wanted: Wanted, resources: Resources) -> Observed | None:
        observed = read_entry(raw, wanted, resources)
        return observed if observed.kind is self.kind else None

    def added(self, spec: Spec, values: Mapping[str, str], raw: Any) -> str:
        return wire(raw.id)

    def delete(self, remote_id: str) -> Request:
        return Request(lambda c: c.baseEntry.delete(remote_id), write=True)


class LiveEntryDesk(_EntryDesk):
    kind = Kind.ENTRY

    def add(self, spec: Spec, values: Mapping[str, str], resources: Resources) -> Request:
        own = {name: value for name, value in values.items() if name != "sourceType"}
        entry = new("KalturaLiveStreamEntry", referenceId=spec.key, **own)
        source = values["sourceType"]
        return Request(lambda c: c.liveStream.add(entry, source), write=True)

    def update(
        self,
        spec: Spec,
        remote_id: str,
        changed: Mapping[str, str],
        values: Mapping[str, str],
        found: Observed | None,
        resources: Resources,
    ) -> Request:
        entry = new("KalturaLiveStreamEntry", **changed)
        return Request(lambda c: c.liveStream.update(remote_id, entry), write=True)


class RoomDesk(_EntryDesk):
    kind = Kind.ROOM

    def add(self, spec: Spec, values: Mapping[str, str], resources: Resources) -> Request:
        room = new("KalturaRoomEntry", referenceId=spec.key, **values)
        return Request(lambda c: c.room.room.add(room), write=True)

    def update(
        self,
        spec: Spec,
        remote_id: str,
        changed: Mapping[str, str],
        values: Mapping[str, str],
        found: Observed | None,
        resources: Resources,
    ) -> Request:
        room = new("KalturaRoomEntry", **changed)
        return Request(lambda c: c.room.room.update(remote_id, room), write=True)
