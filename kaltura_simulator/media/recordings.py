"""The recordings of live streams and rooms.

APPENDED keeps one recording for all of an entry's broadcasts. PER_SESSION creates one for
each, and the entry's ``recordedEntryId`` is emptied when the next broadcast starts. A
recording has no content while the stream is on, is then pending and converted, then ready.
Kaltura's: alpha/lib/model/LiveEntry.php in https://github.com/kaltura/server.
"""

from __future__ import annotations

from kaltura_simulator import constants
from kaltura_simulator.api.call import Call
from kaltura_simulator.api.errors import ApiError
from kaltura_simulator.media import entries, live, thumbnails
from kaltura_simulator.rules import entry_types
from kaltura_simulator.state import background
from kaltura_simulator.state.store import Data, Store

PER_SESSION = 2
VIDEO = 1
RECORDED_LIVE, UPLOADED = "36", "1"
CONVERTING, PENDING = 1, 4
HIDDEN = -1
#: For this long after a broadcast an entry cannot be deleted before its recording is ready.
GUARDED_S = 7 * 86400
RECORDING_S = 1.0
MAX_RECORDING_S = 30 * 86400.0
_SETTING = "recording_s"
#: The final statuses of a recording.
_DONE = frozenset({-2, -1, entry_types.READY})
_COPIED = ("description", "tags", "userId", "accessControlId", "licenseType")
_ENTITLED = ("entitledUsersEdit", "entitledUsersPublish", "entitledUsersView", "categoriesIds")


# ----------------------------------------------------------------- processing time
def processing_s(store: Store) -> float:
    """How long a recording is processed before it is ready."""
    return float(store.setting(_SETTING, RECORDING_S))


def set_processing_s(store: Store, seconds: float) -> None:
    """From now on recordings are processed this long."""
    if not 0 <= seconds <= MAX_RECORDING_S:
        raise ValueError(f"'seconds' must be from 0 to {MAX_RECORDING_S:.0f}")
    store.set_setting(_SETTING, seconds)


# ---------------------------------------------------------------------- life cycle
def update_for_stream(call: Call, old: Data, new: Data) -> Data:
    """Start, continue or finish the recording of a live entry that was changed."""
    starts = live.is_streaming(new) and not live.is_streaming(old)
    if starts and new.get("recordStatus") == PER_SESSION:
        new = call.change("entry", new["id"], recordedEntryId=None, redirectEntryId=None)
    if live.is_recording(new) and new.get("_recordingSince") is None:
        new = _begin(call, new)
    elif not live.is_recording(new) and new.get("_recordingSince") is not None:
        new = _pause(call, new)
    if live.is_streaming(old) and not live.is_streaming(new):
        new = _finish(call, new)
    return new


def _begin(call: Call, row: Data) -> Data:
    recording = recording_of(call, row)
    fields: Data = {"_recordingSince": call.clock.time()}
    if recording is None:
        recording = _make(call, row)
        fields |= {"recordedEntryId": recording["id"], "_recordings": _next_number(row)}
    return call.change("entry", row["id"], **fields)


def _pause(call: Call, row: Data) -> Data:
    """Add up the time that was recorded."""
    seconds = max(0.0, call.clock.time() - row["_recordingSince"])
    recording = recording_of(call, row)
    if recording is not None:
        seconds += recording.get("_seconds") or 0.0
        call.change("entry", recording["id"], _seconds=seconds)
    elapsed = int(seconds * 1000)
    return call.change("entry", row["id"], _recordingSince=None, lastElapsedRecordingTime=elapsed)


def _finish(call: Call, row: Data) -> Data:
    """The stream is off: from now on viewers are redirected to the recording."""
    recording = recording_of(call, row)
    if recording is None:
        return row
    start_processing(call, recording, recording.get("_seconds") or 0.0)
    return call.change("entry", row["id"], redirectEntryId=recording["id"])


def start_processing(call: Call, recording: Data, seconds: float, first: int = PENDING) -> None:
    """Schedule the processing of a recording; one that is ready stays so meanwhile."""
    at, takes = call.clock.steady(), processing_s(call.store)
    last: Data = {"status": entry_types.READY, "duration": int(seconds)}
    last["msDuration"] = int(seconds * 1000)
    steps: list[background.Step] = [(at + takes, last)]
    if recording["status"] != entry_types.READY:
        call.change("entry", recording["id"], status=first, updatedAt=call.clock.now())
        steps.insert(0, (at + takes / 2, {"status": CONVERTING}))
    background.schedule(call.store, call.partner, "entry", recording["id"], steps)


def is_recording(row: Data) -> bool:
    """Whether an entry is a recording of a stream or of a meeting."""
    return row["type"] == entry_types.MEDIA and row.get("rootEntryId") not in {None, row["id"]}


def is_in_progress(row: Data) -> bool:
    """Whether an entry is the recording of a stream that is not ready yet."""
    in_progress = row["status"] in {entry_types.NO_CONTENT, PENDING, CONVERTING}
    return in_progress and row.get("sourceType") == RECORDED_LIVE


def recording_of(call: Call, row: Data) -> Data | None:
    """The recording that a live entry refers to, unless it was deleted."""
    found = call.get("entry", row.get("recordedEntryId") or "")
    return found if found is not None and found["status"] != entry_types.DELETED else None


# ------------------------------------------------------------------------ creation
def _next_number(row: Data) -> int:
    """The number of the next recording of an entry."""
    return int(row.get("_recordings") or 0) + 1


def _make(call: Call, row: Data) -> Data:
    """Create the recording of a live entry, with what ``recordingOptions`` copies from it."""
    options = row.get("recordingOptions") or {}
    names = [*_COPIED]
    if options.get("shouldCopyEntitlement"):
        names += _ENTITLED
    if options.get("shouldCopyScheduling"):
        names += ["startDate", "endDate"]
    sent = {name: row[name] for name in names if row.get(name) is not None}
    if options.get("shouldMakeHidden"):
        sent["displayInSearch"] = HIDDEN
    each = row.get("recordStatus") == PER_SESSION
    name = f"{row['name']} {_next_number(row)}" if each else row["name"]
    made = _new(call, row, sent | {"name": name, "sourceType": RECORDED_LIVE})
    if options.get("shouldCopyThumbnail"):
        thumbnails.copy(call, row["id"], made["id"])
    return made


def _new(call: Call, root: Data, sent: Data) -> Data:
    """Create a clip without content whose root is ``root``."""
    own: Data = {
        "mediaType": VIDEO,
        "rootEntryId": root["id"],
        "creatorId": root["userId"],
        "conversionProfileId": constants.CONVERSION_PROFILE_DEFAULT_VOD,
        "duration": 0,
        "msDuration": 0,
        "plays": 0,
        "views": 0,
    }
    row = entries.new(
        call, "KalturaMediaEntry", entry_types.MEDIA, entry_types.NO_CONTENT, own | sent
    )
    url = f"{call.host_url}/p/{call.partner}/playManifest/entryId/{row['id']}/format/url"
    return call.change("entry", row["id"], dataUrl=url)


def of_room(call: Call, room: Data, seconds: float, name: str = "") -> Data:
    """Create the recording of a meeting; it becomes ready like any other."""
    sent = {"name": name or room["name"], "userId": room["userId"], "sourceType": UPLOADED}
    recording = _new(call, room, sent)
    start_processing(call, recording, seconds)
    return recording


# ------------------------------------------------------------------------- refusals
def refuse_deletion(call: Call, row: Data) -> None:
    """Refuse to delete a stream on air, or a recording that is not finished."""
    if row["type"] == entry_types.LIVE:
        _refuse_live_deletion(call, row)
    elif _is_unfinished(call, row):
        raise ApiError("RECORDING_CONTENT_NOT_YET_SET", ENTRY_ID=row["id"])


def _refuse_live_deletion(call: Call, row: Data) -> None:
    if live.is_streaming(row):
        raise ApiError("CANNOT_DELETE_LIVE_ENTRY_WHILE_STREAMING", LIVE_ENTRY_ID=row["id"])
    recording = recording_of(call, row)
    ended = call.clock.now() - (row.get("lastBroadcastEndTime") or 0)
    if recording is None or ended > GUARDED_S:
        return
    if recording["status"] not in _DONE:
        raise ApiError("RECORDED_NOT_READY", ENTRY_ID=row["id"])
    if _is_unfinished(call, recording):
        raise ApiError("RECORDING_FLOW_NOT_COMPLETE", ENTRY_ID=row["id"])


def _is_unfinished(call: Call, recording: Data) -> bool:
    """Whether a recording still grows or is being processed."""
    if recording.get("sourceType") != RECORDED_LIVE:
        return False
    root = call.get("entry", recording["rootEntryId"]) or {}
    fed = root.get("recordedEntryId") == recording["id"] and live.is_streaming(root)
    return fed or background.is_busy(call.store, call.partner, "entry", recording["id"])


def refuse_changes(call: Call, row: Data, changed: list[str]) -> None:
    """Refuse to change recording settings before the last recording is ready."""
    recording = recording_of(call, row)
    if changed and recording is not None and recording["status"] not in _DONE:
        code = "CANNOT_UPDATE_FIELDS_RECORDED_ENTRY_STILL_NOT_READY"
        raise ApiError(code, FIELD=changed[0])
