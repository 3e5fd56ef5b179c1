"""flavorAsset: the files behind clips, each clip with one; they are read, never written."""

from __future__ import annotations

from kaltura_simulator.api import lists
from kaltura_simulator.api.call import Call, action
from kaltura_simulator.api.errors import ApiError
from kaltura_simulator.api.params import Given
from kaltura_simulator.media import entries, flavours, playing
from kaltura_simulator.state.store import Data


def _all(call: Call) -> list[Data]:
    return [found for row in call.all("entry") for found in flavours.of(call, row)]


def _find(call: Call, key: str) -> Data:
    found = next((row for row in _all(call) if row["id"] == key), None)
    if found is None:
        raise ApiError("FLAVOR_ASSET_ID_NOT_FOUND", ID=key)
    return found


@action("flavorasset.get")
def get(call: Call, id: str) -> Data:
    """One file."""
    return _find(call, id)


@action("flavorasset.list")
def list_flavours(call: Call, filter: Given | None, pager: Given | None) -> Data:
    """Files, usually of one entry."""
    found = lists.ordered(lists.chosen(_all(call), filter), filter)
    page = lists.paged(found, pager, indexed=False)
    return lists.response("KalturaFlavorAssetListResponse", page, len(found))


@action("flavorasset.getByEntryId")
def get_by_entry(call: Call, entryId: str) -> list[Data]:
    """The files of one entry."""
    return flavours.of(call, entries.find(call, entryId))


@action("flavorasset.getWebPlayableByEntryId")
def get_web_playable(call: Call, entryId: str) -> list[Data]:
    """The files of one entry that a browser plays."""
    return flavours.of(call, entries.find(call, entryId))


@action("flavorasset.getFlavorAssetsWithParams")
def get_with_params(call: Call, entryId: str) -> list[Data]:
    """The files of one entry, each with what it was made by; nothing is known of that."""
    return [
        {"objectType": "KalturaFlavorAssetWithParams", "flavorAsset": row, "entryId": entryId}
        for row in flavours.of(call, entries.find(call, entryId))
    ]


@action("flavorasset.getUrl")
def get_url(
    call: Call, id: str, storageId: int | None, forceProxy: bool, options: Given | None
) -> str:
    """Where a file lies."""
    return playing.file_url(call.host_url, entries.find(call, _find(call, id)["entryId"]))


@action("flavorasset.getDownloadUrl")
def get_download_url(call: Call, id: str, useCdn: bool) -> str:
    """Where a file lies, for whoever keeps it."""
    return playing.file_url(call.host_url, entries.find(call, _find(call, id)["entryId"]))
