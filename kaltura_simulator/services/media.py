"""media: recordings and other clips."""

from __future__ import annotations

from kaltura_simulator.api import features
from kaltura_simulator.api.call import Call, action
from kaltura_simulator.api.errors import ApiError
from kaltura_simulator.api.params import Given
from kaltura_simulator.media import entries, entry_views, recordings, uploads
from kaltura_simulator.rules import entry_types
from kaltura_simulator.state.store import Data

#: Kaltura's name for "put there by a search result or nothing yet".
SOURCE_UNKNOWN = "6"
_SOURCE_FLAVOUR = "0"
#: How long a clip lasts that does not say so.
UNKNOWN_LENGTH_S = 60.0


@action("media.add")
def add(call: Call, entry: Given) -> Data:
    """A new clip that has no content yet."""
    entry.refuse_read_only()
    entry.need("mediaType")
    entries.check(call, entry)
    own = {"sourceType": SOURCE_UNKNOWN, "duration": 0, "msDuration": 0, "plays": 0, "views": 0}
    status = entry_types.READY if _ready_as_it_is(call, entry) else entry_types.NO_CONTENT
    row = entries.new(call, "KalturaMediaEntry", entry_types.MEDIA, status, own | entry.values)
    url = f"{call.host_url}/p/{call.partner}/playManifest/entryId/{row['id']}/format/url"
    return call.change("entry", row["id"], dataUrl=url)


def _ready_as_it_is(call: Call, entry: Given) -> bool:
    """With the draft feature a clip is ready when nothing but the source would be made of it."""
    if not features.has(call, features.DRAFT_ENTRIES):
        return False
    chosen = entry.get("conversionProfileId")
    rows = call.all("conversion_profile")
    fits = (r for r in rows if r["id"] == chosen or (chosen is None and r["isPartnerDefault"]))
    found = next(fits, None)
    made = str(found["flavorParamsIds"]) if found else ""
    return not {piece for piece in made.split(",") if piece} - {_SOURCE_FLAVOUR}


@action("media.addContent")
def add_content(call: Call, entryId: str, resource: Given | None) -> Data:
    """Give a clip its content: a file that was uploaded, or one from an address."""
    row = entries.find(call, entryId, entry_types.MEDIA)
    entries.refuse_strangers(call, row)
    if row["status"] != entry_types.NO_CONTENT:
        raise ApiError("ENTRY_ALREADY_WITH_CONTENT")
    return take(call, row, resource) if resource is not None else row


@action("media.updateContent")
def update_content(
    call: Call,
    entryId: str,
    resource: Given,
    conversionProfileId: int | None,
    advancedOptions: Given | None,
) -> Data:
    """Give a clip other content; what it had plays until the new is ready."""
    row = entries.find(call, entryId, entry_types.MEDIA)
    entries.refuse_strangers(call, row)
    return take(call, row, resource)


@action("media.addFromUrl")
def add_from_url(call: Call, mediaEntry: Given, url: str) -> Data:
    """A new clip whose content Kaltura fetches."""
    made = add(call, mediaEntry)
    return take(call, made, Given("KalturaUrlResource", {"url": url}))


def take(call: Call, row: Data, resource: Given) -> Data:
    """Leave the content to Kaltura's workers. Nothing is fetched: a clip lasts as it says."""
    needed = {"KalturaUrlResource": "url", "KalturaUploadedFileTokenResource": "token"}
    if resource.kind in needed:
        resource.need(needed[resource.kind])
    if resource.kind == "KalturaUploadedFileTokenResource":
        uploads.close(call, resource.get("token"))
    seconds = (row.get("msDuration") or 0) / 1000
    recordings.process(call, row, seconds or UNKNOWN_LENGTH_S)
    return entries.find(call, row["id"])


@action("media.get")
def get(call: Call, entryId: str, version: int) -> Data:
    """One clip; a live stream counts as one here."""
    return entry_views.shown(call, entries.find(call, entryId, entry_types.MEDIA, entry_types.LIVE))


@action("media.update")
def update(call: Call, entryId: str, mediaEntry: Given) -> Data:
    """Change a clip."""
    row = entries.find(call, entryId, entry_types.MEDIA)
    entries.refuse_strangers(call, row)
    return entries.update(call, row, mediaEntry)


@action("media.delete")
def delete(call: Call, entryId: str) -> None:
    """Delete a clip, and only a clip."""
    row = entries.find(call, entryId, entry_types.MEDIA)
    entries.refuse_strangers(call, row)
    recordings.refuse_deletion(call, row)
    entries.delete(call, row)


@action("media.count")
def count(call: Call, filter: Given | None) -> int:
    """How many clips and streams a list with this filter would find."""
    return int(list_media(call, filter, None)["totalCount"])


@action("media.list")
def list_media(call: Call, filter: Given | None, pager: Given | None) -> Data:
    """Clips and live streams."""
    kinds = (entry_types.MEDIA, entry_types.LIVE)
    return entry_views.listing(call, filter, pager, "KalturaMediaListResponse", *kinds)
