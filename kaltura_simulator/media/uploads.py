"""Uploaded files that wait to be used, once."""

from __future__ import annotations

import base64

from kaltura_simulator.api.call import Call
from kaltura_simulator.api.errors import ApiError
from kaltura_simulator.state.store import Data

KIND, CONTENT = "upload_token", "upload_content"
FULL, CLOSED, DELETED = 2, 3, 5
#: Longer files are not stored, only their size: they can become clips, but not captions.
MAX_KEPT_BYTES = 10 * 1024 * 1024


def may_use(call: Call, row: Data) -> bool:
    """Whether an upload is the caller's; administrators may use all."""
    return call.is_admin or bool(row["userId"] == call.user)


def save_chunk(call: Call, key: str, begin: int, chunk: bytes) -> None:
    """Store a chunk of a file; ``begin`` is its offset in bytes."""
    before = content(call, key) if begin else b""
    if before is None or len(before) < begin or begin + len(chunk) > MAX_KEPT_BYTES:
        delete_content(call, key)
        return
    body = before[:begin] + chunk
    call.put(CONTENT, key, {"body": base64.b64encode(body).decode()})


def content(call: Call, key: str) -> bytes | None:
    """The content of a file; None when it was too long to be stored."""
    found = call.get(CONTENT, key)
    return base64.b64decode(found["body"]) if found is not None else None


def find_usable(call: Call, key: str) -> Data:
    """An upload that can still be used; it need not be complete yet."""
    found = call.get(KIND, key)
    if found is None or found["status"] == DELETED:
        raise ApiError("UPLOAD_TOKEN_NOT_FOUND")
    if found["status"] == CLOSED or not may_use(call, found):
        raise ApiError("UPLOADED_FILE_NOT_FOUND_BY_TOKEN")
    return found


def is_complete(call: Call, key: str) -> bool:
    """Whether the whole file is there."""
    return bool(find_usable(call, key)["status"] == FULL)


def expect(call: Call, key: str, entry_id: str) -> None:
    """Remember the entry that waits for this upload."""
    call.change(KIND, key, _entryId=entry_id)


def expected_by(call: Call, key: str) -> str:
    """The entry that waits for this upload; empty when none does."""
    return str((call.get(KIND, key) or {}).get("_entryId") or "")


def consume(call: Call, key: str) -> None:
    """Mark the upload as used; it can be used once, when it is complete."""
    found = call.get(KIND, key)
    if found is None or found["status"] != FULL or not may_use(call, found):
        raise ApiError("UPLOADED_FILE_NOT_FOUND_BY_TOKEN")
    delete_content(call, key)
    call.change(KIND, key, status=CLOSED, updatedAt=call.clock.now())


def take_content(call: Call, key: str) -> bytes:
    """The content of an upload, which is used by this."""
    find_usable(call, key)
    body = content(call, key)
    consume(call, key)
    if body is None:
        raise ApiError("UPLOADED_FILE_NOT_FOUND_BY_TOKEN")
    return body


def delete_content(call: Call, key: str) -> None:
    """Delete the stored content of a file."""
    call.store.delete(call.partner, CONTENT, key)
