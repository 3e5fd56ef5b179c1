"""Files that were uploaded and wait to be used, once."""

from __future__ import annotations

import base64

from kaltura_simulator.api.call import Call
from kaltura_simulator.api.errors import ApiError
from kaltura_simulator.state.store import Data

KIND, CONTENT = "upload_token", "upload_content"
FULL, CLOSED, DELETED = 2, 3, 5
#: Of longer files only the size is kept: they may become clips, but no captions.
MAX_KEPT_BYTES = 10 * 1024 * 1024


def may_use(call: Call, row: Data) -> bool:
    """Whether an upload is the caller's; administrators may use all."""
    return call.is_admin or bool(row["userId"] == call.user)


def keep(call: Call, key: str, begin: int, piece: bytes) -> None:
    """Keep a piece of a file that begins so many bytes into it."""
    before = content(call, key) if begin else b""
    if before is None or len(before) < begin or begin + len(piece) > MAX_KEPT_BYTES:
        forget(call, key)
        return
    body = before[:begin] + piece
    call.put(CONTENT, key, {"body": base64.b64encode(body).decode()})


def content(call: Call, key: str) -> bytes | None:
    """What was kept of a file; None when it was too long."""
    found = call.get(CONTENT, key)
    return base64.b64decode(found["body"]) if found is not None else None


def close(call: Call, key: str) -> None:
    """Give the file away; it can be had once, and when all of it is there."""
    found = call.get(KIND, key)
    if found is None or found["status"] != FULL or not may_use(call, found):
        raise ApiError("UPLOADED_FILE_NOT_FOUND_BY_TOKEN")
    forget(call, key)
    call.change(KIND, key, status=CLOSED, updatedAt=call.clock.now())


def use(call: Call, key: str) -> bytes:
    """Take the file itself."""
    body = content(call, key)
    close(call, key)
    if body is None:
        raise ApiError("UPLOADED_FILE_NOT_FOUND_BY_TOKEN")
    return body


def forget(call: Call, key: str) -> None:
    """Drop what was kept of a file."""
    call.store.delete(call.partner, CONTENT, key)
