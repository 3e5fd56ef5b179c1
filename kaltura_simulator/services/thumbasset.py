"""thumbAsset: an entry's pictures as objects of their own; one may be its picture.

Kaltura's: api_v3/services/ThumbAssetService.php
"""

from __future__ import annotations

import base64

from kaltura_simulator.api import lists
from kaltura_simulator.api.call import Call, action, slow
from kaltura_simulator.api.errors import ApiError
from kaltura_simulator.api.params import SentObject
from kaltura_simulator.media import assets, entries, pictures, secure_files, thumbnails
from kaltura_simulator.rules import entry_types
from kaltura_simulator.state.store import Data
from kaltura_simulator.web.files import File

KIND, CONTENT = "thumb_asset", "thumb_asset_content"
READY, DELETED = 2, 3
#: A tag of the asset that is its entry's picture.
DEFAULT_TAG = "default_thumb"


def _find(call: Call, key: str) -> Data:
    found = call.get(KIND, key)
    if found is None or found["status"] == DELETED:
        raise ApiError("THUMB_ASSET_ID_NOT_FOUND", ID=key)
    return found


def _of_entries(call: Call, keys: set[str]) -> list[Data]:
    rows = (row for row in call.all(KIND) if row["status"] != DELETED)
    return [row for row in rows if row["entryId"] in keys]


def _new(call: Call, entry_id: str, picture: bytes, sent: Data) -> Data:
    entry = entries.find(call, entry_id)
    now, key = call.clock.now(), call.store.entry_id()
    kind = pictures.kind_of(picture)
    width, height = pictures.size_of(picture)
    row: Data = {
        "objectType": "KalturaThumbAsset",
        "id": key,
        "entryId": entry["id"],
        "partnerId": call.partner,
        "version": 1,
        "size": len(picture),
        "sizeInBytes": len(picture),
        "tags": "",
        "fileExt": kind.ending,
        "width": width,
        "height": height,
        "status": READY,
        "createdAt": now,
        "updatedAt": now,
    }
    call.put(CONTENT, key, {"body": base64.b64encode(picture).decode()})
    return call.put(KIND, key, row | {n: v for n, v in sent.items() if v is not None})


@action("thumbasset.add")
def add(call: Call, entryId: str, thumbAsset: SentObject) -> Data:
    """Add an asset without content."""
    thumbAsset.refuse_read_only()
    made = _new(call, entryId, b"", thumbAsset.values)
    return call.change(KIND, made["id"], status=0, size=0)


@action("thumbasset.addFromImage")
def add_from_image(call: Call, entryId: str, fileData: bytes) -> Data:
    """Add an uploaded picture."""
    entries.find(call, entryId)
    secure_files.refuse_insecure(fileData)
    return _new(call, entryId, fileData, {})


@action("thumbasset.addFromUrl")
@slow
def add_from_url(call: Call, entryId: str, url: str) -> Data:
    """Add a picture that is fetched; of a public address it is a generated one."""
    entries.find(call, entryId)
    picture = thumbnails.from_url(call, url)
    if picture is None:
        width, height = thumbnails.DEFAULT_WIDTH, thumbnails.DEFAULT_HEIGHT
        picture = pictures.for_text(entryId, width, height)
    with call.store.transaction():
        return _new(call, entryId, picture, {})


@action("thumbasset.get")
def get(call: Call, thumbAssetId: str) -> Data:
    """One asset."""
    return _find(call, thumbAssetId)


@action("thumbasset.getByEntryId")
def get_by_entry(call: Call, entryId: str) -> list[Data]:
    """The assets of an entry."""
    return _of_entries(call, {entries.find(call, entryId)["id"]})


@action("thumbasset.list")
def list_assets(call: Call, filter: SentObject | None, pager: SentObject | None) -> Data:
    """The assets of the entries that the filter names."""
    asked = filter or SentObject("KalturaThumbAssetFilter")
    assets.require_entries(asked)
    rows = [row for row in call.all(KIND) if row["status"] != DELETED]
    found = lists.sorted_by(lists.filtered(rows, asked), asked)
    page = lists.page_of(found, pager, indexed=False)
    return lists.list_response("KalturaThumbAssetListResponse", page, len(found))


@action("thumbasset.update")
def update(call: Call, id: str, thumbAsset: SentObject) -> Data:
    """Change an asset's tags and descriptions."""
    thumbAsset.refuse_read_only_changes(_find(call, id))
    return call.change(KIND, id, **thumbAsset.values, updatedAt=call.clock.now())


@action("thumbasset.setAsDefault")
def set_as_default(call: Call, thumbAssetId: str) -> None:
    """Make an asset the picture of its entry."""
    chosen = _find(call, thumbAssetId)
    for row in _of_entries(call, {chosen["entryId"]}):
        tags = [tag for tag in lists.split_commas(row["tags"]) if tag != DEFAULT_TAG]
        if row["id"] == thumbAssetId:
            tags.append(DEFAULT_TAG)
        call.change(KIND, row["id"], tags=",".join(tags))
    thumbnails.save(call, chosen["entryId"], _content(call, thumbAssetId))


@action("thumbasset.delete")
def delete(call: Call, thumbAssetId: str) -> None:
    """Delete an asset, unless it is its entry's picture."""
    found = _find(call, thumbAssetId)
    if DEFAULT_TAG in lists.split_commas(found["tags"]):
        raise ApiError("THUMB_ASSET_IS_DEFAULT", ASSET=thumbAssetId)
    call.change(KIND, thumbAssetId, status=DELETED, deletedAt=call.clock.now())
    call.store.delete(call.partner, CONTENT, thumbAssetId)


def _content(call: Call, key: str) -> bytes:
    found = call.get(CONTENT, key)
    return base64.b64decode(found["body"]) if found else b""


def _file(call: Call, key: str) -> File:
    body = _content(call, key)
    kind = pictures.kind_of(body)
    return File(body, kind.mime, f"{key}.{kind.ending}")


@action("thumbasset.getUrl")
def get_url(call: Call, id: str, storageId: int | None, thumbParams: SentObject | None) -> str:
    """The URL of a picture."""
    _find(call, id)
    return f"{call.host_url}/api_v3/index.php/service/thumbasset/action/serve/thumbAssetId/{id}"


@action("thumbasset.serve")
def serve(
    call: Call,
    thumbAssetId: str,
    version: int | None,
    thumbParams: SentObject | None,
    options: SentObject | None,
) -> File:
    """A picture, to everybody who knows its id."""
    for partner in [call.partner] if call.session else call.store.partners():
        row = call.store.get(partner, KIND, thumbAssetId)
        if row is not None and row["status"] != DELETED:
            call.partner = partner
            return _file(call, thumbAssetId)
    raise ApiError("THUMB_ASSET_ID_NOT_FOUND", ID=thumbAssetId)


@action("thumbasset.serveByEntryId")
def serve_by_entry(call: Call, entryId: str, thumbParamId: int | None) -> File:
    """The picture of an entry that is one of its assets."""
    for partner in [call.partner] if call.session else call.store.partners():
        row = call.store.get(partner, "entry", entryId)
        if row is None or entry_types.is_deleted(row):
            continue
        call.partner = partner
        for asset in _of_entries(call, {entryId}):
            if DEFAULT_TAG in lists.split_commas(asset["tags"]):
                return _file(call, asset["id"])
    raise ApiError("THUMB_ASSET_ID_NOT_FOUND", ID=entryId)
