"""Calendar events. Rules: plugins/schedule of kaltura/server."""

from __future__ import annotations

from typing import Any

from kaltura_bridge.api.account import Resources
from kaltura_bridge.api.adapters.base import Lookup, Write, is_deleted, read_fields
from kaltura_bridge.api.adapters.owned import OwnedObject
from kaltura_bridge.api.client import Request, new, wire
from kaltura_bridge.api.lists import key_lists, list_each
from kaltura_bridge.fields import MOMENT, fields_of
from kaltura_bridge.specs import Kind, Observed

# Status 1: read and listed still, unlike a deleted event, and in the way of others.
CANCELLED = "1"
TIMES = tuple(f.name for f in fields_of(Kind.SCHEDULE_EVENT) if f.type is MOMENT)


class ScheduleEventAdapter:
    """Calendar events, whatever their class; a spec's variant names it."""

    kind = Kind.SCHEDULE_EVENT
    can_delete = True

    def find(self, lookup: Lookup, resources: Resources) -> list[Request]:
        filters = [
            new("KalturaScheduleEventFilter", referenceIdIn=keys)
            for keys in key_lists(lookup.keys.get(self.kind, set()))
        ]
        return list_each(lambda c: c.schedule.scheduleEvent, filters)

    def get(self, remote_id: str) -> Request | None:
        return Request(lambda c: c.schedule.scheduleEvent.get(remote_id), as_row=True)

    def read(self, raw: Any, lookup: Lookup, resources: Resources) -> Observed | None:
        if is_deleted(self.kind, raw):
            return None
        remote_id = wire(raw.id)
        key = lookup.key_of(self.kind, remote_id) or wire(raw.referenceId)
        fields, created = read_fields(self.kind, raw), int(wire(raw.createdAt) or 0)
        cancelled = wire(raw.status) == CANCELLED
        return Observed(self.kind, key, remote_id, fields, created, dead=cancelled)

    def add(self, write: Write, resources: Resources) -> Request:
        event = new(write.spec.variant, **write.values)
        return Request(lambda c: c.schedule.scheduleEvent.add(event), write=True)

    def new_id(self, write: Write, raw: Any) -> str:
        return wire(raw.id)

    def update(self, write: Write, resources: Resources) -> Request:
        """Both times go together: a start past the stored end would be refused.

        The one that is not ours to write goes as it stands there.
        """
        sent = dict(write.changed)
        if any(name in write.changed for name in TIMES):
            held = write.found.fields if write.found else write.values
            sent = {name: held[name] for name in TIMES} | sent
        event = new(write.spec.variant, **sent)
        return Request(
            lambda c: c.schedule.scheduleEvent.update(write.remote_id, event), write=True
        )

    def delete(self, owned: OwnedObject) -> Request:
        return Request(lambda c: c.schedule.scheduleEvent.delete(owned.remote_id), write=True)
