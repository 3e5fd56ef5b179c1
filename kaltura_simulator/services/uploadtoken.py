"""uploadToken: uploading files, whole or in chunks.

Kaltura's: api_v3/services/UploadTokenService.php
"""

from __future__ import annotations

import secrets

from kaltura_simulator.api import lists
from kaltura_simulator.api.call import Call, action
from kaltura_simulator.api.errors import ApiError
from kaltura_simulator.api.params import SentObject
from kaltura_simulator.media import content, uploads
from kaltura_simulator.media.uploads import DELETED, FULL
from kaltura_simulator.state.store import Data

PENDING, PARTIAL = 0, 1
_OPEN = frozenset({PENDING, PARTIAL})


def find(call: Call, key: str) -> Data:
    """A token of the caller; any token for administrators."""
    found = call.get(uploads.KIND, key)
    if found is None or found["status"] == DELETED or not uploads.may_use(call, found):
        raise ApiError("UPLOAD_TOKEN_NOT_FOUND")
    return found


@action("uploadtoken.add")
def add(call: Call, uploadToken: SentObject | None) -> Data:
    """Add a token."""
    now = call.clock.now()
    if uploadToken is not None:
        uploadToken.refuse_read_only()
    sent = uploadToken.values if uploadToken is not None else {}
    row: Data = {
        "objectType": "KalturaUploadToken",
        "id": f"0_{secrets.token_hex(16)}",
        "partnerId": call.partner,
        "userId": call.user,
        "status": PENDING,
        "uploadedFileSize": 0,
        "createdAt": now,
        "updatedAt": now,
    }
    row |= {name: value for name, value in sent.items() if value is not None}
    return call.put("upload_token", row["id"], row)


@action("uploadtoken.upload")
def upload(
    call: Call,
    uploadTokenId: str,
    fileData: bytes,
    resume: bool,
    finalChunk: bool,
    resumeAt: float,
) -> Data:
    """Upload a file, or a chunk of one."""
    row = find(call, uploadTokenId)
    if row["status"] not in _OPEN:
        raise ApiError("UPLOAD_TOKEN_INVALID_STATUS_FOR_UPLOAD")
    before = row["uploadedFileSize"] if resume and resumeAt < 0 else int(max(0, resumeAt))
    status = FULL if finalChunk else PARTIAL
    begin = before if resume else 0
    size = begin + len(fileData)
    uploads.save_chunk(call, uploadTokenId, begin, fileData)
    fields = {"status": status, "uploadedFileSize": size, "updatedAt": call.clock.now()}
    call.change("upload_token", uploadTokenId, **fields)
    if finalChunk:
        content.finish_upload(call, uploadTokenId)
    return find(call, uploadTokenId)


@action("uploadtoken.get")
def get(call: Call, uploadTokenId: str) -> Data:
    """One token."""
    return find(call, uploadTokenId)


@action("uploadtoken.delete")
def delete(call: Call, uploadTokenId: str) -> None:
    """Delete a token and its file."""
    find(call, uploadTokenId)
    uploads.delete_content(call, uploadTokenId)
    call.change("upload_token", uploadTokenId, status=DELETED, updatedAt=call.clock.now())


@action("uploadtoken.list")
def list_tokens(call: Call, filter: SentObject | None, pager: SentObject | None) -> Data:
    """The caller's tokens."""
    alive = [row for row in call.all("upload_token") if row["status"] != DELETED]
    rows = [row for row in alive if uploads.may_use(call, row)]
    found = lists.sorted_by(lists.filtered(rows, filter), filter)
    page = lists.page_of(found, pager, indexed=False)
    return lists.list_response("KalturaUploadTokenListResponse", page, len(found))
