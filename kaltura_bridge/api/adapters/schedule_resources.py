from __future__ import annotations

from typing import Any

from kaltura_bridge.api.account import Resources
from kaltura_bridge.api.adapters.base import Wanted, Write, read_fields
from kaltura_bridge.api.client import Request, new, wire
from kaltura_bridge.api.lists import KEYS_A_LIST, key_lists, list_each, one_by_one
from kaltura_bridge.specs import Kind, Observed


class ResourceAdapter:
    """Location resources: the older form of rooms. Their key is the unique ``systemName``."""

    kind = Kind.RESOURCE

    def lookups(self, wanted: Wanted, resources: Resources) -> list[Request]:
        filters = [
            new("KalturaScheduleResourceFilter", systemNameIn=keys)
            for keys in key_lists(wanted.keys.get(self.kind, set()))
        ]
        return list_each(lambda c: c.schedule.scheduleResource, filters)

    def get(self, remote_id: str) -> Request | None:
        return Request(lambda c: c.schedule.scheduleResource.get(remote_id))

    def read(self, raw: Any, wanted: Wanted, resources: Resources) -> Observed | None:
        remote_id = wire(raw.id)
        key = wanted.owner(self.kind, remote_id) or wire(raw.systemName)
        created = int(wire(raw.createdAt) or 0)
        return Observed(self.kind, key, remote_id, read_fields(self.kind, raw), created)

    def add(self, write: Write, resources: Resources) -> Request:
        resource = new(write.spec.variant, **write.values)
        return Request(lambda c: c.schedule.scheduleResource.add(resource), write=True)

    def added(self, write: Write, raw: Any) -> str:
        return wire(raw.id)

    def update(self, write: Write, resources: Resources) -> Request:
        resource = new(write.spec.variant, **write.changed)
        return Request(
            lambda c: c.schedule.scheduleResource.update(write.remote_id, resource), write=True
        )

    def delete(self, remote_id: str) -> Request | None:
        return Request(lambda c: c.schedule.scheduleResource.delete(remote_id), write=True)


class BookingAdapter:
    """An event's place in a resource. It has no id of its own: ours is ``event|resource``."""

    kind = Kind.BOOKING

    def lookups(self, wanted: Wanted, resources: Resources) -> list[Request]:
        keys = wanted.keys.get(self.kind, set())
        events = [
            wanted.ids[Kind.SCHEDULE_EVENT, k]
            for k in keys
            if (Kind.SCHEDULE_EVENT, k) in wanted.ids
        ]
        filters = [
            new("KalturaScheduleEventResourceFilter", eventIdIn=ids)
            for ids in one_by_one(sorted(events), KEYS_A_LIST)
        ]
        return list_each(lambda c: c.schedule.scheduleEventResource, filters)

    def get(self, remote_id: str) -> Request | None:
        event_id, resource_id = remote_id.split("|")
        return Request(lambda c: c.schedule.scheduleEventResource.get(event_id, resource_id))

    def read(self, raw: Any, wanted: Wanted, resources: Resources) -> Observed | None:
        event_id, resource_id = wire(raw.eventId), wire(raw.resourceId)
        key = wanted.owner(Kind.SCHEDULE_EVENT, event_id)
        if key is None or wanted.owner(Kind.RESOURCE, resource_id) != key:
            return None
        return Observed(self.kind, key, f"{event_id}|{resource_id}", {})

    def add(self, write: Write, resources: Resources) -> Request:
        booking = new("KalturaScheduleEventResource", **write.values)
        return Request(lambda c: c.schedule.scheduleEventResource.add(booking), write=True)

    def added(self, write: Write, raw: Any) -> str:
        return f"{write.values['eventId']}|{write.values['resourceId']}"

    def update(self, write: Write, resources: Resources) -> Request:
        raise LookupError("A booking has nothing to update.")

    def delete(self, remote_id: str) -> Request | None:
        event_id, resource_id = remote_id.split("|")
        return Request(
            lambda c: c.schedule.scheduleEventResource.delete(event_id, resource_id), write=True
        )
