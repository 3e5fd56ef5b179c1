"""room_room: meeting rooms.

Kaltura's: plugins/room/services/RoomService.php
"""

from __future__ import annotations

from kaltura_simulator.api.call import Call, action
from kaltura_simulator.api.errors import ApiError
from kaltura_simulator.api.params import SentObject
from kaltura_simulator.media import entries, entry_access, entry_views
from kaltura_simulator.rules import entry_types
from kaltura_simulator.state.store import Data


@action("room_room.add")
def add(call: Call, entry: SentObject) -> Data:
    """Add a room; a template defines its look and mode."""
    entry.refuse_read_only()
    entry.require("roomType")
    entries.check(call, entry)
    _check(call, entry)
    if not call.is_admin:
        _for_a_user(call, entry)
    # The default name consists of partner and time.
    entry.values["name"] = entry.get("name") or f"{call.partner}_{call.clock.now()}"
    return entries.new(
        call, "KalturaRoomEntry", entry_types.ROOM, entry_types.NO_CONTENT, dict(entry.values)
    )


def _for_a_user(call: Call, entry: SentObject) -> None:
    """Restrictions for USER sessions."""
    if "adminTags" in entry:
        raise ApiError("PROPERTY_VALIDATION_ADMIN_PROPERTY", PROP_NAME="adminTags")
    entry_access.refuse_foreign_owner(call, entry)
    entry.pop("referenceId")


def _check(call: Call, entry: SentObject) -> None:
    """The template must be a room, and the recording must exist; the broadcast is not checked."""
    template = entry.get("templateRoomEntryId")
    if template:
        row = call.get("entry", template)
        if row is None or row["status"] == entry_types.DELETED:
            raise ApiError("ENTRY_ID_NOT_FOUND", ENTRY_ID=template)
        if row["type"] != entry_types.ROOM:
            raise ApiError("INVALID_FIELD_VALUE", FIELD_NAME="templateRoomEntryId")
    recorded = entry.get("recordedEntryId")
    if recorded and call.get("entry", recorded) is None:
        raise ApiError("INVALID_FIELD_VALUE", FIELD_NAME=f"recordedEntryId - {recorded}")


@action("room_room.get")
def get(call: Call, roomId: str) -> Data:
    """One room."""
    return entries.find(call, roomId, entry_types.ROOM)


@action("room_room.update")
def update(call: Call, roomId: str, room: SentObject) -> Data:
    """Change a room; Kaltura allows this to every session with a user."""
    row = entries.find(call, roomId, entry_types.ROOM)
    _check(call, room)
    return entries.update(call, row, room)


@action("room_room.delete")
def delete(call: Call, roomId: str) -> None:
    """Delete a room; Kaltura allows this to every session with a user."""
    entries.delete(call, entries.find(call, roomId, entry_types.ROOM))


@action("room_room.list")
def list_rooms(call: Call, filter: SentObject | None, pager: SentObject | None) -> Data:
    """Rooms. They have no content, so without a status filter none is listed."""
    return entry_views.listing(
        call, filter, pager, "KalturaRoomEntryListResponse", entry_types.ROOM
    )
