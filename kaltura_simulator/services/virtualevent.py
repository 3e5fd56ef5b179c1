"""virtualEvent_virtualEvent: the virtual events of Kaltura's Events Platform.

Kaltura's: plugins/virtual_event/services/VirtualEventService.php
"""

from __future__ import annotations

from kaltura_simulator.api import features, lists
from kaltura_simulator.api.call import Call, action
from kaltura_simulator.api.errors import ApiError, forbidden
from kaltura_simulator.api.params import SentObject
from kaltura_simulator.state.store import Data

KIND = "virtual_event"
ACTIVE, DELETED = 2, 3
MIN_NAME = 3
_EVENTS = ("agendaScheduleEventId", "registrationScheduleEventId", "mainEventScheduleEventId")


def _require_access(call: Call) -> None:
    """Refuse accounts without the feature, and USER sessions; the errors differ."""
    if not features.has(call, features.VIRTUAL_EVENTS):
        raise forbidden(f"virtualEvent->{call.action.name}")
    if not call.is_admin:
        raise forbidden(call.action.label)


def _check_name(sent: SentObject) -> None:
    """Refuse a name that is too short; Kaltura does this before anything else."""
    name = sent.get("name")
    if isinstance(name, str) and len(name.encode()) < MIN_NAME:
        raise ApiError("PROPERTY_VALIDATION_MIN_LENGTH", PROP_NAME="name", MIN_LEN=MIN_NAME)


def _check_events(call: Call, sent: SentObject) -> None:
    """The schedule events that it names must exist."""
    for name in _EVENTS:
        key = sent.get(name)
        if key and call.get("schedule_event", key) is None:
            raise ApiError("INVALID_OBJECT_ID", ID=key)


def _find(call: Call, key: int) -> Data:
    found = call.get(KIND, key)
    if found is None or found["status"] == DELETED:
        raise ApiError("VIRTUAL_EVENT_NOT_FOUND", ID=key)
    return found


@action("virtualevent_virtualevent.add")
def add(call: Call, virtualEvent: SentObject) -> Data:
    """Add a virtual event."""
    _check_name(virtualEvent)
    _require_access(call)
    virtualEvent.refuse_read_only()
    virtualEvent.require("name")
    _check_events(call, virtualEvent)
    now = call.clock.now()
    row: Data = {
        "objectType": "KalturaVirtualEvent",
        "id": call.store.next_id(KIND),
        "partnerId": call.partner,
        "status": ACTIVE,
        "createdAt": now,
        "updatedAt": now,
    }
    row |= {name: value for name, value in virtualEvent.values.items() if value is not None}
    return call.put(KIND, row["id"], row)


@action("virtualevent_virtualevent.get")
def get(call: Call, id: int) -> Data:
    """One virtual event."""
    _require_access(call)
    return _find(call, id)


@action("virtualevent_virtualevent.update")
def update(call: Call, id: int, virtualEvent: SentObject) -> Data:
    """Change a virtual event."""
    _check_name(virtualEvent)
    _require_access(call)
    stored = _find(call, id)
    virtualEvent.refuse_read_only_changes(stored)
    _check_events(call, virtualEvent)
    return call.change(KIND, id, **virtualEvent.values, updatedAt=call.clock.now())


@action("virtualevent_virtualevent.delete")
def delete(call: Call, id: int) -> None:
    """Delete a virtual event."""
    _require_access(call)
    _find(call, id)
    call.change(KIND, id, status=DELETED, updatedAt=call.clock.now())


@action("virtualevent_virtualevent.list")
def list_events(call: Call, filter: SentObject | None, pager: SentObject | None) -> Data:
    """The account's virtual events."""
    _require_access(call)
    rows = [row for row in call.all(KIND) if row["status"] != DELETED]
    found = lists.sorted_by(lists.filtered(rows, filter), filter)
    page = lists.page_of(found, pager, indexed=False)
    return lists.list_response("KalturaVirtualEventListResponse", page, len(found))
