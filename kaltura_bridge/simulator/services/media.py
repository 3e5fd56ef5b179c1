"""media: recordings and other clips."""

from __future__ import annotations

from kaltura_bridge.simulator import entries, entry_views
from kaltura_bridge.simulator.call import Call, action
from kaltura_bridge.simulator.given import Given
from kaltura_bridge.simulator.store import Data

#: Kaltura's name for "put there by a search result or nothing yet".
SOURCE_UNKNOWN = "6"


@action("media.add")
def add(call: Call, entry: Given) -> Data:
    """A new clip that has no content yet."""
    entry.refuse_read_only()
    entry.need("mediaType")
    entries.check(call, entry)
    own = {"sourceType": SOURCE_UNKNOWN, "duration": 0, "msDuration": 0, "plays": 0, "views": 0}
    row = entries.new(
        call, "KalturaMediaEntry", entries.MEDIA, entries.NO_CONTENT, own | entry.values
    )
    url = f"{call.host_url}/p/{call.partner}/playManifest/entryId/{row['id']}/format/url"
    return call.change("entry", row["id"], dataUrl=url)


@action("media.get")
def get(call: Call, entryId: str, version: int) -> Data:
    """One clip; a live stream counts as one here."""
    return entry_views.shown(call, entries.find(call, entryId, entries.MEDIA, entries.LIVE))


@action("media.update")
def update(call: Call, entryId: str, mediaEntry: Given) -> Data:
    """Change a clip."""
    row = entries.find(call, entryId, entries.MEDIA)
    entries.refuse_strangers(call, row)
    return entries.update(call, row, mediaEntry)


@action("media.delete")
def delete(call: Call, entryId: str) -> None:
    """Delete a clip, and only a clip."""
    row = entries.find(call, entryId, entries.MEDIA)
    entries.refuse_strangers(call, row)
    entries.delete(call, row)


@action("media.list")
def list_media(call: Call, filter: Given | None, pager: Given | None) -> Data:
    """Clips and live streams."""
    kinds = (entries.MEDIA, entries.LIVE)
    return entry_views.listing(call, filter, pager, "KalturaMediaListResponse", *kinds)
