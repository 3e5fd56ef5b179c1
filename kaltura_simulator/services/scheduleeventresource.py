"""schedule_scheduleEventResource: which event books which resource.

Kaltura's: plugins/schedule/base/services/ScheduleEventResourceService.php
"""

from __future__ import annotations

from kaltura_simulator.api import lists
from kaltura_simulator.api.call import Call, action, slow
from kaltura_simulator.api.errors import ApiError
from kaltura_simulator.api.params import SentObject
from kaltura_simulator.rules import exclusive, schedule
from kaltura_simulator.services.scheduleresource import DELETED
from kaltura_simulator.state.store import Data


def _exists(call: Call, kind: str, key: int) -> bool:
    row = call.get(kind, key)
    return row is not None and row["status"] != DELETED


def _find(call: Call, event_id: int, resource_id: int) -> Data:
    found = call.get("schedule_event_resource", schedule.booking_key(event_id, resource_id))
    if found is None:
        raise ApiError("INVALID_OBJECT_ID", ID=f"{event_id},{resource_id}")
    return found


@action("schedule_scheduleeventresource.add")
@slow
def add(call: Call, scheduleEventResource: SentObject) -> Data:
    """Book a resource for an event; others who book it at the same moment are refused."""
    with exclusive.reserved(call, scheduleEventResource.get("resourceId", 0)):
        return _book(call, scheduleEventResource)


def _book(call: Call, sent: SentObject) -> Data:
    """Add a booking; overlapping bookings of a resource are allowed."""
    sent.refuse_read_only()
    sent.require("eventId", "resourceId")
    event_id, resource_id = sent.get("eventId"), sent.get("resourceId")
    if not _exists(call, "schedule_event", event_id):
        raise ApiError("SCHEDULE_EVENT_ID_NOT_FOUND", ID=event_id)
    key = schedule.booking_key(event_id, resource_id)
    if call.get("schedule_event_resource", key) is not None:
        code = "SCHEDULE_EVENT_RESOURCE_ALREADY_EXISTS"
        raise ApiError(code, EVENT_ID=event_id, RESOURCE_ID=resource_id)
    if not _exists(call, "schedule_resource", resource_id):
        raise ApiError("SCHEDULE_RESOURCE_ID_NOT_FOUND", ID=resource_id)
    now = call.clock.now()
    booking = {
        "objectType": "KalturaScheduleEventResource",
        "eventId": event_id,
        "resourceId": resource_id,
        "partnerId": call.partner,
        "createdAt": now,
        "updatedAt": now,
    }
    return call.put("schedule_event_resource", key, booking)


@action("schedule_scheduleeventresource.get")
def get(call: Call, scheduleEventId: int, scheduleResourceId: int) -> Data:
    """One booking."""
    return _find(call, scheduleEventId, scheduleResourceId)


@action("schedule_scheduleeventresource.update")
def update(
    call: Call, scheduleEventId: int, scheduleResourceId: int, scheduleEventResource: SentObject
) -> Data:
    """Update a booking; its event and resource stay."""
    stored = _find(call, scheduleEventId, scheduleResourceId)
    scheduleEventResource.refuse_read_only_changes(stored)
    key = schedule.booking_key(scheduleEventId, scheduleResourceId)
    return call.change("schedule_event_resource", key, updatedAt=call.clock.now())


@action("schedule_scheduleeventresource.delete")
def delete(call: Call, scheduleEventId: int, scheduleResourceId: int) -> None:
    """Delete a booking."""
    _find(call, scheduleEventId, scheduleResourceId)
    key = schedule.booking_key(scheduleEventId, scheduleResourceId)
    call.store.delete(call.partner, "schedule_event_resource", key)


@action("schedule_scheduleeventresource.list")
def list_bookings(
    call: Call, filter: SentObject | None, pager: SentObject | None, filterBlackoutConflicts: bool
) -> Data:
    """Bookings by event or by resource."""
    rows = call.all("schedule_event_resource")
    found = lists.sorted_by(lists.filtered(rows, filter), filter)
    page = lists.page_of(found, pager, indexed=False)
    return lists.list_response("KalturaScheduleEventResourceListResponse", page, len(found))
