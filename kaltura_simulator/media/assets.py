"""Files of an entry as objects of their own: captions, transcripts, attachments."""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import dataclass

from kaltura_simulator.api import lists, schema
from kaltura_simulator.api.call import Call
from kaltura_simulator.api.errors import ApiError
from kaltura_simulator.api.params import SentObject
from kaltura_simulator.media import subtitles, uploads
from kaltura_simulator.rules import entry_types
from kaltura_simulator.state import background
from kaltura_simulator.state.store import Data
from kaltura_simulator.web import fetch

ERROR, QUEUED, READY, DELETED, IMPORTING = -1, 0, 2, 3, 7
CONTENT = "asset_content"
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
    """Assets of the filter's class."""
    rows = [row for row in call.all(asset_kind.kind) if _is_present(call, row)]
    rows = lists.of_filter_class(rows, asked)
    found = lists.sorted_by(lists.filtered(rows, asked), asked)
    page = lists.page_of(found, pager, indexed=False)
    return lists.list_response(_response_of(asset_kind, asked), page, len(found))


def _response_of(asset_kind: AssetKind, asked: SentObject | None) -> str:
    """The class of a list: one of transcripts has its own."""
    kind = asked.object_type.removesuffix("Filter") if asked else ""
    own = f"{kind}ListResponse"
    return own if kind and schema.is_class(own) else asset_kind.response


def require_entries(asked: SentObject) -> None:
    """Refuse a filter that names no entries."""
    if not (asked.get("entryIdEqual") or asked.get("entryIdIn")):
        names = (asked.qualified_name(name) for name in ("entryIdEqual", "entryIdIn"))
        raise ApiError("PROPERTY_VALIDATION_CANNOT_BE_NULL", PROP_NAME="/".join(names))


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
    if row.get("format") is not None:
        row["format"] = str(row["format"])
    return call.put(asset_kind.kind, key, row)


def change(call: Call, asset_kind: AssetKind, asset: Data, **fields: object) -> Data:
    """Write some fields of an asset."""
    return call.change(asset_kind.kind, asset["id"], **fields | {"updatedAt": call.clock.now()})


def delete(call: Call, asset_kind: AssetKind, asset: Data) -> None:
    """Delete an asset and its content."""
    now = call.clock.now()
    change(call, asset_kind, asset, status=DELETED, deletedAt=now)
    call.store.delete(call.partner, CONTENT, asset["id"])


def set_content(
    call: Call,
    asset_kind: AssetKind,
    asset: Data,
    resource: SentObject,
    status_of: Callable[[bytes], int] = lambda body: READY,
) -> Data:
    """Set an asset's content and raise its version; ``status_of`` says whether it is right.

    Content of an address is imported: the asset answers so, and gets it in the background.
    """
    if resource.object_type == _URL:
        return _import(call, asset_kind, asset, resource, status_of)
    with call.store.transaction():
        asset = find(call, asset_kind, asset["id"])
        body = _sent_content(call, resource)
        # What is still being fetched comes too late.
        background.schedule(call.store, call.partner, asset_kind.kind, asset["id"], [])
        _put_content(call, asset, body)
        return change(call, asset_kind, asset, **_of_content(asset, body, status_of(body)))


def _import(
    call: Call,
    asset_kind: AssetKind,
    asset: Data,
    resource: SentObject,
    status_of: Callable[[bytes], int],
) -> Data:
    """Fetch content, outside the transaction so that only the caller waits; it shows later."""
    body = _fetched(call, str(resource.get("url", "")))
    with call.store.transaction():
        asset = find(call, asset_kind, asset["id"])
        after: Data = {"status": ERROR}
        if body is not None:
            _put_content(call, asset, body)
            after = _of_content(asset, body, status_of(body))
        at = call.clock.steady() + call.world.background_s
        background.schedule(call.store, call.partner, asset_kind.kind, asset["id"], [(at, after)])
        return change(call, asset_kind, asset, status=IMPORTING)


def _put_content(call: Call, asset: Data, body: bytes) -> None:
    call.put(CONTENT, asset["id"], {"body": base64.b64encode(body).decode()})


def _of_content(asset: Data, body: bytes, status: int) -> Data:
    """The properties of an asset that follow from its content."""
    ending = subtitles.FORMS.get(str(asset.get("format")), ("",))[0]
    own: Data = {"fileExt": ending} if asset["objectType"] == "KalturaCaptionAsset" else {}
    size, version = len(body), int(asset["version"]) + 1
    return own | {"status": status, "size": size, "sizeInBytes": size, "version": version}


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


def _fetched(call: Call, url: str) -> bytes | None:
    """The file at an address that ``--fetch-hosts`` names; None when it cannot be had."""
    try:
        return fetch.fetched(url, call.world.options.fetch_hosts)
    except OSError:
        return None


def content(call: Call, asset: Data) -> bytes | None:
    """The content of an asset, None before it has any."""
    found = call.store.get(asset["partnerId"], CONTENT, asset["id"])
    return base64.b64decode(found["body"]) if found else None


def ready_content(call: Call, asset_kind: AssetKind, asset: Data) -> bytes:
    """The content of an asset; refused before it has any, and while another one is fetched."""
    body = content(call, asset)
    if body is None or asset["status"] == IMPORTING:
        raise ApiError(f"{asset_kind.code}_IS_NOT_READY", ASSET_ID="N/A")
    return body


def download_url(call: Call, asset_kind: AssetKind, asset: Data) -> str:
    """The URL of the content."""
    ready_content(call, asset_kind, asset)
    session = f"/ks/{call.session.text}" if call.session else ""
    service = f"/api_v3/index.php/service/{asset_kind.service}/action/serve"
    path = f"{service}/{asset_kind.id_name}/{asset['id']}"
    return f"{call.host_url}{path}/v/{asset['version']}{session}"
