"""baseEntry: what can be done with an entry of any type.

Kaltura's: api_v3/services/BaseEntryService.php
"""

from __future__ import annotations

from collections.abc import Callable

from kaltura_simulator.api import lists
from kaltura_simulator.api.call import Call, action
from kaltura_simulator.api.errors import ApiError
from kaltura_simulator.api.params import SentObject
from kaltura_simulator.media import (
    assets,
    entries,
    entry_access,
    entry_views,
    flavours,
    playing,
    recordings,
)
from kaltura_simulator.rules import access_control, entry_types
from kaltura_simulator.services import livestream, media, room
from kaltura_simulator.state.store import Data

#: The type of an entry that has none yet.
AUTOMATIC = -1
#: (format, file extension) of the sources that players use.
_FORMATS = (("applehttp", "m3u8"), ("mpegdash", "mpd"))
_FILE = (("url", "mp3"),)


@action("baseentry.get")
def get(call: Call, entryId: str, version: int) -> Data:
    """One entry; without a session none is found."""
    if call.session is None:
        raise ApiError("ENTRY_ID_NOT_FOUND", ENTRY_ID=entryId)
    return entry_views.shown(call, entries.find(call, entryId))


@action("baseentry.add")
def add(call: Call, entry: SentObject, type: str | None) -> Data:
    """Add an entry of the type of its class, or one without type."""
    made = _ADD.get(entry.object_type)
    if made is not None:
        return made(call, entry)
    entry.refuse_read_only()
    entries.check(call, entry)
    entry_access.refuse_foreign_owner(call, entry)
    return entries.new(call, "KalturaBaseEntry", AUTOMATIC, entry_types.NO_CONTENT, entry.values)


def _add_stream(call: Call, entry: SentObject) -> Data:
    """A live entry added by this service has the status NO_CONTENT."""
    made: Data = livestream.add(call, entry, None)
    call.change("entry", made["id"], status=entry_types.NO_CONTENT)
    return made | {"status": entry_types.NO_CONTENT}


_ADD: dict[str, Callable[[Call, SentObject], Data]] = {
    "KalturaMediaEntry": media.add,
    "KalturaRoomEntry": room.add,
    "KalturaLiveStreamEntry": _add_stream,
    "KalturaLiveStreamAdminEntry": _add_stream,
}


@action("baseentry.update")
def update(call: Call, entryId: str, baseEntry: SentObject) -> Data:
    """Change an entry; the reply is of the class that was sent."""
    row = entries.find(call, entryId)
    entry_access.require_edit(call, row)
    change = livestream.change if row["type"] == entry_types.LIVE else entries.update
    return lists.as_class(change(call, row, baseEntry), baseEntry.object_type)


@action("baseentry.delete")
def delete(call: Call, entryId: str) -> None:
    """Delete an entry of any type."""
    row = entries.find(call, entryId)
    entry_access.require_edit(call, row)
    recordings.refuse_deletion(call, row)
    entries.delete(call, row)


@action("baseentry.clone")
def clone(call: Call, entryId: str, cloneOptions: list[Data] | None) -> Data:
    """Copy an entry; Kaltura allows this to every session with a user."""
    return entry_views.shown(call, entries.clone(call, entries.find(call, entryId)))


@action("baseentry.export")
def export(call: Call, entryId: str, storageProfileId: int) -> Data:
    """Export an entry to a remote storage; this account has none."""
    entries.find(call, entryId)
    raise ApiError("STORAGE_PROFILE_ID_NOT_FOUND", ID=storageProfileId)


@action("baseentry.list")
def list_entries(call: Call, filter: SentObject | None, pager: SentObject | None) -> Data:
    """Entries of all types."""
    return entry_views.listing(call, filter, pager, "KalturaBaseEntryListResponse")


@action("baseentry.getByIds")
def get_by_ids(call: Call, entryIds: str) -> list[Data]:
    """Several entries in the order of their ids, without those that do not exist."""
    rows = (call.get("entry", key) for key in lists.split_commas(entryIds))
    alive = [row for row in rows if row is not None and row["status"] != entry_types.DELETED]
    return [entry_views.shown(call, row) for row in alive]


@action("baseentry.getPlaybackContext")
def get_playback_context(call: Call, entryId: str, contextDataParams: SentObject) -> Data:
    """The sources of an entry for players; without content, or off air, there are none."""
    row = entries.find(call, entryId)
    empty = ("playbackCaptions", "flavorAssets", "actions", "messages")
    found: Data = {"objectType": "KalturaPlaybackContext", "sources": []} | {n: [] for n in empty}
    if refusal := access_control.blocks(call, row):
        return found | _blocked(refusal)
    if playing.is_playable(call, row):
        found["playbackCaptions"] = _captions(call, row)
        file_too = contextDataParams.get("streamerType") == "http"
        found["sources"] = _sources(call, row, file_too and row["type"] == entry_types.MEDIA)
        found["flavorAssets"] = flavours.flavours_of(call, row)
    return found


def _blocked(message: str) -> Data:
    """What players get of an entry that an access control profile keeps from this caller."""
    said = {"objectType": "KalturaAccessControlMessage", "message": message, "code": "OTHER"}
    act = {"objectType": "KalturaAccessControlBlockAction", "type": access_control.BLOCK}
    return {"actions": [act], "messages": [said]}


def _captions(call: Call, row: Data) -> list[Data]:
    """The captions of a video that are shown in the player's menu."""
    service = f"{call.host_url}/api_v3/index.php/service/caption_captionasset/action"
    length_s = int(row.get("msDuration") or 0) // 1000 + 1  # all in one segment
    return [
        {
            "objectType": "KalturaCaptionPlaybackPluginData",
            "label": asset.get("label") or asset.get("language"),
            "format": str(asset["format"]),
            "language": asset.get("language"),
            "languageCode": asset.get("languageCode"),
            "isDefault": bool(asset.get("isDefault")),
            "url": f"{service}/serve/captionAssetId/{asset['id']}/v/{asset['version']}",
            "webVttUrl": (
                f"{service}/serveWebVTT/captionAssetId/{asset['id']}"
                f"/segmentDuration/{length_s}/segmentIndex/1/version/{asset['version']}"
            ),
        }
        for asset in assets.of_entry(call, assets.CAPTION, row["id"])
        if asset["status"] == assets.READY and asset.get("displayOnPlayer")
    ]


@action("baseentry.getContextData")
def get_context_data(call: Call, entryId: str, contextDataParams: SentObject) -> Data:
    """What older players ask before they play; there are no restrictions here."""
    row = entries.find(call, entryId)
    none = ("Site", "Country", "Session", "IpAddress", "UserAgent")
    lists_of_none = ("messages", "actions", "accessControlMessages", "accessControlActions")
    return {
        "objectType": "KalturaEntryContextDataResult",
        **{f"is{what}Restricted": False for what in none},
        **{name: [] for name in lists_of_none},
        "isScheduledNow": True,
        "isAdmin": call.is_admin,
        "streamerType": contextDataParams.get("streamerType") or "http",
        "mediaProtocol": contextDataParams.get("mediaProtocol") or "http",
        "storageProfilesXML": "",
        "flavorAssets": flavours.flavours_of(call, row),
        "msDuration": row.get("msDuration"),
    }


def _sources(call: Call, row: Data, file_too: bool) -> list[Data]:
    """A source for each streaming format, and perhaps the file."""
    base = f"{call.host_url}/p/{call.partner}/playManifest/entryId/{row['id']}/protocol/http"
    return [
        {
            "objectType": "KalturaPlaybackSource",
            "deliveryProfileId": str(number),
            "format": kind,
            "protocols": "http,https",
            "url": f"{base}/format/{kind}/a.{ending}",
            "drm": [],
        }
        for number, (kind, ending) in enumerate((*_FORMATS, *_FILE) if file_too else _FORMATS, 1)
    ]


@action("baseentry.listByReferenceId")
def list_by_reference(call: Call, refId: str, pager: SentObject | None) -> Data:
    """Entries of all types with a reference id."""
    asked = SentObject("KalturaBaseEntryFilter", {"referenceIdEqual": refId})
    return entry_views.listing(call, asked, pager, "KalturaBaseEntryListResponse")


@action("baseentry.count")
def count(call: Call, filter: SentObject | None) -> int:
    """The number of entries that match a filter."""
    found = entry_views.listing(call, filter, None, "KalturaBaseEntryListResponse")
    return int(found["totalCount"])
