"""media: videos, recordings and other clips.

Kaltura's: api_v3/services/MediaService.php
"""

from __future__ import annotations

from kaltura_simulator.api import features
from kaltura_simulator.api.call import Call, action
from kaltura_simulator.api.errors import ApiError
from kaltura_simulator.api.params import SentObject
from kaltura_simulator.media import content, entries, entry_access, entry_views, recordings
from kaltura_simulator.rules import entry_types
from kaltura_simulator.state.store import Data

#: ``KalturaSourceType.SEARCH_PROVIDER``, which Kaltura gives to clips without content.
SOURCE_UNKNOWN = "6"
_SOURCE_FLAVOUR = "0"


@action("media.add")
def add(call: Call, entry: SentObject) -> Data:
    """Add a clip without content."""
    entry.refuse_read_only()
    entry.require("mediaType")
    entries.check(call, entry)
    entry_access.refuse_foreign_owner(call, entry)
    own = {"sourceType": SOURCE_UNKNOWN, "duration": 0, "msDuration": 0, "plays": 0, "views": 0}
    status = entry_types.READY if _ready_as_it_is(call, entry) else entry_types.NO_CONTENT
    row = entries.new(call, "KalturaMediaEntry", entry_types.MEDIA, status, own | entry.values)
    url = f"{call.host_url}/p/{call.partner}/playManifest/entryId/{row['id']}/format/url"
    return call.change("entry", row["id"], dataUrl=url)


def _ready_as_it_is(call: Call, entry: SentObject) -> bool:
    """With the feature a clip is ready when its profile makes only the source flavour."""
    if not features.has(call, features.DRAFT_ENTRIES):
        return False
    chosen = entry.get("conversionProfileId")
    rows = call.all("conversion_profile")
    fits = (r for r in rows if r["id"] == chosen or (chosen is None and r["isPartnerDefault"]))
    found = next(fits, None)
    made = str(found["flavorParamsIds"]) if found else ""
    return not {piece for piece in made.split(",") if piece} - {_SOURCE_FLAVOUR}


@action("media.addContent")
def add_content(call: Call, entryId: str, resource: SentObject | None) -> Data:
    """Set the content of a clip: an uploaded file, or one from a URL."""
    row = entries.find(call, entryId, entry_types.MEDIA)
    entry_access.require_edit(call, row)
    if row["status"] != entry_types.NO_CONTENT:
        raise ApiError("ENTRY_ALREADY_WITH_CONTENT")
    return content.attach(call, row, resource) if resource is not None else row


@action("media.updateContent")
def update_content(
    call: Call,
    entryId: str,
    resource: SentObject,
    conversionProfileId: int | None,
    advancedOptions: SentObject | None,
) -> Data:
    """Replace the content of a clip; the old one plays until the new one is ready."""
    row = entries.find(call, entryId, entry_types.MEDIA)
    entry_access.require_edit(call, row)
    return content.replace(call, row, resource)


@action("media.cancelReplace")
def cancel_replace(call: Call, entryId: str) -> Data:
    """Keep the old content after all."""
    row = entries.find(call, entryId, entry_types.MEDIA)
    entry_access.require_edit(call, row)
    return content.cancel_replacement(call, row)


@action("media.approveReplace")
def approve_replace(call: Call, entryId: str) -> Data:
    """Agree to the new content."""
    row = entries.find(call, entryId, entry_types.MEDIA)
    entry_access.require_edit(call, row)
    return content.approve_replacement(call, row)


@action("media.addFromUrl")
def add_from_url(call: Call, mediaEntry: SentObject, url: str) -> Data:
    """Add a clip with the content of a URL."""
    made = add(call, mediaEntry)
    return content.attach(call, made, SentObject("KalturaUrlResource", {"url": url}))


@action("media.get")
def get(call: Call, entryId: str, version: int) -> Data:
    """One clip or live stream."""
    return entry_views.shown(call, entries.find(call, entryId, entry_types.MEDIA, entry_types.LIVE))


@action("media.update")
def update(call: Call, entryId: str, mediaEntry: SentObject) -> Data:
    """Change a clip."""
    row = entries.find(call, entryId, entry_types.MEDIA)
    entry_access.require_edit(call, row)
    return entries.update(call, row, mediaEntry)


@action("media.delete")
def delete(call: Call, entryId: str) -> None:
    """Delete a clip."""
    row = entries.find(call, entryId, entry_types.MEDIA)
    entry_access.require_edit(call, row)
    recordings.refuse_deletion(call, row)
    entries.delete(call, row)


@action("media.count")
def count(call: Call, filter: SentObject | None) -> int:
    """The number of clips and streams that match a filter."""
    return int(list_media(call, filter, None)["totalCount"])


@action("media.list")
def list_media(call: Call, filter: SentObject | None, pager: SentObject | None) -> Data:
    """Clips and live streams."""
    kinds = (entry_types.MEDIA, entry_types.LIVE)
    return entry_views.listing(call, filter, pager, "KalturaMediaListResponse", *kinds)
