"""A file on its way from a browser to Kaltura, part by part; the portal keeps none of it.

Kaltura collects the parts under an upload token; the order to make a video of it
(``RecordingChange``) goes to the worker when the last has come. A part that comes twice, because
an answer was lost, is handed on once; where Kaltura's answer was lost, Kaltura is asked what it
has. What a browser that went away has left whole at Kaltura, the worker finds (left_uploads.py).
Source: api_v3/services/UploadTokenService.php of kaltura/server.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone

from events.models import Session
from kaltura_bridge.api import ks
from kaltura_bridge.api.errors import (
    CredentialsMissing,
    KalturaError,
    RemoteRejected,
    RemoteUnavailable,
)
from kaltura_bridge.api.light import LightCall, call
from kaltura_bridge.api.masking import mask_secrets
from kaltura_bridge.api.upload_ks import UploadCall, upload_ks
from kaltura_bridge.models import RecordingChange, RecordingChangeKind, RecordingChangeState

PART: Final = 4 * 1024 * 1024
MOST: Final = 50 * 1024**3
#: A browser that has sent nothing for so long may have gone away.
QUIET: Final = timedelta(minutes=2)
_TIMEOUT_S: Final = 60.0
# KalturaUploadTokenStatus: pending, partial; full, closed (used by an entry).
_OPEN: Final = "0,1"
_WHOLE: Final = ("2", "3")


class OutOfStep(Exception):
    """A part that does not follow what has come; ``at`` is where to go on."""

    def __init__(self, at: int) -> None:
        super().__init__(f"The next part begins at {at}.")
        self.at = at


def open_upload(
    session: Session, user: Any, key: uuid.UUID, name: str, size: int, *, replaces: bool
) -> RecordingChange:
    """Open an upload at Kaltura; the same key again answers with the same one.

    Raises KalturaError.
    """
    known = RecordingChange.objects.filter(session=session, key=key).first()
    if known is not None:
        return known
    if not ks.can_mint():
        raise CredentialsMissing("The portal needs KALTURA_ADMIN_SECRET to upload.")
    token = _found_token(session, key) or _added_token(session, key, size)
    change = RecordingChange(
        session=session,
        key=key,
        kind=RecordingChangeKind.UPLOAD,
        state=RecordingChangeState.UPLOADING,
        name=name,
        replaces=replaces,
        upload_token=token[:64],
        bytes_expected=size,
        next_attempt_at=timezone.now() + QUIET,
        asked_by=user,
    )
    try:
        with transaction.atomic():
            change.save(force_insert=True)
    except IntegrityError:  # the same form at the same moment; the other token is never used
        return RecordingChange.objects.get(key=key)
    return change


def _found_token(session: Session, key: uuid.UUID) -> str:
    """What an earlier try has opened whose answer was lost; "" when there is none."""
    wanted = {
        "objectType": "KalturaUploadTokenFilter",
        "fileNameEqual": _file_name(key),
        "statusIn": _OPEN,
    }
    signed = upload_ks(session.uuid, UploadCall.FIND)
    rows = call(LightCall("uploadtoken", "list", {"filter": wanted}, signed)).get("objects") or []
    return str(rows[0]["id"]) if rows else ""


def _added_token(session: Session, key: uuid.UUID, size: int) -> str:
    token = {"objectType": "KalturaUploadToken", "fileName": _file_name(key), "fileSize": str(size)}
    signed = upload_ks(session.uuid, UploadCall.OPEN)
    return str(call(LightCall("uploadtoken", "add", {"uploadToken": token}, signed))["id"])


def _file_name(key: uuid.UUID) -> str:
    return f"{key}.video"


def send_part(change: RecordingChange, at: int, body: bytes) -> RecordingChange:
    """Hand a part on to Kaltura. The last one orders the video.

    Raises OutOfStep and KalturaError; after either the same part may be sent again.
    """
    if change.state != RecordingChangeState.UPLOADING or at + len(body) <= change.bytes_received:
        return change
    if at != change.bytes_received or at + len(body) > change.bytes_expected or not body:
        raise OutOfStep(change.bytes_received)
    is_last = at + len(body) == change.bytes_expected
    try:
        _post_part(change, at, body, is_last=is_last)
    except KalturaError:
        # The answer may be lost, now or when the same part was sent before.
        if not _has_come(change, at + len(body), is_last=is_last):
            raise
    mine = RecordingChange.objects.filter(pk=change.pk, bytes_received=at)
    state = RecordingChangeState.WAITING if is_last else RecordingChangeState.UPLOADING
    again_at = timezone.now() if is_last else timezone.now() + QUIET
    mine.update(bytes_received=at + len(body), state=state, next_attempt_at=again_at)
    change.refresh_from_db()
    return change


def _has_come(change: RecordingChange, size: int, *, is_last: bool) -> bool:
    """Whether Kaltura has so many bytes of it; as a whole after the last part."""
    signed = upload_ks(change.session.uuid, UploadCall.READ)
    token = {"uploadTokenId": change.upload_token}
    try:
        held = call(LightCall("uploadtoken", "get", token, signed))
    except KalturaError:
        return False
    return is_whole(held, size) if is_last else held_bytes(held) >= size


def is_whole(held: Mapping[str, Any], size: int) -> bool:
    """Whether an upload, as Kaltura tells it, has come to its end with all of its bytes."""
    return str(held.get("status")) in _WHOLE and held_bytes(held) >= size


def held_bytes(held: Mapping[str, Any]) -> int:
    """How many bytes of an upload Kaltura has; PHP sends a number or a text."""
    return int(float(held.get("uploadedFileSize") or 0))


def _post_part(change: RecordingChange, at: int, body: bytes, *, is_last: bool) -> None:
    import requests  # only this page of the web process sends files

    url = f"{settings.KALTURA_SERVICE_URL.rstrip('/')}{UploadCall.PART.path}"
    sent = {
        "format": "1",
        "partnerId": str(settings.KALTURA_PARTNER_ID),
        "ks": upload_ks(change.session.uuid, UploadCall.PART),
        "uploadTokenId": change.upload_token,
        "resume": "1",
        "resumeAt": str(at),
        "finalChunk": str(int(is_last)),
    }
    part = {"fileData": ("part", body, "application/octet-stream")}
    try:
        response = requests.post(url, data=sent, files=part, timeout=_TIMEOUT_S)
        answer = response.json()
    except (requests.RequestException, ValueError):
        raise RemoteUnavailable("the part did not arrive", sent=True) from None
    if isinstance(answer, dict) and answer.get("objectType") == "KalturaAPIException":
        code, message = str(answer.get("code", "")), str(answer.get("message", ""))
        raise RemoteRejected(mask_secrets(code), mask_secrets(message))
