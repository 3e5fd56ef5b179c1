"""The few verbs we use at Kaltura, one module for each kind of object.

Everything above speaks specs and ``Observed``; everything below speaks the client's
classes. ``ADAPTERS`` finds the module's adapter for a kind.
"""

from __future__ import annotations

from kaltura_bridge.api.adapters.base import Adapter
from kaltura_bridge.api.adapters.categories import CategoryAdapter
from kaltura_bridge.api.adapters.category_entries import CategoryEntryAdapter
from kaltura_bridge.api.adapters.category_users import CategoryUserAdapter
from kaltura_bridge.api.adapters.entries import LiveEntryAdapter, RoomAdapter
from kaltura_bridge.api.adapters.metadata import MetadataAdapter
from kaltura_bridge.api.adapters.schedule_events import ScheduleEventAdapter
from kaltura_bridge.api.adapters.schedule_resources import BookingAdapter, ResourceAdapter
from kaltura_bridge.api.adapters.thumbnails import ThumbnailAdapter
from kaltura_bridge.specs import Kind

ADAPTERS: dict[Kind, Adapter] = {
    Kind.CATEGORY: CategoryAdapter(),
    Kind.ENTRY: LiveEntryAdapter(),
    Kind.ROOM: RoomAdapter(),
    Kind.METADATA: MetadataAdapter(),
    Kind.SCHEDULE_EVENT: ScheduleEventAdapter(),
    Kind.RESOURCE: ResourceAdapter(),
    Kind.CATEGORY_ENTRY: CategoryEntryAdapter(),
    Kind.CATEGORY_USER: CategoryUserAdapter(),
    Kind.BOOKING: BookingAdapter(),
    Kind.THUMBNAIL: ThumbnailAdapter(),
}

__all__ = ["ADAPTERS", "Adapter"]
