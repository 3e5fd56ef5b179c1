"""What hangs on an entry as a file of its own: captions, transcripts, attachments."""

from __future__ import annotations

import base64
from dataclasses import dataclass

from kaltura_simulator.api import lists
from kaltura_simulator.api.call import Call
from kaltura_simulator.api.errors import ApiError
from kaltura_simulator.api.params import Given
from kaltura_simulator.media import uploads
from kaltura_simulator.rules import entry_types
from kaltura_simulator.state.store import Data
from kaltura_simulator.web import fetch

ERROR, QUEUED, READY, DELETED = -1, 0, 2, 3
_CONTENT = "asset_content"
_URL = "KalturaUrlResource"


@dataclass(frozen=True)
class Sort:
    """One sort of asset: where it is kept and how its refusals begin."""

    kind: str
    code: str
    service: str
    id_name: str
    response: str


CAPTION = Sort(
    "caption_asset",
    "CAPTION_ASSET",
    "caption_captionAsset",
    "captionAssetId",
    "KalturaCaptionAssetListResponse",
)
ATTACHMENT = Sort(
    "attachment_asset",
    "ATTACHMENT_ASSET",
    "attachment_attachmentAsset",
    "attachmentAssetId",
    "KalturaAttachmentAssetListResponse",
)


# ------------------------------------------------------------------------ reading
def find(call: Call, sort: Sort, key: str) -> Data:
    """An asset that is there, of an entry that is there."""
    found = call.get(sort.kind, key)
    if found is None or not _lives(call, found):
        raise ApiError(f"{sort.code}_ID_NOT_FOUND", ASSET_ID=key)
    return found


def find_anywhere(call: Call, sort: Sort, key: str) -> Data:
    """An asset by its id alone: files are served to whoever knows it, session or not."""
    partners = [call.partner] if call.session else call.store.partners()
    for partner in partners:
        found = call.store.get(partner, sort.kind, key)
        if found is not None and found["status"] != DELETED:
            return found
    raise ApiError(f"{sort.code}_ID_NOT_FOUND", ASSET_ID=key)


def _lives(call: Call, asset: Data) -> bool:
    entry = call.get("entry", asset["entryId"])
    gone = entry is None or entry["status"] == entry_types.DELETED
    return not gone and asset["status"] != DELETED


def of_entry(call: Call, sort: Sort, entry_id: str) -> list[Data]:
    """The assets of an entry, oldest first."""
    return [row for row in call.all(sort.kind) if row["entryId"] == entry_id and _lives(call, row)]


def listing(call: Call, sort: Sort, asked: Given | None, pager: Given | None) -> Data:
    """The account's assets; usually of one entry."""
    rows = [row for row in call.all(sort.kind) if _lives(call, row)]
    found = lists.ordered(lists.chosen(rows, asked), asked)
    page = lists.paged(found, pager, indexed=False)
    return lists.response(sort.response, page, len(found))


# ------------------------------------------------------------------------ writing
def new(call: Call, sort: Sort, entry: Data, sent: Given, more: Data) -> Data:
    """An asset that has no content yet."""
    now, key = call.clock.now(), call.store.entry_id()
    row: Data = {
        "objectType": sent.kind,
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
    return call.put(sort.kind, key, row)


def change(call: Call, sort: Sort, asset: Data, **fields: object) -> Data:
    """Write some fields of an asset."""
    return call.change(sort.kind, asset["id"], **fields | {"updatedAt": call.clock.now()})


def delete(call: Call, sort: Sort, asset: Data) -> None:
    """Delete an asset and its content."""
    now = call.clock.now()
    change(call, sort, asset, status=DELETED, deletedAt=now)
    call.store.delete(call.partner, _CONTENT, asset["id"])


def fill(call: Call, sort: Sort, asset: Data, resource: Given) -> Data:
    """Give an asset its content; each new one raises the version.

    Nobody waits for a fetch but the caller: the transaction begins when it is over.
    """
    body = _fetched(call, sort, resource) if resource.kind == _URL else None
    with call.store.transaction():
        asset = find(call, sort, asset["id"])
        return _filled(call, sort, asset, _sent(call, resource) if body is None else body)


def _filled(call: Call, sort: Sort, asset: Data, body: bytes) -> Data:
    text = base64.b64encode(body).decode()
    call.put(_CONTENT, asset["id"], {"body": text})
    size = len(body)
    version = int(asset["version"]) + 1
    return change(call, sort, asset, status=READY, size=size, sizeInBytes=size, version=version)


def _sent(call: Call, resource: Given) -> bytes:
    """Content that came along, or before in an upload."""
    if resource.kind == "KalturaStringResource":
        return str(resource.get("content", "")).encode()
    if resource.kind == "KalturaUploadedFileTokenResource":
        resource.need("token")
        return uploads.use(call, str(resource.get("token")))
    raise ApiError("RESOURCE_TYPE_NOT_SUPPORTED", RES_TYPE=resource.kind.replace("Kaltura", "k", 1))


def _fetched(call: Call, sort: Sort, resource: Given) -> bytes:
    """What lies at an address of this machine, or of a host that the options name."""
    url = str(resource.get("url", ""))
    try:
        if fetch.is_allowed(url, call.world.options.notify_hosts):
            return fetch.fetched(url)
    except OSError as problem:
        raise ApiError(f"{sort.code}_DOWNLOAD_FAILED", URL=url) from problem
    raise ApiError(f"{sort.code}_DOWNLOAD_FAILED", URL=url)


def content(call: Call, asset: Data) -> bytes | None:
    """The content of an asset, None before it has any."""
    found = call.store.get(asset["partnerId"], _CONTENT, asset["id"])
    return base64.b64decode(found["body"]) if found else None


def ready_content(call: Call, sort: Sort, asset: Data) -> bytes:
    """The content of an asset; refused before it has any."""
    body = content(call, asset)
    if body is None:
        raise ApiError(f"{sort.code}_IS_NOT_READY", ASSET_ID=asset["id"])
    return body


def address(call: Call, sort: Sort, asset: Data) -> str:
    """Where a browser finds the content."""
    ready_content(call, sort, asset)
    session = f"/ks/{call.session.text}" if call.session else ""
    path = f"/api_v3/index.php/service/{sort.service}/action/serve/{sort.id_name}/{asset['id']}"
    return f"{call.host_url}{path}/v/{asset['version']}{session}"
