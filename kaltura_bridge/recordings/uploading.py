"""A file on its way from a browser to Kaltura, part by part; the portal keeps none of it.

Kaltura collects the parts under an upload token; the order to make a video of it
(``RecordingChange``) goes to the worker when the last has come. A part that comes twice, because
an answer was lost, is handed on once.
"""

from __future__ import annotations

import uuid
from typing import Any, Final

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone

from events.models import Session
from kaltura_bridge.api import ks
from kaltura_bridge.api.errors import CredentialsMissing, RemoteRejected, RemoteUnavailable
from kaltura_bridge.api.light import LightCall, call
from kaltura_bridge.api.masking import mask_secrets
from kaltura_bridge.api.upload_ks import UploadCall, upload_ks
from kaltura_bridge.models import RecordingChange, RecordingChangeKind, RecordingChangeState

PART: Final = 4 * 1024 * 1024
MOST: Final = 50 * 1024**3
_TIMEOUT_S: Final = 60.0


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
    token = {"objectType": "KalturaUploadToken", "fileName": f"{key}.video", "fileSize": str(size)}
    signed = upload_ks(session.uuid, UploadCall.OPEN)
    made = call(LightCall("uploadtoken", "add", {"uploadToken": token}, signed))
    change = RecordingChange(
        session=session,
        key=key,
        kind=RecordingChangeKind.UPLOAD,
        state=RecordingChangeState.UPLOADING,
        name=name,
        replaces=replaces,
        upload_token=str(made["id"])[:64],
        bytes_expected=size,
        asked_by=user,
    )
    try:
        with transaction.atomic():
            change.save(force_insert=True)
    except IntegrityError:  # the same form at the same moment; the other token is never used
        return RecordingChange.objects.get(key=key)
    return change


def send_part(change: RecordingChange, at: int, body: bytes) -> RecordingChange:
    """Hand a part on to Kaltura. The last one orders the video.

    Raises OutOfStep and KalturaError; after either the same part may be sent again.
    """
    if change.state != RecordingChangeState.UPLOADING or at + len(body) <= change.bytes_received:
        return change
    if at != change.bytes_received or at + len(body) > change.bytes_expected or not body:
        raise OutOfStep(change.bytes_received)
    is_last = at + len(body) == change.bytes_expected
    _post_part(change, at, body, is_last=is_last)
    mine = RecordingChange.objects.filter(pk=change.pk, bytes_received=at)
    state = RecordingChangeState.WAITING if is_last else RecordingChangeState.UPLOADING
    mine.update(bytes_received=at + len(body), state=state, next_attempt_at=timezone.now())
    change.refresh_from_db()
    return change


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
