"""attachment_attachmentAsset: transcripts, slides and other files of an entry.

Kaltura's: plugins/content/attachment/services/AttachmentAssetService.php
"""

from __future__ import annotations

from kaltura_simulator.api.call import Call, action, slow
from kaltura_simulator.api.errors import ApiError
from kaltura_simulator.api.params import SentObject
from kaltura_simulator.media import assets, entries, entry_access
from kaltura_simulator.media.assets import ATTACHMENT
from kaltura_simulator.state.store import Data
from kaltura_simulator.web.files import File

TEXT, MEDIA, DOCUMENT, JSON, MARKDOWN = "1", "2", "3", "4", "5"
_TYPES = {TEXT: "text/plain; charset=utf-8", JSON: "application/json", MARKDOWN: "text/markdown"}


def _entry(call: Call, key: str) -> Data:
    """An entry that this caller may change."""
    row = entries.find(call, key)
    entry_access.require_edit(call, row)
    return row


def _own(call: Call, key: str) -> Data:
    """An attachment that this caller may change."""
    found = assets.find(call, ATTACHMENT, key)
    _entry(call, found["entryId"])
    return found


@action("attachment_attachmentasset.add")
def add(call: Call, entryId: str, attachmentAsset: SentObject) -> Data:
    """Add an attachment, without content, of the class that was sent."""
    entry = _entry(call, entryId)
    attachmentAsset.refuse_read_only()
    name = str(attachmentAsset.get("filename", ""))
    ending = name.rpartition(".")[2] if "." in name else ""
    return assets.new(call, ATTACHMENT, entry, attachmentAsset, {"fileExt": ending})


@action("attachment_attachmentasset.get")
def get(call: Call, attachmentAssetId: str) -> Data:
    """One attachment."""
    return assets.find(call, ATTACHMENT, attachmentAssetId)


@action("attachment_attachmentasset.list")
def list_attachments(call: Call, filter: SentObject | None, pager: SentObject | None) -> Data:
    """Attachments, usually of one entry."""
    return assets.listing(call, ATTACHMENT, filter, pager)


@action("attachment_attachmentasset.update")
def update(call: Call, id: str, attachmentAsset: SentObject) -> Data:
    """Change the properties of an attachment."""
    stored = _own(call, id)
    attachmentAsset.refuse_read_only_changes(stored)
    return assets.change(call, ATTACHMENT, stored, **attachmentAsset.values)


@action("attachment_attachmentasset.setContent")
@slow
def set_content(call: Call, id: str, contentResource: SentObject) -> Data:
    """Set the content of an attachment."""
    stored = assets.find(call, ATTACHMENT, id)
    entry = entries.find(call, stored["entryId"])
    if not entry_access.can_edit(call, entry):
        raise ApiError("ENTRY_ID_NOT_FOUND", ENTRY_ID=entry["id"])
    return assets.set_content(call, ATTACHMENT, stored, contentResource)


@action("attachment_attachmentasset.delete")
def delete(call: Call, attachmentAssetId: str) -> None:
    """Delete an attachment."""
    assets.delete(call, ATTACHMENT, _own(call, attachmentAssetId))


@action("attachment_attachmentasset.getUrl")
def get_url(call: Call, id: str, storageId: int | None) -> str:
    """The URL of an attachment's content."""
    return assets.download_url(call, ATTACHMENT, assets.find(call, ATTACHMENT, id))


@action("attachment_attachmentasset.serve")
def serve(call: Call, attachmentAssetId: str, serveOptions: SentObject | None) -> File:
    """The content of an attachment."""
    asset = assets.find_anywhere(call, ATTACHMENT, attachmentAssetId)
    kind = _TYPES.get(str(asset.get("format")), "application/octet-stream")
    body = assets.ready_content(call, ATTACHMENT, asset)
    return File(body, kind, str(asset.get("filename") or asset["id"]))
