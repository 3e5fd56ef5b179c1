"""Uploads whose browser has gone away: what Kaltura has whole is ordered, the rest is ended.

The answer to the last part may be lost together with the browser that would have asked again, so
the worker asks what Kaltura has.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final

from django.db.models import F, Q
from django.utils import timezone

from kaltura_bridge.api.client import Answer, Kaltura, Request, wire
from kaltura_bridge.api.errors import KalturaError, RemoteRejected
from kaltura_bridge.models import RecordingChange, RecordingChangeState
from kaltura_bridge.recordings.uploading import PART, QUIET, is_whole

logger = logging.getLogger(__name__)

#: An upload that is not whole ends after this.
PATIENCE: Final = timedelta(hours=24)
_NO_SUCH_UPLOAD: Final = "UPLOAD_TOKEN_NOT_FOUND"


def settle_uploads(kaltura: Kaltura | None = None) -> None:
    """Ask about those that lack no more than their last part, and about those of yesterday.

    Where Kaltura does not answer they stay as they are, until it does.
    """
    now = timezone.now()
    lacks_last = Q(bytes_received__gte=F("bytes_expected") - PART, next_attempt_at__lte=now)
    uploading = RecordingChange.objects.filter(state=RecordingChangeState.UPLOADING)
    left = list(uploading.filter(lacks_last | Q(asked_at__lt=now - PATIENCE)))
    if not left:
        return
    try:
        answers = (kaltura or Kaltura()).ask([_read(change.upload_token) for change in left])
    except KalturaError as error:
        logger.warning("Kaltura does not tell of %d uploads: %s", len(left), error)
        return
    for change, answer in zip(left, answers, strict=True):
        # A part may come at this very moment.
        mine = uploading.filter(pk=change.pk, bytes_received=change.bytes_received)
        mine.update(**_told(change, answer, now))


def _read(token: str) -> Request:
    return Request(partial(_get, token), as_row=True)


def _get(token: str, client: Any) -> object:
    answer: object = client.uploadToken.get(token)
    return answer


def _told(change: RecordingChange, answer: Answer, now: datetime) -> dict[str, Any]:
    """What to write of one: it waits for the worker, has ended, or is asked about again."""
    is_unknown = isinstance(answer, RemoteRejected) and answer.code == _NO_SUCH_UPLOAD
    age = now - change.asked_at
    if not isinstance(answer, KalturaError) and is_whole(_fields(answer), change.bytes_expected):
        state = RecordingChangeState.WAITING
        return {"bytes_received": change.bytes_expected, "state": state, "next_attempt_at": now}
    if age < PATIENCE or (isinstance(answer, KalturaError) and not is_unknown):
        return {"next_attempt_at": now + max(QUIET, age / 10)}
    return {
        "state": RecordingChangeState.FAILED,
        "error": "The upload was not finished within a day.",
        "finished_at": now,
    }


def _fields(raw: Any) -> dict[str, str]:
    return {name: wire(getattr(raw, name, "")) for name in ("status", "uploadedFileSize")}
