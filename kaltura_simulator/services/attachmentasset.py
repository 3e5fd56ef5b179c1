"""attachment_attachmentAsset: transcripts, slides and other files beside an entry."""

from __future__ import annotations

from kaltura_simulator.api.call import Call, action, slow
from kaltura_simulator.api.params import Given
from kaltura_simulator.media import assets, entries
from kaltura_simulator.media.assets import ATTACHMENT
from kaltura_simulator.state.store import Data
from kaltura_simulator.web.files import File

TEXT, MEDIA, DOCUMENT, JSON, MARKDOWN = "1", "2", "3", "4", "5"
_TYPES = {TEXT: "text/plain; charset=utf-8", JSON: "application/json", MARKDOWN: "text/markdown"}


def _entry(call: Call, key: str) -> Data:
    """An entry that this caller may change."""
    row = entries.find(call, key)
    entries.refuse_strangers(call, row)
    return row


def _own(call: Call, key: str) -> Data:
    """An attachment that this caller may change."""
    found = assets.find(call, ATTACHMENT, key)
    _entry(call, found["entryId"])
    return found


@action("attachment_attachmentasset.add")
def add(call: Call, entryId: str, attachmentAsset: Given) -> Data:
    """An attachment without content yet, as the class that was sent."""
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
def list_attachments(call: Call, filter: Given | None, pager: Given | None) -> Data:
    """Attachments, usually of one entry."""
    return assets.listing(call, ATTACHMENT, filter, pager)


@action("attachment_attachmentasset.update")
def update(call: Call, id: str, attachmentAsset: Given) -> Data:
    """Change what is said about an attachment."""
    stored = _own(call, id)
    attachmentAsset.refuse_changed(stored)
    return assets.change(call, ATTACHMENT, stored, **attachmentAsset.values)


@action("attachment_attachmentasset.setContent")
@slow
def set_content(call: Call, id: str, contentResource: Given) -> Data:
    """Give an attachment its content."""
    return assets.fill(call, ATTACHMENT, _own(call, id), contentResource)


@action("attachment_attachmentasset.delete")
def delete(call: Call, attachmentAssetId: str) -> None:
    """Delete an attachment."""
    assets.delete(call, ATTACHMENT, _own(call, attachmentAssetId))


@action("attachment_attachmentasset.getUrl")
def get_url(call: Call, id: str, storageId: int | None) -> str:
    """Where the attachment can be fetched."""
    return assets.address(call, ATTACHMENT, assets.find(call, ATTACHMENT, id))


@action("attachment_attachmentasset.serve")
def serve(call: Call, attachmentAssetId: str, serveOptions: Given | None) -> File:
    """The attachment as it came."""
    asset = assets.find_anywhere(call, ATTACHMENT, attachmentAssetId)
    kind = _TYPES.get(str(asset.get("format")), "application/octet-stream")
    body = assets.ready_content(call, ATTACHMENT, asset)
    return File(body, kind, str(asset.get("filename") or asset["id"]))
