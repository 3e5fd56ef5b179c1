"""The few verbs we use at Kaltura, one module for each kind of object.

Everything above speaks specs and ``Observed``; everything below speaks the client's
classes. ``DESKS`` finds the module's desk for a kind.
"""

from __future__ import annotations

from kaltura_bridge.api.adapters.base import Desk
from kaltura_bridge.api.adapters.categories import CategoryDesk
from kaltura_bridge.api.adapters.category_entries import CategoryEntryDesk
from kaltura_bridge.api.adapters.entries import LiveEntryDesk, RoomDesk
from kaltura_bridge.api.adapters.metadata import MetadataDesk
from kaltura_bridge.api.adapters.schedule_events import ScheduleEventDesk
from kaltura_bridge.api.adapters.schedule_resources import BookingDesk, ResourceDesk
from kaltura_bridge.api.adapters.thumbnails import ThumbnailDesk
from kaltura_bridge.specs import Kind

DESKS: dict[Kind, Desk] = {
    Kind.CATEGORY: CategoryDesk(),
    Kind.ENTRY: LiveEntryDesk(),
    Kind.ROOM: RoomDesk(),
    Kind.METADATA: MetadataDesk(),
    Kind.SCHEDULE_EVENT: ScheduleEventDesk(),
    Kind.RESOURCE: ResourceDesk(),
    Kind.CATEGORY_ENTRY: CategoryEntryDesk(),
    Kind.BOOKING: BookingDesk(),
    Kind.THUMBNAIL: ThumbnailDesk(),
}

__all__ = ["DESKS", "Desk"]
