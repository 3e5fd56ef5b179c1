"""Files of an entry as objects of their own: captions, transcripts, attachments."""

from __future__ import annotations

import base64
from dataclasses import dataclass

from kaltura_simulator.api import lists
from kaltura_simulator.api.call import Call
from kaltura_simulator.api.errors import ApiError
from kaltura_simulator.api.params import SentObject
from kaltura_simulator.media import uploads
from kaltura_simulator.rules import entry_types
from kaltura_simulator.state.store import Data
from kaltura_simulator.web import fetch

ERROR, QUEUED, READY, DELETED = -1, 0, 2, 3
_CONTENT = "asset_content"
_URL = "KalturaUrlResource"


@dataclass(frozen=True)
class AssetKind:
    """One kind of asset: its kind in the store, and its names in the API."""

    kind: str
    code: str
    service: str
    id_name: str
    response: str


CAPTION = AssetKind(
    "caption_asset",
    "CAPTION_ASSET",
    "caption_captionAsset",
    "captionAssetId",
    "KalturaCaptionAssetListResponse",
)
ATTACHMENT = AssetKind(
    "attachment_asset",
    "ATTACHMENT_ASSET",
    "attachment_attachmentAsset",
    "attachmentAssetId",
    "KalturaAttachmentAssetListResponse",
)


# ------------------------------------------------------------------------ reading
def find(call: Call, asset_kind: AssetKind, key: str) -> Data:
    """An asset that was not deleted, of an entry that was not deleted."""
    found = call.get(asset_kind.kind, key)
    if found is None or not _is_present(call, found):
        raise ApiError(f"{asset_kind.code}_ID_NOT_FOUND", ASSET_ID=key)
    return found


def find_anywhere(call: Call, asset_kind: AssetKind, key: str) -> Data:
    """An asset by its id alone: files are served to everybody who knows it, without session."""
    partners = [call.partner] if call.session else call.store.partners()
    for partner in partners:
        found = call.store.get(partner, asset_kind.kind, key)
        if found is not None and found["status"] != DELETED:
            return found
    raise ApiError(f"{asset_kind.code}_ID_NOT_FOUND", ASSET_ID=key)


def _is_present(call: Call, asset: Data) -> bool:
    entry = call.get("entry", asset["entryId"])
    gone = entry is None or entry["status"] == entry_types.DELETED
    return not gone and asset["status"] != DELETED


def of_entry(call: Call, asset_kind: AssetKind, entry_id: str) -> list[Data]:
    """The assets of an entry, oldest first."""
    return [
        row
        for row in call.all(asset_kind.kind)
        if row["entryId"] == entry_id and _is_present(call, row)
    ]


def listing(
    call: Call, asset_kind: AssetKind, asked: SentObject | None, pager: SentObject | None
) -> Data:
    """The account's assets; usually of one entry."""
    rows = [row for row in call.all(asset_kind.kind) if _is_present(call, row)]
    found = lists.sorted_by(lists.filtered(rows, asked), asked)
    page = lists.page_of(found, pager, indexed=False)
    return lists.list_response(asset_kind.response, page, len(found))


# ------------------------------------------------------------------------ writing
def new(call: Call, asset_kind: AssetKind, entry: Data, sent: SentObject, more: Data) -> Data:
    """Create an asset without content."""
    now, key = call.clock.now(), call.store.entry_id()
    row: Data = {
        "objectType": sent.object_type,
        "id": key,
        "entryId": entry["id"],
        "partnerId": call.partner,
        "version": 0,
        "size": 0,
        "sizeInBytes": 0,
        "tags": "",
        "createdAt": now,
        "updatedAt": now,
        "status": QUEUED,
    }
    row |= more | {name: value for name, value in sent.values.items() if value is not None}
    return call.put(asset_kind.kind, key, row)


def change(call: Call, asset_kind: AssetKind, asset: Data, **fields: object) -> Data:
    """Write some fields of an asset."""
    return call.change(asset_kind.kind, asset["id"], **fields | {"updatedAt": call.clock.now()})


def delete(call: Call, asset_kind: AssetKind, asset: Data) -> None:
    """Delete an asset and its content."""
    now = call.clock.now()
    change(call, asset_kind, asset, status=DELETED, deletedAt=now)
    call.store.delete(call.partner, _CONTENT, asset["id"])


def set_content(call: Call, asset_kind: AssetKind, asset: Data, resource: SentObject) -> Data:
    """Set an asset's content and raise its version.

    A fetch is made outside the transaction, so that only the caller waits for it.
    """
    body = _fetched_content(call, asset_kind, resource) if resource.object_type == _URL else None
    with call.store.transaction():
        asset = find(call, asset_kind, asset["id"])
        return _with_content(
            call, asset_kind, asset, _sent_content(call, resource) if body is None else body
        )


def _with_content(call: Call, asset_kind: AssetKind, asset: Data, body: bytes) -> Data:
    text = base64.b64encode(body).decode()
    call.put(_CONTENT, asset["id"], {"body": text})
    size = len(body)
    version = int(asset["version"]) + 1
    return change(
        call, asset_kind, asset, status=READY, size=size, sizeInBytes=size, version=version
    )


def _sent_content(call: Call, resource: SentObject) -> bytes:
    """Content that was sent with the call, or uploaded before."""
    if resource.object_type == "KalturaStringResource":
        return str(resource.get("content", "")).encode()
    if resource.object_type == "KalturaUploadedFileTokenResource":
        resource.require("token")
        return uploads.take_content(call, str(resource.get("token")))
    raise ApiError(
        "RESOURCE_TYPE_NOT_SUPPORTED", RES_TYPE=resource.object_type.replace("Kaltura", "k", 1)
    )


def _fetched_content(call: Call, asset_kind: AssetKind, resource: SentObject) -> bytes:
    """The file at an address that ``--fetch-hosts`` allows."""
    url = str(resource.get("url", ""))
    try:
        if fetch.is_allowed(url, call.world.options.fetch_hosts):
            return fetch.fetched(url)
    except OSError as problem:
        raise ApiError(f"{asset_kind.code}_DOWNLOAD_FAILED", URL=url) from problem
    raise ApiError(f"{asset_kind.code}_DOWNLOAD_FAILED", URL=url)


def content(call: Call, asset: Data) -> bytes | None:
    """The content of an asset, None before it has any."""
    found = call.store.get(asset["partnerId"], _CONTENT, asset["id"])
    return base64.b64decode(found["body"]) if found else None


def ready_content(call: Call, asset_kind: AssetKind, asset: Data) -> bytes:
    """The content of an asset; refused before it has any."""
    body = content(call, asset)
    if body is None:
        raise ApiError(f"{asset_kind.code}_IS_NOT_READY", ASSET_ID=asset["id"])
    return body


def download_url(call: Call, asset_kind: AssetKind, asset: Data) -> str:
    """The URL of the content."""
    ready_content(call, asset_kind, asset)
    session = f"/ks/{call.session.text}" if call.session else ""
    service = f"/api_v3/index.php/service/{asset_kind.service}/action/serve"
    path = f"{service}/{asset_kind.id_name}/{asset['id']}"
    return f"{call.host_url}{path}/v/{asset['version']}{session}"
