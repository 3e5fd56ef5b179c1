"""liveStream: live entries, and whether they are on air.

Kaltura's: api_v3/services/LiveStreamService.php
"""

from __future__ import annotations

from kaltura_simulator import constants
from kaltura_simulator.api import features
from kaltura_simulator.api.call import Call, action, owned, slow
from kaltura_simulator.api.errors import ApiError
from kaltura_simulator.api.params import SentObject
from kaltura_simulator.media import (
    entries,
    entry_access,
    entry_views,
    live,
    live_cache,
    recordings,
    secure_files,
    thumbnails,
)
from kaltura_simulator.rules import entry_types
from kaltura_simulator.state.store import Data

LIVE_PROFILE_TYPE = 2
LIVE_SOURCE, MANUAL_SOURCE, AKAMAI_SOURCE = "32", "30", "29"
RECORDING_OFF, APPENDED = 0, 1
#: Cannot be changed while an encoder is connected.
FROZEN_ON_AIR = (
    "dvrStatus",
    "dvrWindow",
    "recordStatus",
    "conversionProfileId",
    "explicitLive",
    "recordingOptions",
)
#: A change of one of these starts a new recording.
_RECORDING_SETTINGS = ("recordStatus", "conversionProfileId", "recordingOptions")
_PROTOCOLS = ("hds", "hls", "applehttp", "applehttp_to_mc", "sl", "mpegdash")


@action("livestream.add")
def add(call: Call, liveStreamEntry: SentObject, sourceType: str | None) -> Data:
    """Add a live entry; it is ready at once and waits for an encoder."""
    sent = liveStreamEntry
    sent.refuse_read_only()
    sent.require("mediaType")
    source = str(sourceType or sent.get("sourceType") or AKAMAI_SOURCE)
    if source == AKAMAI_SOURCE:
        sent.require("encodingIP1", "encodingIP2", "streamPassword")
    _check(call, sent)
    fields = _defaults(call) | {k: v for k, v in sent.values.items() if v is not None}
    fields |= {"sourceType": source, "recordingOptions": _options(sent)}
    row = entries.new(call, entry_views.LIVE_CLASS, entry_types.LIVE, entry_types.READY, fields)
    made = call.change("entry", row["id"], **_addresses(call, row))
    return entry_views.as_stream(call, made)


def _check(call: Call, sent: SentObject) -> None:
    entries.check(call, sent)
    sent.check_length("srtPass", 10, 79)
    account = call.get("partner", call.partner) or {}
    if sent.get("recordStatus") and not account.get("recordingEnabled"):
        raise ApiError("RECORDING_DISABLED")
    profile = sent.get("conversionProfileId")
    if profile is not None:
        found = call.get("conversion_profile", profile)
        if found is None or found["type"] != LIVE_PROFILE_TYPE:
            raise ApiError("CONVERSION_PROFILE_ID_NOT_FOUND", ID=profile)


def _defaults(call: Call) -> Data:
    account = call.get("partner", call.partner) or {}
    return {
        "explicitLive": False,
        "recordStatus": APPENDED if account.get("recordingEnabled") else RECORDING_OFF,
        "dvrStatus": 0,
        "conversionProfileId": constants.CONVERSION_PROFILE_DEFAULT_LIVE,
        "duration": 0,
        "msDuration": 0,
        "plays": 0,
        "views": 0,
        "bitrates": [],
        "liveStatus": 0,
        "segmentDuration": 6000,
        "currentBroadcastStartTime": 0,
        "lastBroadcastEndTime": 0,
        "lastElapsedRecordingTime": 0,
        "streamPassword": entries.random_word(),
    }


def _options(sent: SentObject) -> Data:
    """The recording options: they are replaced as a whole, and two default to false."""
    own = {name: value for name, value in sent.get("recordingOptions", {}).items() if value != ""}
    return {
        "objectType": "KalturaLiveEntryRecordingOptions",
        "shouldMakeHidden": False,
        "shouldAutoArchive": False,
    } | own


def _addresses(call: Call, row: Data) -> Data:
    """The addresses for encoders and players; none of these hosts exists."""
    key, token = row["id"], entries.random_word()
    fields: Data = {"streamName": f"{key}_%i"}
    for word, letter, index in (("primary", "p", 0), ("secondary", "b", 1)):
        host = f"{key}.{letter}.publish.example.test"
        query = f"t={token}" if index == 0 else f"t={token}&b=1"
        fields |= {
            f"{word}BroadcastingUrl": f"rtmp://{host}:1935/kLive?{query}",
            f"{word}SecuredBroadcastingUrl": f"rtmps://{host}:443/kLive?{query}",
            f"{word}RtspBroadcastingUrl": f"rtsp://{host}:554/kLive/{key}_%i?{query}",
        }
        if not features.has(call, features.RTMP_ONLY):
            fields[f"{word}SrtBroadcastingUrl"] = f"srt://{host}:7045"
            fields[f"{word}SrtStreamId"] = f"#:::e={key},st={index},p={token}"
    base = f"{call.host_url}/p/{call.partner}/playManifest/entryId/{key}/protocol/http/format"
    fields["liveStreamConfigurations"] = [
        {
            "objectType": "KalturaLiveStreamConfiguration",
            "protocol": protocol,
            "url": f"{base}/{protocol}",
            "backupUrl": f"{base}/{protocol}/backup/1",
        }
        for protocol in _PROTOCOLS
    ]
    return fields


@action("livestream.regenerateStreamToken")
def regenerate_token(call: Call, entryId: str) -> Data:
    """Give an encoder new addresses and a new password; the old ones are no longer valid."""
    row = entries.find(call, entryId, entry_types.LIVE)
    entry_access.require_edit(call, row)
    fresh = _addresses(call, row) | {"streamPassword": entries.random_word()}
    return entry_views.as_stream(call, call.change("entry", entryId, **fresh))


@action("livestream.get")
def get(call: Call, entryId: str, version: int) -> Data:
    """One live entry."""
    return entry_views.shown(call, entries.find(call, entryId, entry_types.LIVE))


@action("livestream.update")
@owned("entryId", entry_access.require_edit_first)
def update(call: Call, entryId: str, liveStreamEntry: SentObject) -> Data:
    """Change a live entry; some properties not while it is on air."""
    row = entries.find(call, entryId, entry_types.LIVE)
    entry_access.require_edit(call, row)
    return entry_views.as_stream(call, change(call, row, liveStreamEntry))


def change(call: Call, row: Data, sent: SentObject) -> Data:
    """Change a live entry, for any service; its recording is updated too."""
    _check(call, sent)
    if sent.get("recordingOptions") is not None:
        sent.values["recordingOptions"] = _options(sent)
    if live.is_streaming(row):
        _refuse_on_air(row, sent)
    recording_changes = [name for name in _RECORDING_SETTINGS if _changes(row, sent, name)]
    recordings.refuse_changes(call, row, recording_changes)
    _refuse_segment_duration(row, sent)
    made = entries.update(call, row, sent)
    if not made.get("explicitLive"):
        made = _without_preview(call, made)
    if recording_changes:
        made = call.change("entry", row["id"], recordedEntryId=None, redirectEntryId=None)
    return recordings.update_for_stream(call, row, made)


def _without_preview(call: Call, row: Data) -> Data:
    """What only ``explicitLive`` gives a meaning is not kept without it."""
    kept = [name for name in ("viewMode", "recordingStatus") if row.get(name) is not None]
    return call.change("entry", row["id"], **dict.fromkeys(kept)) if kept else row


def _changes(row: Data, sent: SentObject, name: str) -> bool:
    return sent.get(name) is not None and sent.get(name) != row.get(name)


def _refuse_segment_duration(row: Data, sent: SentObject) -> None:
    """Refuse to change the length of segments, which needs a feature at Kaltura."""
    if "segmentDuration" in sent and sent.get("segmentDuration") != row.get("segmentDuration"):
        raise ApiError("DYNAMIC_SEGMENT_DURATION_DISABLED")


def _refuse_on_air(row: Data, sent: SentObject) -> None:
    for name in FROZEN_ON_AIR:
        if _changes(row, sent, name):
            raise ApiError("CANNOT_UPDATE_FIELDS_WHILE_ENTRY_BROADCASTING", FIELD=name)


@action("livestream.delete")
def delete(call: Call, entryId: str) -> None:
    """Delete a live entry that is off air and whose recording is ready."""
    row = entries.find(call, entryId, entry_types.LIVE)
    entry_access.require_edit(call, row)
    recordings.refuse_deletion(call, row)
    entries.delete(call, row)


@action("livestream.list")
def list_streams(call: Call, filter: SentObject | None, pager: SentObject | None) -> Data:
    """Live entries."""
    kind = "KalturaLiveStreamListResponse"
    found = entry_views.listing(call, filter, pager, kind, entry_types.LIVE)
    plain = [row | {"objectType": entry_views.LIVE_CLASS} for row in found["objects"]]
    return found | {"objects": plain}


def _of_any_account(call: Call, key: str) -> Data:
    """A live entry of any account, for actions without session."""
    partners = [call.partner] if call.session else call.store.partners()
    for partner in partners:
        row = call.store.get(partner, "entry", key)
        if row and row["type"] == entry_types.LIVE and row["status"] != entry_types.DELETED:
            call.partner = partner
            if entry_access.may_see(call, row):
                return row
    raise ApiError("INVALID_ENTRY_ID", ID=key)


@action("livestream.isLive")
def is_live(call: Call, id: str, protocol: str | None) -> bool:
    """Whether this caller can watch now, or could when it was last computed for such a caller."""
    row = _of_any_account(call, id)
    return live_cache.kept(call, row, lambda: live.is_live(call, row))


@action("livestream.getDetails")
def get_details(call: Call, id: str) -> Data:
    """Whether the stream is off, in preview or on air."""
    row = _of_any_account(call, id)
    playing = int(live.is_streaming(row))
    return {
        "objectType": "KalturaLiveStreamDetails",
        "broadcastStatus": live.broadcast_status(call, row),
        "primaryStreamStatus": playing,
        "secondaryStreamStatus": 0,
        "viewMode": live.computed_properties(call, row)["viewMode"],
        "wasBroadcast": bool(row.get("firstBroadcast")),
    }


@action("livestream.updateOfflineThumbnailFromUrl")
@slow
def thumbnail_from_url(call: Call, entryId: str, url: str) -> Data:
    """Fetch the picture for while the stream is off, once; it is never shown."""
    entries.find(call, entryId, entry_types.LIVE)
    thumbnails.from_url(call, url)
    with call.store.transaction():
        thumbnails.take_offline_slot(call, entryId)
    return entry_views.as_stream(call, entries.find(call, entryId))


@action("livestream.updateOfflineThumbnailJpeg")
def thumbnail_jpeg(call: Call, entryId: str, fileData: bytes) -> Data:
    """Upload the picture for while the stream is off, once; it is never shown."""
    entries.find(call, entryId, entry_types.LIVE)
    secure_files.refuse_insecure(fileData)
    thumbnails.take_offline_slot(call, entryId)
    return entry_views.as_stream(call, entries.find(call, entryId))
