"""captionSearch_captionAssetItem: what is said when, found in captions.

Kaltura's: plugins/content/caption/search/services/CaptionAssetItemService.php
"""

from __future__ import annotations

from collections.abc import Iterator

from kaltura_simulator.api import lists
from kaltura_simulator.api.call import Call, action
from kaltura_simulator.api.params import SentObject
from kaltura_simulator.media import assets, entry_views, subtitles
from kaltura_simulator.media.assets import CAPTION
from kaltura_simulator.state.store import Data

_LIST = "KalturaCaptionAssetItemListResponse"


def _items(call: Call, rows: list[Data]) -> Iterator[Data]:
    """Every cue of captions that are ready, as an item; ``asset`` and ``entry`` inside."""
    for asset in rows:
        body = assets.content(call, asset)
        entry = call.get("entry", asset["entryId"])
        if asset["status"] != assets.READY or body is None or entry is None:
            continue
        for cue in subtitles.cues(body.decode("utf-8", "replace")):
            yield {
                "objectType": "KalturaCaptionAssetItem",
                "asset": asset,
                "entry": entry_views.shown(call, entry),
                "startTime": cue.start,
                "endTime": cue.end,
                "content": cue.text,
            }


def _found(call: Call, rows: list[Data], asked: SentObject | None) -> list[Data]:
    """The items that match a filter, which is about captions and their texts together."""
    flat = {number: item["asset"] | item for number, item in enumerate(_items(call, rows))}
    numbered = [row | {"_number": number} for number, row in flat.items()]
    chosen = lists.filtered(numbered, asked)
    return [flat[row["_number"]] for row in chosen]


def _captions(call: Call, entry_filter: SentObject | None) -> list[Data]:
    """All captions, or those of the entries that a filter is about."""
    rows = [row for row in call.all(CAPTION.kind) if row["status"] != assets.DELETED]
    if entry_filter is None:
        return rows
    pager = SentObject("KalturaFilterPager", {"pageSize": lists.MAX_PAGE})
    page = entry_views.listing(call, entry_filter, pager, "KalturaBaseEntryListResponse")
    keys = {row["id"] for row in page["objects"]}
    return [row for row in rows if row["entryId"] in keys]


@action("captionsearch_captionassetitem.search")
def search(
    call: Call,
    entryFilter: SentObject | None,
    captionAssetItemFilter: SentObject | None,
    captionAssetItemPager: SentObject | None,
) -> Data:
    """The lines of captions that match."""
    found = _found(call, _captions(call, entryFilter), captionAssetItemFilter)
    page = lists.page_of(found, captionAssetItemPager, indexed=False)
    return lists.list_response(_LIST, page, len(found))


@action("captionsearch_captionassetitem.list")
def list_items(
    call: Call,
    captionAssetId: str,
    captionAssetItemFilter: SentObject | None,
    captionAssetItemPager: SentObject | None,
) -> Data:
    """The lines of one caption asset."""
    asset = assets.find(call, CAPTION, captionAssetId)
    found = _found(call, [asset], captionAssetItemFilter)
    page = lists.page_of(found, captionAssetItemPager, indexed=False)
    return lists.list_response(_LIST, page, len(found))


@action("captionsearch_captionassetitem.searchEntries")
def search_entries(
    call: Call,
    entryFilter: SentObject | None,
    captionAssetItemFilter: SentObject | None,
    captionAssetItemPager: SentObject | None,
) -> Data:
    """The entries whose captions match."""
    found = _found(call, _captions(call, entryFilter), captionAssetItemFilter)
    rows = list({item["entry"]["id"]: item["entry"] for item in found}.values())
    page = lists.page_of(rows, captionAssetItemPager, indexed=False)
    return lists.list_response("KalturaBaseEntryListResponse", page, len(rows))
