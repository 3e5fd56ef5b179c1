"""schedule_scheduleResource: rooms, cameras and streams that events book.

Kaltura's: plugins/schedule/base/services/ScheduleResourceService.php
"""

from __future__ import annotations

from kaltura_simulator.api import lists
from kaltura_simulator.api.call import Call, action
from kaltura_simulator.api.errors import ApiError
from kaltura_simulator.api.params import SentObject
from kaltura_simulator.state.store import Data

ACTIVE, DELETED = 2, 3
MAX_NAME_BYTES = 256


def find(call: Call, key: int) -> Data:
    """A resource that was not deleted."""
    found = call.get("schedule_resource", key)
    if found is None or found["status"] == DELETED:
        raise ApiError("INVALID_OBJECT_ID", ID=key)
    return found


def _check(call: Call, sent: SentObject, own_id: int | None) -> None:
    sent.check_length("name", 1, MAX_NAME_BYTES, bare=True)
    parent = sent.get("parentId")
    if parent and call.get("schedule_resource", parent) is None:
        raise ApiError("RESOURCE_PARENT_ID_NOT_FOUND", PARENT_ID=parent)
    name = sent.get("systemName")
    if not name:
        return
    for row in call.all("schedule_resource"):
        same = row.get("systemName") == name and row["objectType"] == sent.object_type
        if same and row["status"] != DELETED and row["id"] != own_id:
            raise ApiError("SYSTEM_NAME_ALREADY_EXISTS", SYS_NAME=name)


@action("schedule_scheduleresource.add")
def add(call: Call, scheduleResource: SentObject) -> Data:
    """Add a resource; its system name must be unique in its class."""
    sent = scheduleResource
    sent.refuse_read_only()
    sent.require("name")
    _check(call, sent, None)
    now = call.clock.now()
    row: Data = {
        "objectType": sent.object_type,
        "id": call.store.next_id("schedule_resource"),
        "partnerId": call.partner,
        "status": ACTIVE,
        "createdAt": now,
        "updatedAt": now,
    }
    row |= {name: value for name, value in sent.values.items() if value is not None}
    # The system name is set by the database: the reply to add does not have it yet.
    call.put("schedule_resource", row["id"], {"systemName": ""} | row)
    return row


@action("schedule_scheduleresource.get")
def get(call: Call, scheduleResourceId: int) -> Data:
    """One resource."""
    return find(call, scheduleResourceId)


@action("schedule_scheduleresource.update")
def update(call: Call, scheduleResourceId: int, scheduleResource: SentObject) -> Data:
    """Change a resource."""
    stored = find(call, scheduleResourceId)
    scheduleResource.refuse_read_only_changes(stored)
    _check(call, scheduleResource, scheduleResourceId)
    changes = scheduleResource.values | {"updatedAt": call.clock.now()}
    return call.change("schedule_resource", scheduleResourceId, **changes)


@action("schedule_scheduleresource.delete")
def delete(call: Call, scheduleResourceId: int) -> Data:
    """Delete a resource; its bookings stay."""
    find(call, scheduleResourceId)
    now = call.clock.now()
    return call.change("schedule_resource", scheduleResourceId, status=DELETED, updatedAt=now)


@action("schedule_scheduleresource.list")
def list_resources(call: Call, filter: SentObject | None, pager: SentObject | None) -> Data:
    """Resources that were not deleted."""
    listed = lists.of_filter_class(call.all("schedule_resource"), filter)
    rows = [row for row in listed if row["status"] != DELETED]
    found = lists.sorted_by(lists.filtered(rows, filter), filter)
    page = lists.page_of(found, pager, indexed=False)
    return lists.list_response("KalturaScheduleResourceListResponse", page, len(found))
