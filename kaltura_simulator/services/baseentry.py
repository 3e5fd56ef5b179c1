"""baseEntry: what can be done with an entry of any kind."""

from __future__ import annotations

from collections.abc import Callable

from kaltura_simulator.api import lists
from kaltura_simulator.api.call import Call, action
from kaltura_simulator.api.errors import ApiError
from kaltura_simulator.api.params import Given
from kaltura_simulator.media import entries, entry_views, flavours, playing, recordings
from kaltura_simulator.rules import entry_types
from kaltura_simulator.services import livestream, media, room
from kaltura_simulator.state.store import Data

#: The type of an entry that has none yet.
AUTOMATIC = -1
#: (format, ending) of what players know how to play.
_FORMATS = (("applehttp", "m3u8"), ("mpegdash", "mpd"))
_FILE = (("url", "mp3"),)


@action("baseentry.get")
def get(call: Call, entryId: str, version: int) -> Data:
    """One entry, as the class it is; who comes without a session may ask, and finds none."""
    if call.session is None:
        raise ApiError("ENTRY_ID_NOT_FOUND", ENTRY_ID=entryId)
    return entry_views.shown(call, entries.find(call, entryId))


@action("baseentry.add")
def add(call: Call, entry: Given, type: str | None) -> Data:
    """A new entry of the kind its class says, or one that does not say yet what it will be."""
    made = _ADD.get(entry.kind)
    if made is not None:
        return made(call, entry)
    entry.refuse_read_only()
    entries.check(call, entry)
    return entries.new(call, "KalturaBaseEntry", AUTOMATIC, entry_types.NO_CONTENT, entry.values)


def _add_stream(call: Call, entry: Given) -> Data:
    """A live entry made here counts as one without content."""
    made: Data = livestream.add(call, entry, None)
    call.change("entry", made["id"], status=entry_types.NO_CONTENT)
    return made | {"status": entry_types.NO_CONTENT}


_ADD: dict[str, Callable[[Call, Given], Data]] = {
    "KalturaMediaEntry": media.add,
    "KalturaRoomEntry": room.add,
    "KalturaLiveStreamEntry": _add_stream,
    "KalturaLiveStreamAdminEntry": _add_stream,
}


@action("baseentry.update")
def update(call: Call, entryId: str, baseEntry: Given) -> Data:
    """Change an entry; the answer shows it as the class that was sent."""
    row = entries.find(call, entryId)
    entries.refuse_strangers(call, row)
    change = livestream.change if row["type"] == entry_types.LIVE else entries.update
    return lists.narrowed(change(call, row, baseEntry), baseEntry.kind)


@action("baseentry.delete")
def delete(call: Call, entryId: str) -> None:
    """Delete an entry of any kind."""
    row = entries.find(call, entryId)
    entries.refuse_strangers(call, row)
    recordings.refuse_deletion(call, row)
    entries.delete(call, row)


@action("baseentry.list")
def list_entries(call: Call, filter: Given | None, pager: Given | None) -> Data:
    """Entries of every kind."""
    return entry_views.listing(call, filter, pager, "KalturaBaseEntryListResponse")


@action("baseentry.getByIds")
def get_by_ids(call: Call, entryIds: str) -> list[Data]:
    """Several entries at once, in the order asked for; those that are not there are left out."""
    rows = (call.get("entry", key) for key in lists.pieces(entryIds))
    alive = [row for row in rows if row is not None and row["status"] != entry_types.DELETED]
    return [entry_views.shown(call, row) for row in alive]


@action("baseentry.getPlaybackContext")
def get_playback_context(call: Call, entryId: str, contextDataParams: Given) -> Data:
    """From where a player gets the entry; what has no content, or is off air, has no sources."""
    row = entries.find(call, entryId)
    empty = ("playbackCaptions", "flavorAssets", "actions", "messages")
    found: Data = {"objectType": "KalturaPlaybackContext", "sources": []} | {n: [] for n in empty}
    if playing.plays(call, row):
        file_too = contextDataParams.get("streamerType") == "http"
        found["sources"] = _sources(call, row, file_too and row["type"] == entry_types.MEDIA)
        found["flavorAssets"] = flavours.of(call, row)
    return found


@action("baseentry.getContextData")
def get_context_data(call: Call, entryId: str, contextDataParams: Given) -> Data:
    """What older players ask before they play: nothing is restricted here but by the session."""
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
        "flavorAssets": flavours.of(call, row),
        "msDuration": row.get("msDuration"),
    }


def _sources(call: Call, row: Data, file_too: bool) -> list[Data]:
    """One source for each kind of player, and the file for those that want it."""
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
def list_by_reference(call: Call, refId: str, pager: Given | None) -> Data:
    """Entries of every kind that carry a reference id."""
    asked = Given("KalturaBaseEntryFilter", {"referenceIdEqual": refId})
    return entry_views.listing(call, asked, pager, "KalturaBaseEntryListResponse")


@action("baseentry.count")
def count(call: Call, filter: Given | None) -> int:
    """How many entries a list with this filter would find."""
    found = entry_views.listing(call, filter, None, "KalturaBaseEntryListResponse")
    return int(found["totalCount"])
