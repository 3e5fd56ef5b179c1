"""flavorAsset: the files of clips, one each; they can be read only.

Kaltura's: api_v3/services/FlavorAssetService.php
"""

from __future__ import annotations

from kaltura_simulator.api import lists
from kaltura_simulator.api.call import Call, action
from kaltura_simulator.api.errors import ApiError
from kaltura_simulator.api.params import SentObject
from kaltura_simulator.media import entries, flavours, playing
from kaltura_simulator.state.store import Data


def _all(call: Call) -> list[Data]:
    return [found for row in call.all("entry") for found in flavours.flavours_of(call, row)]


def _find(call: Call, key: str) -> Data:
    found = next((row for row in _all(call) if row["id"] == key), None)
    if found is None:
        raise ApiError("FLAVOR_ASSET_ID_NOT_FOUND", ID=key)
    return found


@action("flavorasset.get")
def get(call: Call, id: str) -> Data:
    """One flavour asset."""
    return _find(call, id)


@action("flavorasset.list")
def list_flavours(call: Call, filter: SentObject | None, pager: SentObject | None) -> Data:
    """Flavour assets, usually of one entry."""
    found = lists.sorted_by(lists.filtered(_all(call), filter), filter)
    page = lists.page_of(found, pager, indexed=False)
    return lists.list_response("KalturaFlavorAssetListResponse", page, len(found))


@action("flavorasset.getByEntryId")
def get_by_entry(call: Call, entryId: str) -> list[Data]:
    """The flavour assets of one entry."""
    return flavours.flavours_of(call, entries.find(call, entryId))


@action("flavorasset.getWebPlayableByEntryId")
def get_web_playable(call: Call, entryId: str) -> list[Data]:
    """The flavour assets of one entry that browsers can play."""
    return flavours.flavours_of(call, entries.find(call, entryId))


@action("flavorasset.getFlavorAssetsWithParams")
def get_with_params(call: Call, entryId: str) -> list[Data]:
    """The flavour assets of one entry, without the parameters that made them."""
    return [
        {"objectType": "KalturaFlavorAssetWithParams", "flavorAsset": row, "entryId": entryId}
        for row in flavours.flavours_of(call, entries.find(call, entryId))
    ]


@action("flavorasset.getUrl")
def get_url(
    call: Call, id: str, storageId: int | None, forceProxy: bool, options: SentObject | None
) -> str:
    """The URL of a file, for playing."""
    return playing.file_url(call.host_url, entries.find(call, _find(call, id)["entryId"]))


@action("flavorasset.getDownloadUrl")
def get_download_url(call: Call, id: str, useCdn: bool) -> str:
    """The URL of a file, for downloading."""
    return playing.file_url(call.host_url, entries.find(call, _find(call, id)["entryId"]))
