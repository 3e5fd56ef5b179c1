"""baseEntry and media: the picture of an entry, as a file or from the web."""

from __future__ import annotations

from kaltura_simulator.api.call import Call, action, slow
from kaltura_simulator.media import entries, entry_views, thumbnails
from kaltura_simulator.rules import entry_types
from kaltura_simulator.state.store import Data


def _refuse(call: Call, entry_id: str, *types: int | str) -> None:
    """Refuse an entry that is not there, or not the caller's to change."""
    entries.refuse_strangers(call, entries.find(call, entry_id, *types))


@action("baseentry.updateThumbnailJpeg")
def base_from_file(call: Call, entryId: str, fileData: bytes) -> Data:
    """The picture of an entry of any kind."""
    _refuse(call, entryId)
    thumbnails.keep(call, entryId, fileData)
    return entry_views.shown(call, entries.find(call, entryId))


@action("baseentry.updateThumbnailFromUrl")
@slow
def base_from_url(call: Call, entryId: str, url: str) -> Data:
    """The picture of an entry of any kind, fetched."""
    _refuse(call, entryId)
    thumbnails.keep_from(call, entryId, url)
    return entry_views.shown(call, entries.find(call, entryId))


@action("media.updateThumbnailJpeg")
def media_from_file(call: Call, entryId: str, fileData: bytes) -> Data:
    """The picture of a clip."""
    _refuse(call, entryId, entry_types.MEDIA)
    thumbnails.keep(call, entryId, fileData)
    return entry_views.shown(call, entries.find(call, entryId))


@action("media.updateThumbnailFromUrl")
@slow
def media_from_url(call: Call, entryId: str, url: str) -> Data:
    """The picture of a clip, fetched."""
    _refuse(call, entryId, entry_types.MEDIA)
    thumbnails.keep_from(call, entryId, url)
    return entry_views.shown(call, entries.find(call, entryId))
