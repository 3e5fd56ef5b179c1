"""baseEntry and media: the picture of an entry, from a file or from a URL.

Kaltura's: api_v3/services/BaseEntryService.php, MediaService.php
"""

from __future__ import annotations

from kaltura_simulator.api.call import Call, action, slow
from kaltura_simulator.media import entries, entry_views, thumbnails
from kaltura_simulator.rules import entry_types
from kaltura_simulator.state.store import Data


def _require_edit(call: Call, entry_id: str, *types: int | str) -> None:
    """Refuse an entry that does not exist, or that the caller may not edit."""
    entries.require_edit(call, entries.find(call, entry_id, *types))


@action("baseentry.updateThumbnailJpeg")
def base_from_file(call: Call, entryId: str, fileData: bytes) -> Data:
    """Upload the picture of an entry of any type."""
    _require_edit(call, entryId)
    thumbnails.save(call, entryId, fileData)
    return entry_views.shown(call, entries.find(call, entryId))


@action("baseentry.updateThumbnailFromUrl")
@slow
def base_from_url(call: Call, entryId: str, url: str) -> Data:
    """Fetch the picture of an entry of any type."""
    _require_edit(call, entryId)
    thumbnails.save_from_url(call, entryId, url)
    return entry_views.shown(call, entries.find(call, entryId))


@action("media.updateThumbnailJpeg")
def media_from_file(call: Call, entryId: str, fileData: bytes) -> Data:
    """Upload the picture of a clip."""
    _require_edit(call, entryId, entry_types.MEDIA)
    thumbnails.save(call, entryId, fileData)
    return entry_views.shown(call, entries.find(call, entryId))


@action("media.updateThumbnailFromUrl")
@slow
def media_from_url(call: Call, entryId: str, url: str) -> Data:
    """Fetch the picture of a clip."""
    _require_edit(call, entryId, entry_types.MEDIA)
    thumbnails.save_from_url(call, entryId, url)
    return entry_views.shown(call, entries.find(call, entryId))
