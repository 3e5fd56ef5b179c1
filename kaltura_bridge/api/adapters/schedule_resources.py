"""The older form of rooms: resources, and the events that book them."""

from __future__ import annotations

from typing import Any

from kaltura_bridge.api.account import Resources
from kaltura_bridge.api.adapters.base import Lookup, Write, is_deleted, read_fields
from kaltura_bridge.api.adapters.owned import OwnedObject
from kaltura_bridge.api.client import Request, new, wire
from kaltura_bridge.api.lists import KEYS_A_LIST, joined, key_lists, list_each
from kaltura_bridge.specs import Kind, Observed, booking_event, booking_key


class ResourceAdapter:
    """Location resources: the older form of rooms. Their key is the unique ``systemName``."""

    kind = Kind.RESOURCE
    can_delete = True

    def find(self, lookup: Lookup, resources: Resources) -> list[Request]:
        filters = [
            new("KalturaScheduleResourceFilter", systemNameIn=keys)
            for keys in key_lists(lookup.keys.get(self.kind, set()))
        ]
        return list_each(lambda c: c.schedule.scheduleResource, filters)

    def get(self, remote_id: str) -> Request | None:
        return Request(lambda c: c.schedule.scheduleResource.get(remote_id), as_row=True)

    def read(self, raw: Any, lookup: Lookup, resources: Resources) -> Observed | None:
        if is_deleted(self.kind, raw):
            return None
        remote_id = wire(raw.id)
        key = lookup.key_of(self.kind, remote_id) or wire(raw.systemName)
        created = int(wire(raw.createdAt) or 0)
        return Observed(self.kind, key, remote_id, read_fields(self.kind, raw), created)

    def add(self, write: Write, resources: Resources) -> Request:
        resource = new(write.spec.variant, **write.values)
        return Request(lambda c: c.schedule.scheduleResource.add(resource), write=True)

    def new_id(self, write: Write, raw: Any) -> str:
        return wire(raw.id)

    def update(self, write: Write, resources: Resources) -> Request:
        resource = new(write.spec.variant, **write.changed)
        return Request(
            lambda c: c.schedule.scheduleResource.update(write.remote_id, resource), write=True
        )

    def delete(self, owned: OwnedObject) -> Request:
        return Request(lambda c: c.schedule.scheduleResource.delete(owned.remote_id), write=True)


class BookingAdapter:
    """An event's place in a resource. It has no id of its own: ours is ``event|resource``."""

    kind = Kind.BOOKING
    can_delete = True

    def find(self, lookup: Lookup, resources: Resources) -> list[Request]:
        keys = {booking_event(key) for key in lookup.keys.get(self.kind, set())}
        known = {lookup.ids.get((Kind.SCHEDULE_EVENT, key), "") for key in keys} - {""}
        filters = [
            new("KalturaScheduleEventResourceFilter", eventIdIn=ids)
            for ids in joined(sorted(known), KEYS_A_LIST)
        ]
        return list_each(lambda c: c.schedule.scheduleEventResource, filters)

    def get(self, remote_id: str) -> Request | None:
        event_id, resource_id = remote_id.split("|")
        return Request(
            lambda c: c.schedule.scheduleEventResource.get(event_id, resource_id), as_row=True
        )

    def read(self, raw: Any, lookup: Lookup, resources: Resources) -> Observed | None:
        if is_deleted(self.kind, raw):
            return None
        event_id, resource_id = wire(raw.eventId), wire(raw.resourceId)
        event = lookup.key_of(Kind.SCHEDULE_EVENT, event_id)
        resource = lookup.key_of(Kind.RESOURCE, resource_id)
        key = booking_key(event, resource) if event and resource else ""
        # Somebody may have booked another room for our event: that is not ours to keep.
        if key not in lookup.keys.get(self.kind, ()):
            return None
        return Observed(self.kind, key, f"{event_id}|{resource_id}", {})

    def add(self, write: Write, resources: Resources) -> Request:
        booking = new("KalturaScheduleEventResource", **write.values)
        return Request(lambda c: c.schedule.scheduleEventResource.add(booking), write=True)

    def new_id(self, write: Write, raw: Any) -> str:
        return f"{write.values['eventId']}|{write.values['resourceId']}"

    def update(self, write: Write, resources: Resources) -> Request:
        raise LookupError("A booking has nothing to update.")

    def delete(self, owned: OwnedObject) -> Request:
        event_id, resource_id = owned.remote_id.split("|")
        return Request(
            lambda c: c.schedule.scheduleEventResource.delete(event_id, resource_id), write=True
        )
