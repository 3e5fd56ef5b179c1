"""The worker's part of what people order on the desk: videos made, cut and taken over at Kaltura.

An order is a row (``RecordingChange``) that a worker claims for a while; whoever is killed
leaves it to the next. A video is made under the order's own reference, so one whose answer was
lost is found again and never made twice. A cut of a recording itself is sent again only while
the recording is as long as it was.
Sources: api_v3/services/MediaService.php and BaseEntryService.php of kaltura/server, and what a
running one answered (22.19): media.updateContent keeps the old content playing until the new one
is ready; where a cut begins and how long it is, is never checked there.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any, Final

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from kaltura_bridge.api.adapters.entries import ALIVE
from kaltura_bridge.api.client import Kaltura, Request, new, wire
from kaltura_bridge.api.errors import ABSENT, KalturaError, RemoteRejected, user_message
from kaltura_bridge.api.lists import listed, pager
from kaltura_bridge.models import (
    Recording,
    RecordingChange,
    RecordingChangeKind,
    RecordingChangeState,
    RecordingOrigin,
    RecordingStatus,
)
from kaltura_bridge.recordings.asking import get_entry, read_recording
from kaltura_bridge.recordings.looks import look_soon
from kaltura_bridge.recordings.ownership import is_of_session, made_key, may_be_cut, may_be_used
from kaltura_bridge.sync import pause
from kaltura_bridge.sync.lag import index_delay
from kaltura_bridge.sync.outcome import back_off_s

logger = logging.getLogger(__name__)

CLAIMED_FOR: Final = timedelta(minutes=3)
_BUSY_THERE: Final = "Kaltura is replacing this recording already: wait until it is done."
#: An upload whose browser has gone away ends after this.
UPLOAD_PATIENCE: Final = timedelta(hours=24)
_VIDEO: Final = "1"  # mediaType
_NO_CONTENT: Final = "7"
_HAS_CONTENT: Final = "ENTRY_ALREADY_WITH_CONTENT"
_IS_REPLACED: Final = "ENTRY_REPLACEMENT_ALREADY_EXISTS"


class CannotChange(Exception):
    """Why an order cannot be carried out; the text is for whoever gave it."""


class NotYet(Exception):
    """Kaltura's lists may lag behind an add whose answer was lost: look again later."""


def run_due(for_s: float) -> int:
    """Carry out every order that waits; how many were taken up. Ends uploads nobody ended."""
    until, taken = time.monotonic() + for_s, 0
    _end_uploads()
    while time.monotonic() < until and not pause.is_paused():
        change = _claim()
        if change is None:
            break
        carry_out(change)
        taken += 1
    return taken


def _end_uploads() -> None:
    stale = RecordingChange.objects.filter(
        state=RecordingChangeState.UPLOADING, asked_at__lt=timezone.now() - UPLOAD_PATIENCE
    )
    stale.update(
        state=RecordingChangeState.FAILED,
        error="The upload was not finished within a day.",
        finished_at=timezone.now(),
    )


def _claim() -> RecordingChange | None:
    now = timezone.now()
    is_free = Q(lease_until=None) | Q(lease_until__lt=now)
    waiting = RecordingChange.objects.filter(
        is_free, state=RecordingChangeState.WAITING, next_attempt_at__lte=now
    )
    for pk in waiting.order_by("next_attempt_at", "pk").values_list("pk", flat=True)[:20]:
        if waiting.filter(pk=pk).update(lease_until=now + CLAIMED_FOR):
            return RecordingChange.objects.select_related(
                "session__event__delivery", "source", "asked_by"
            ).get(pk=pk)
    return None


def carry_out(change: RecordingChange, kaltura: Kaltura | None = None) -> None:
    """Do what is left of one order, and keep how it stands. Raises nothing of Kaltura's."""
    try:
        _STEPS[change.kind](change, kaltura or Kaltura())
    except CannotChange as refusal:
        _end(change, str(refusal))
    except NotYet:
        _again(change, index_delay(), "")
    except KalturaError as error:
        logger.warning("Change %s of a recording failed: %s", change.key, error)
        if error.error_class.waits_for_person:
            _end(change, user_message("this", error))
        else:
            wait = timedelta(seconds=back_off_s(change.attempts, 5.0, 600.0))
            _again(change, wait, user_message("this", error))
    else:
        look_soon([change.session_id])


def _end(change: RecordingChange, error: str) -> None:
    _save(change, state=RecordingChangeState.FAILED, error=error, finished_at=timezone.now())


def _again(change: RecordingChange, wait: timedelta, error: str) -> None:
    at = timezone.now() + wait
    _save(change, next_attempt_at=at, attempts=change.attempts + 1, error=error, lease_until=None)


def _save(change: RecordingChange, **fields: Any) -> None:
    for name, value in fields.items():
        setattr(change, name, value)
    change.save(update_fields=list(fields))


# --- A new video: cut from another, or uploaded ----------------------------------------------


def _clip(change: RecordingChange, kaltura: Kaltura) -> None:
    _check_source(change, kaltura)
    assert change.source is not None
    cut = _cut_of(change)
    resource = new(
        "KalturaOperationResource",
        resource=new("KalturaEntryResource", entryId=change.source.entry_id),
        operationAttributes=[cut],
    )
    _make(change, kaltura, resource)


def _upload(change: RecordingChange, kaltura: Kaltura) -> None:
    _make(change, kaltura, new("KalturaUploadedFileTokenResource", token=change.upload_token))


def _make(change: RecordingChange, kaltura: Kaltura, resource: Any) -> None:
    """The entry first, then its content; each is skipped where it is there already."""
    if not change.entry_id:
        _save(change, entry_id=_found(change, kaltura) or _added(change, kaltura))
    if _status(change.entry_id, kaltura) == _NO_CONTENT:
        entry_id = change.entry_id
        answer = kaltura.ask_once(
            [Request(lambda c: c.media.addContent(entry_id, resource), write=True)]
        )[0]
        if isinstance(answer, RemoteRejected) and answer.code == _HAS_CONTENT:
            answer = None
        _raise(answer)
    _follow(change, RecordingOrigin.REPLACED)


def reference_of(change: RecordingChange) -> str:
    """Under which the video of an order stands at Kaltura."""
    return made_key(change.session, change.key)


def _found(change: RecordingChange, kaltura: Kaltura) -> str:
    """What an earlier try has made; "" when there is certainly nothing."""
    if change.adding_since is None:
        return ""
    wanted = new("KalturaBaseEntryFilter", referenceIdEqual=reference_of(change), statusIn=ALIVE)
    rows = listed(kaltura.one(lambda c: c.baseEntry.list(wanted, pager()), as_row=True))
    if rows:
        return wire(rows[0].id)
    if timezone.now() < change.adding_since + index_delay():
        raise NotYet
    return ""


def _added(change: RecordingChange, kaltura: Kaltura) -> str:
    _save(change, adding_since=timezone.now())
    entry = new(
        "KalturaMediaEntry",
        name=change.name or str(change.session.title)[:250],
        mediaType=_VIDEO,
        referenceId=reference_of(change),
    )
    answer = kaltura.ask_once([Request(lambda c: c.media.add(entry), write=True)])[0]
    if isinstance(answer, KalturaError) and not _may_have_happened(answer):
        _save(change, adding_since=None)
    _raise(answer)
    return wire(answer.id)


def _may_have_happened(error: KalturaError) -> bool:
    return bool(getattr(error, "sent", False))


def _status(entry_id: str, kaltura: Kaltura) -> str:
    answer = kaltura.ask_once([get_entry(entry_id)])[0]
    if isinstance(answer, RemoteRejected) and answer.code in ABSENT:
        raise CannotChange("The new video was deleted at Kaltura before it was finished.")
    _raise(answer)
    return wire(answer.status)


# --- The recording itself ---------------------------------------------------------------------


def _trim(change: RecordingChange, kaltura: Kaltura) -> None:
    """Replace the content by a part of it. A second cut would cut what is left, so look first."""
    _check_source(change, kaltura)
    assert change.source is not None
    entry_id = change.source.entry_id
    answer = kaltura.ask_once([get_entry(entry_id)])[0]
    if isinstance(answer, RemoteRejected) and answer.code in ABSENT:
        raise CannotChange("The recording was deleted at Kaltura.")
    _raise(answer)
    held = read_recording(answer)
    if change.adding_since is None:
        if not is_of_session(kaltura, change.session, answer):
            raise CannotChange(
                "This video is not this session's alone, so the portal does not cut it. Cut a new "
                "video from it instead."
            )
        _refuse_unfit(change, held.is_changing, held.milliseconds)
        _save(change, adding_since=timezone.now(), length_before_ms=held.milliseconds)
    if not held.is_changing and held.milliseconds == change.length_before_ms:
        resource = new(
            "KalturaOperationResource",
            resource=new("KalturaEntryResource", entryId=entry_id),
            operationAttributes=[_cut_of(change)],
        )
        sent = kaltura.ask_once(
            [Request(lambda c: c.media.updateContent(entry_id, resource), write=True)]
        )[0]
        if isinstance(sent, RemoteRejected) and sent.code == _IS_REPLACED:
            raise CannotChange(
                "Kaltura is replacing this recording already: wait until it is done."
            )
        _raise(sent)
    Recording.objects.filter(pk=change.source.pk).update(is_changing=True)
    _save(change, entry_id=entry_id)
    _follow(change, None)


def _refuse_unfit(change: RecordingChange, is_changing: bool, milliseconds: int) -> None:
    if is_changing:
        raise CannotChange(_BUSY_THERE)
    if change.start_ms + change.length_ms > milliseconds:
        raise CannotChange("The recording has become shorter meanwhile. Look at it again.")


def _check_source(change: RecordingChange, kaltura: Kaltura) -> None:
    source = change.source
    if source is None or source.state != RecordingStatus.READY:
        raise CannotChange("The recording to be cut is not ready at Kaltura.")
    if not may_be_cut(kaltura, change, source):
        raise CannotChange("This event may not use the video that was to be cut.")


def _cut_of(change: RecordingChange) -> Any:
    return new("KalturaClipAttributes", offset=change.start_ms, duration=change.length_ms)


# --- Another video of the account -------------------------------------------------------------


def _link(change: RecordingChange, kaltura: Kaltura) -> None:
    """Take over a video by its id, if the session may use it; what it may not gets one answer."""
    held = may_be_used(kaltura, change)
    if held is None:
        raise CannotChange(
            "There is no video with this ID that this event may use. A video that belongs to "
            "another event can be chosen by whoever plans both."
        )
    if held.status is RecordingStatus.FAILED:
        raise CannotChange("Kaltura could not process this video.")
    _follow(change, RecordingOrigin.REPLACED)


# --- What all end with ------------------------------------------------------------------------


def _follow(change: RecordingChange, origin: RecordingOrigin | None) -> None:
    """From now on the look for recordings tells how it goes on (writing.py)."""
    with transaction.atomic():
        if origin is not None:
            _keep_row(change, origin)
        _save(change, state=RecordingChangeState.PROCESSING, error="", lease_until=None)


def _keep_row(change: RecordingChange, origin: RecordingOrigin) -> None:
    now = timezone.now()
    Recording.objects.get_or_create(
        session=change.session,
        entry_id=change.entry_id,
        defaults={
            "origin": origin,
            "state": RecordingStatus.PROCESSING,
            "name": change.name,
            "recorded_at": now,
            "seen_at": now,
        },
    )


_STEPS: Final[Mapping[str, Callable[[RecordingChange, Kaltura], None]]] = {
    RecordingChangeKind.CLIP: _clip,
    RecordingChangeKind.TRIM: _trim,
    RecordingChangeKind.UPLOAD: _upload,
    RecordingChangeKind.LINK: _link,
}


def _raise(answer: Any) -> None:
    if isinstance(answer, KalturaError):
        raise answer
