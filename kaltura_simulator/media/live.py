"""The state of a live stream: on air, in preview, off; and simulive by the clock.

Kaltura's: alpha/lib/model/LiveEntry.php and api_v3/services/LiveStreamService.php in
https://github.com/kaltura/server.
"""

from __future__ import annotations

from typing import Any

from kaltura_simulator.api.call import Call
from kaltura_simulator.media import entry_access
from kaltura_simulator.rules import entry_types
from kaltura_simulator.state.store import Data

PREVIEW_MODE, ALLOW_ALL = 0, 1
STOPPED, RECORDING, RECORDING_DISABLED = 0, 2, 3
RECORDING_OFF = 0
EVENT_ACTIVE = 2
OFFLINE, PREVIEW, ON_AIR = 1, 2, 3
PLAYABLE = 1
#: A simulive stream becomes playable this long after its window opened.
SIMULIVE_DELAY_S = 18


def encoder_changes(row: Data, state: str, now: int) -> Data:
    """The properties that change when an encoder is connected or disconnected.

    ``state`` is on_air, preview or off. Preview has an effect only with
    ``explicitLive``; without it viewers see the stream at once.
    """
    if state not in {"on_air", "preview", "off"}:
        raise ValueError("'state' must be on_air, preview or off")
    streaming = state != "off"
    fields: dict[str, Any] = {
        "_streaming": streaming,
        "liveStatus": PLAYABLE if streaming else 0,
    }
    if row.get("explicitLive"):
        fields |= _opened() if state == "on_air" else _closed()
    if streaming and not row.get("_streaming"):
        first = row.get("firstBroadcast") or now
        fields |= {
            "currentBroadcastStartTime": now,
            "firstBroadcast": first,
            "lastBroadcast": now,
        }
    elif row.get("_streaming") and not streaming:
        fields |= {"currentBroadcastStartTime": 0, "lastBroadcastEndTime": now}
    return fields


def _opened() -> Data:
    return {"viewMode": ALLOW_ALL, "recordingStatus": RECORDING}


def _closed() -> Data:
    return {"viewMode": PREVIEW_MODE, "recordingStatus": STOPPED}


def is_streaming(row: Data) -> bool:
    """Whether an encoder is connected."""
    return bool(row.get("_streaming"))


def is_recording(row: Data) -> bool:
    """Whether the stream is being recorded."""
    if not is_streaming(row) or not row.get("recordStatus"):
        return False
    return not row.get("explicitLive") or row.get("recordingStatus") == RECORDING


def _events_of(call: Call, row: Data) -> list[Data]:
    """The entry's active events."""
    return [
        event
        for event in call.where("schedule_event", row["id"])
        if event["status"] == EVENT_ACTIVE
    ]


def is_simulive_playing(call: Call, row: Data) -> bool:
    """Whether a scheduled video, or another stream, plays on this entry now."""
    now = call.clock.now()
    return any(
        event["startDate"] - event["preStartTime"] + SIMULIVE_DELAY_S <= now
        and now < event["endDate"] + event["postEndTime"]
        and _source_plays(call, event["sourceEntryId"])
        for event in _events_of(call, row)
        if event.get("sourceEntryId")
    )


def _source_plays(call: Call, source_id: str) -> bool:
    """A stream as source plays only while it is on air; a video at any time."""
    source = call.get("entry", source_id)
    return source is None or source["type"] != entry_types.LIVE or is_open(source)


def is_open(row: Data) -> bool:
    """Whether an encoder is connected and everybody may watch.

    Without ``explicitLive`` everybody may from the start, and no ``viewMode`` is stored.
    """
    closed = row.get("explicitLive") and row.get("viewMode") != ALLOW_ALL
    return is_streaming(row) and not closed


def redirect_target(call: Call, row: Data) -> str:
    """The entry that viewers are redirected to by a scheduled event now; else empty."""
    now = call.clock.now()
    for event in _events_of(call, row):
        if event["startDate"] <= now < event["endDate"] and event.get("redirectEntryId"):
            return str(event["redirectEntryId"])
    return ""


def computed_properties(call: Call, row: Data) -> Data:
    """The properties of a live entry that depend on others and on the clock."""
    explicit = bool(row.get("explicitLive"))
    found: Data = {
        "explicitLive": explicit,
        "viewMode": (row.get("viewMode") or PREVIEW_MODE) if explicit else ALLOW_ALL,
        "recordingStatus": (row.get("recordingStatus") or STOPPED) if explicit else RECORDING,
    }
    if row.get("recordStatus") == RECORDING_OFF:
        found["recordingStatus"] = RECORDING_DISABLED
    target = redirect_target(call, row)
    if target:
        return found | {"redirectEntryId": target, "recordedEntryId": target, "liveStatus": 0}
    if is_simulive_playing(call, row):
        found["liveStatus"] = PLAYABLE
    if found.get("liveStatus", row.get("liveStatus")) and found["viewMode"] == ALLOW_ALL:
        # Viewers are to see the stream, not the recording of the last broadcast.
        found["redirectEntryId"] = None
    return found


def may_preview(call: Call, row: Data) -> bool:
    """Whether the caller may watch a stream in preview."""
    if call.is_admin:
        return True
    mine = entry_access.is_owner(call, row) or entry_access.is_co_editor(call, row)
    return mine and not call.holds("restrictexplicitliveview", "*")


def broadcast_status(call: Call, row: Data) -> int:
    """OFFLINE, PREVIEW or ON_AIR, for any caller."""
    if redirect_target(call, row):
        return OFFLINE
    if is_simulive_playing(call, row):
        return ON_AIR
    if not is_streaming(row):
        return OFFLINE
    return ON_AIR if is_open(row) else PREVIEW


def is_live(call: Call, row: Data) -> bool:
    """Whether this caller can watch now."""
    status = broadcast_status(call, row)
    return status == ON_AIR or (status == PREVIEW and may_preview(call, row))
