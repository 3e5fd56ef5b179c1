"""The types and statuses of entries, as Kaltura numbers them."""

from __future__ import annotations

from kaltura_simulator.state.store import Data

#: ``KalturaEntryType``: a clip, a live stream, a room.
MEDIA, PLAYLIST, LIVE, ROOM = 1, 5, 7, "room.room"
#: The type of an entry that does not say yet what it will be.
AUTOMATIC = -1
#: ``KalturaEntryStatus``.
IMPORT, CONVERTING, READY, DELETED, PENDING, NO_CONTENT = 0, 1, 2, 3, 4, 7
IMPORT_FAILED, CONVERSION_FAILED = -2, -1
#: ``sourceType`` of the recording of a live stream.
RECORDED_LIVE = "36"


def is_room(entry: Data) -> bool:
    """Whether people meet in it."""
    return entry.get("type") == ROOM


def is_live_stream(entry: Data) -> bool:
    """Whether an encoder sends to it."""
    return entry.get("type") == LIVE


def is_deleted(entry: Data) -> bool:
    """Whether an entry was deleted; its row is kept."""
    return entry.get("status") == DELETED


def is_ready(entry: Data) -> bool:
    """Whether a clip can be played."""
    return entry.get("status") == READY
