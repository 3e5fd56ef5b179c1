"""Live entries and rooms: two classes of entry behind one list.

An entry's tags come back in lower case and in an order of Kaltura's own; what fields.py
reads brings both sides into one form. Seen at a running server (22.19).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from kaltura_bridge.api.account import Resources
from kaltura_bridge.api.adapters.base import Lookup, Write, is_deleted, read_fields
from kaltura_bridge.api.adapters.owned import OwnedObject
from kaltura_bridge.api.adapters.thumbnails import VERSION as PICTURE_VERSION
from kaltura_bridge.api.adapters.thumbnails import picture_version
from kaltura_bridge.api.broadcast_ks import Purpose
from kaltura_bridge.api.client import Request, is_set, new, wire
from kaltura_bridge.api.lists import key_lists, list_each
from kaltura_bridge.api.rows import class_name_of
from kaltura_bridge.fields import RECORDING_SWITCHES
from kaltura_bridge.specs import Kind, Observed

# Every status but deleted. Lists without a status filter hold READY (2) only, and so hide
# every room, which is NO_CONTENT (7) for good.
ALIVE = "-2,-1,0,1,2,4,5,6,7"
RECORDING = "recordingOptions"
EDITORS = "entitledUsersEdit"
# The name by which an observed entry keeps everybody who co-edits it.
_ALL_EDITORS = "__editors"


def read_entry(raw: Any, lookup: Lookup, resources: Resources) -> Observed:
    """A live entry or a room, told apart by its class."""
    is_live = class_name_of(raw).startswith("KalturaLive")
    kind = Kind.ENTRY if is_live else Kind.ROOM
    fields = read_fields(kind, raw)
    if is_live:
        fields[RECORDING] = _recording_read(raw.recordingOptions)
        editors = _listed(wire(raw.entitledUsersEdit))
        fields[EDITORS] = ",".join(filter(_is_ours, editors))
        fields[_ALL_EDITORS] = ",".join(editors)
        if version := picture_version(raw):
            fields[PICTURE_VERSION] = version
    remote_id = wire(raw.id)
    key = lookup.key_of(kind, remote_id) or wire(raw.referenceId)
    created, names = int(wire(raw.createdAt) or 0), wire(raw.categories)
    return Observed(kind, key, remote_id, fields, created, category_names=names)


def _recording_read(options: Any) -> str:
    """The part of the object that we manage, as JSON; what is not set reads as 0."""
    if not is_set(options) or options == "":
        return ""
    held = {name: wire(getattr(options, name)) or "0" for name in RECORDING_SWITCHES}
    return json.dumps(held, sort_keys=True)


def _listed(text: str) -> list[str]:
    """User ids in a list of Kaltura's, in one order; it ignores their case."""
    return sorted({part.strip().lower() for part in text.split(",") if part.strip()})


def _is_ours(user_id: str) -> bool:
    return user_id.startswith(f"portal-{Purpose.PRODUCER}-")


def _with_others(write: Write) -> Mapping[str, str]:
    """What changes; with our co-editor those whom somebody named at Kaltura, who stay."""
    if EDITORS not in write.changed:
        return write.changed
    before = _listed(write.found.fields.get(_ALL_EDITORS, "")) if write.found else []
    others = [user_id for user_id in before if not _is_ours(user_id)]
    return {**write.changed, EDITORS: ",".join([*others, *_listed(write.changed[EDITORS])])}


class _EntryAdapter:
    """What live entries and rooms have in common."""

    kind: Kind
    can_delete = True

    def find(self, lookup: Lookup, resources: Resources) -> list[Request]:
        filters = [
            new("KalturaBaseEntryFilter", referenceIdIn=keys, statusIn=ALIVE)
            for keys in key_lists(lookup.keys.get(self.kind, set()))
        ]
        return list_each(lambda c: c.baseEntry, filters)

    def get(self, remote_id: str) -> Request | None:
        return Request(lambda c: c.baseEntry.get(remote_id), as_row=True)

    def read(self, raw: Any, lookup: Lookup, resources: Resources) -> Observed | None:
        if is_deleted(self.kind, raw):
            return None
        observed = read_entry(raw, lookup, resources)
        return observed if observed.kind is self.kind else None

    def new_id(self, write: Write, raw: Any) -> str:
        return wire(raw.id)

    def delete(self, owned: OwnedObject) -> Request:
        return Request(lambda c: c.baseEntry.delete(owned.remote_id), write=True)


class LiveEntryAdapter(_EntryAdapter):
    """Live streams. Their add takes the source type beside the object, and fails without."""

    kind = Kind.ENTRY

    def add(self, write: Write, resources: Resources) -> Request:
        own = {name: value for name, value in write.values.items() if name != "sourceType"}
        entry = new("KalturaLiveStreamEntry", **_sent(own))
        source = write.values["sourceType"]
        return Request(lambda c: c.liveStream.add(entry, source), write=True)

    def update(self, write: Write, resources: Resources) -> Request:
        entry = new("KalturaLiveStreamEntry", **_sent(_with_others(write)))
        return Request(lambda c: c.liveStream.update(write.remote_id, entry), write=True)


def _sent(values: Mapping[str, str]) -> dict[str, Any]:
    """The recording options as the object that Kaltura takes; always all of it.

    A part of it replaces the whole: what is not sent becomes false.
    """
    if RECORDING not in values:
        return dict(values)
    options = new("KalturaLiveEntryRecordingOptions", **json.loads(values[RECORDING]))
    return {**values, RECORDING: options}


class RoomAdapter(_EntryAdapter):
    """Rooms; the service is a plugin's: plugins/room of kaltura/server."""

    kind = Kind.ROOM

    def add(self, write: Write, resources: Resources) -> Request:
        room = new("KalturaRoomEntry", **write.values)
        return Request(lambda c: c.room.room.add(room), write=True)

    def update(self, write: Write, resources: Resources) -> Request:
        room = new("KalturaRoomEntry", **write.changed)
        return Request(lambda c: c.room.room.update(write.remote_id, room), write=True)
