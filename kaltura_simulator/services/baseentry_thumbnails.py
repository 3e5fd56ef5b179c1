"""baseEntry and media: the picture of an entry, from a file, from a URL, from another entry.

Kaltura's: api_v3/services/BaseEntryService.php, MediaService.php
"""

from __future__ import annotations

from kaltura_simulator.api.call import Call, action, slow
from kaltura_simulator.api.errors import ApiError
from kaltura_simulator.media import entries, entry_views, flavours, thumbnails
from kaltura_simulator.rules import entry_types
from kaltura_simulator.state.store import Data


def _answer(call: Call, entry_id: str) -> Data:
    """The changed entry; a stream is of its plain class, to administrators too."""
    return entry_views.as_plain(call, entries.find(call, entry_id))


@action("baseentry.updateThumbnailJpeg")
def base_from_file(call: Call, entryId: str, fileData: bytes) -> Data:
    """Upload the picture of an entry of any type."""
    entries.find(call, entryId)
    thumbnails.save_upload(call, entryId, fileData)
    return _answer(call, entryId)


@action("baseentry.updateThumbnailFromUrl")
@slow
def base_from_url(call: Call, entryId: str, url: str) -> Data:
    """Fetch the picture of an entry of any type."""
    entries.find(call, entryId)
    thumbnails.save_from_url(call, entryId, url)
    return _answer(call, entryId)


@action("baseentry.updateThumbnailFromSourceEntry")
def base_from_entry(call: Call, entryId: str, sourceEntryId: str, timeOffset: int) -> Data:
    """Take the picture from a clip, which must have content."""
    entries.find(call, entryId)
    source = call.get("entry", sourceEntryId)
    if source is None or entry_types.is_deleted(source):
        raise ApiError("ENTRY_ID_NOT_FOUND", ENTRY_ID="N/A")
    if not flavours.flavours_of(call, source):
        raise ApiError("INTERNAL_SERVERL_ERROR")
    thumbnails.copy(call, sourceEntryId, entryId)
    thumbnails.new_version(call, entryId)
    return _answer(call, entryId)


@action("media.updateThumbnailJpeg")
def media_from_file(call: Call, entryId: str, fileData: bytes) -> Data:
    """Upload the picture of a clip."""
    entries.find(call, entryId, entry_types.MEDIA)
    thumbnails.save_upload(call, entryId, fileData)
    return _answer(call, entryId)


@action("media.updateThumbnailFromUrl")
@slow
def media_from_url(call: Call, entryId: str, url: str) -> Data:
    """Fetch the picture of a clip."""
    entries.find(call, entryId, entry_types.MEDIA)
    thumbnails.save_from_url(call, entryId, url)
    return _answer(call, entryId)
