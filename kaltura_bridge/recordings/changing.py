"""The worker's part of what people order on the desk: videos made, cut and taken over at Kaltura.

An order is a row (``RecordingChange``) that a worker claims for a while; whoever is killed
leaves it to the next, and whoever slept over the claim writes nothing (leases.py). A video is
made under the order's own reference, so one whose answer was lost is found again and never made
twice. A recording is cut only while it is as long as when the cut was ordered.
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
from django.db.models import QuerySet
from django.utils import timezone

from kaltura_bridge.api.adapters import ADAPTERS
from kaltura_bridge.api.adapters.entries import ALIVE
from kaltura_bridge.api.adapters.owned import Deletion
from kaltura_bridge.api.client import Kaltura, Request, new, wire
from kaltura_bridge.api.errors import ABSENT, KalturaError, RemoteRejected, user_message
from kaltura_bridge.api.lists import listed, pager
from kaltura_bridge.api.ownership import confirm
from kaltura_bridge.leases import LeaseLost, Leases
from kaltura_bridge.models import (
    Recording,
    RecordingChange,
    RecordingChangeKind,
    RecordingChangeState,
    RecordingOrigin,
    RecordingStatus,
)
from kaltura_bridge.recordings.asking import HeldRecording, get_entry, read_recording
from kaltura_bridge.recordings.left_uploads import settle_uploads
from kaltura_bridge.recordings.looks import look_soon
from kaltura_bridge.recordings.ownership import is_of_session, made_key, may_be_cut, may_be_used
from kaltura_bridge.specs import Kind
from kaltura_bridge.sync import pause
from kaltura_bridge.sync.lag import index_delay
from kaltura_bridge.sync.links import may_have_been_done
from kaltura_bridge.sync.outcome import back_off_s

logger = logging.getLogger(__name__)

CLAIMED_FOR_S: Final = 180.0
LEASES: Final = Leases(
    RecordingChange,
    lambda: CLAIMED_FOR_S,
    "session__event__delivery",
    "source",
    "asked_by",
)
_BUSY_THERE: Final = "Kaltura is replacing this recording already: wait until it is done."
_VIDEO: Final = "1"  # mediaType
_MADE: Final = (RecordingChangeKind.CLIP, RecordingChangeKind.UPLOAD)
_NO_CONTENT: Final = "7"
_HAS_CONTENT: Final = "ENTRY_ALREADY_WITH_CONTENT"
_USED_UP: Final = "UPLOADED_FILE_NOT_FOUND_BY_TOKEN"
_IS_REPLACED: Final = "ENTRY_REPLACEMENT_ALREADY_EXISTS"


class CannotChange(Exception):
    """Why an order cannot be carried out; the text is for whoever gave it."""


class NotYet(Exception):
    """Kaltura's lists may lag behind an add whose answer was lost: look again later."""


def run_due(for_s: float) -> int:
    """Carry out every order that waits; how many were taken up. Uploads left alone, too."""
    until, taken = time.monotonic() + for_s, 0
    settle_uploads()
    LEASES.free_dead()
    while time.monotonic() < until and not pause.is_paused():
        change = LEASES.take(_due())
        if change is None:
            break
        carry_out(change)
        taken += 1
    return taken


def _due() -> QuerySet[RecordingChange]:
    waiting = RecordingChange.objects.filter(
        state=RecordingChangeState.WAITING, next_attempt_at__lte=timezone.now()
    )
    return waiting.order_by("next_attempt_at", "pk")


def carry_out(change: RecordingChange, kaltura: Kaltura | None = None) -> None:
    """Do what is left of one order, and keep how it stands. Raises nothing of Kaltura's."""
    kaltura = kaltura or Kaltura()
    try:
        try:
            _STEPS[change.kind](change, kaltura)
        except CannotChange as refusal:
            _end(change, kaltura, str(refusal))
        except NotYet:
            _again(change, index_delay(), "")
        except KalturaError as error:
            _note(change, kaltura, error)
        else:
            look_soon([change.session_id])
    except LeaseLost:
        logger.info("Change %s of a recording is another worker's by now.", change.key)


def _note(change: RecordingChange, kaltura: Kaltura, error: KalturaError) -> None:
    logger.warning("Change %s of a recording failed: %s", change.key, error)
    text = user_message("this", error)
    if error.error_class.waits_for_person:
        _end(change, kaltura, text)
    else:
        _again(change, timedelta(seconds=back_off_s(change.attempts, 5.0, 600.0)), text)


def _end(change: RecordingChange, kaltura: Kaltura, error: str) -> None:
    _drop_empty(change, kaltura)
    now = timezone.now()
    LEASES.release(change, state=RecordingChangeState.FAILED, error=error, finished_at=now)


def _drop_empty(change: RecordingChange, kaltura: Kaltura) -> None:
    """Delete the entry that was made for a video that never came.

    One that stays because Kaltura does not answer is found by the scan for orphans.
    """
    if change.kind not in _MADE or not change.entry_id:
        return
    LEASES.keep(change)
    try:
        if _status(change.entry_id, kaltura) != _NO_CONTENT:
            return
        deletion = Deletion(Kind.ENTRY, change.entry_id, reference_of(change))
        owned = confirm(kaltura, [deletion])[0]
        if isinstance(owned, KalturaError):
            raise owned
        _raise(kaltura.ask_once([ADAPTERS[Kind.ENTRY].delete(owned)])[0])
    except (CannotChange, KalturaError) as error:
        logger.warning("The empty entry %s is not deleted: %s", change.entry_id, error)
    else:
        LEASES.keep(change, entry_id="")


def _again(change: RecordingChange, wait: timedelta, error: str) -> None:
    at = timezone.now() + wait
    LEASES.release(change, next_attempt_at=at, attempts=change.attempts + 1, error=error)


# --- A new video: cut from another, or uploaded ----------------------------------------------


def _clip(change: RecordingChange, kaltura: Kaltura) -> None:
    source_id = _source_of(change, kaltura).entry_id

    def check() -> None:
        _refuse_unfit(change, read_recording(_read(source_id, kaltura)))

    _make(change, kaltura, _part_of(source_id, change), check)


def _upload(change: RecordingChange, kaltura: Kaltura) -> None:
    resource = new("KalturaUploadedFileTokenResource", token=change.upload_token)
    _make(change, kaltura, resource, lambda: None)


def _make(
    change: RecordingChange, kaltura: Kaltura, resource: Any, check: Callable[[], None]
) -> None:
    """The entry first, then its content; each is skipped where it is there already.

    ``check`` raises CannotChange where the content must not be taken any more.
    """
    if not change.entry_id:
        entry_id = _found(change, kaltura)
        if not entry_id:
            check()
            entry_id = _added(change, kaltura)
        LEASES.keep(change, entry_id=entry_id)
    if _status(change.entry_id, kaltura) == _NO_CONTENT:
        check()
        LEASES.keep(change)
        entry_id = change.entry_id
        answer = kaltura.ask_once(
            [Request(lambda c: c.media.addContent(entry_id, resource), write=True)]
        )[0]
        if not _has_content_already(answer, entry_id, kaltura):
            _raise(answer)
    _follow(change, RecordingOrigin.REPLACED)


def _has_content_already(answer: Any, entry_id: str, kaltura: Kaltura) -> bool:
    """Whether it was refused because an earlier try, whose answer was lost, has given it."""
    code = answer.code if isinstance(answer, RemoteRejected) else ""
    if code == _USED_UP:
        return _status(entry_id, kaltura) != _NO_CONTENT
    return code == _HAS_CONTENT


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
    LEASES.keep(change, adding_since=timezone.now())
    entry = new(
        "KalturaMediaEntry",
        name=change.name or str(change.session.title)[:250],
        mediaType=_VIDEO,
        referenceId=reference_of(change),
    )
    answer = kaltura.ask_once([Request(lambda c: c.media.add(entry), write=True)])[0]
    if isinstance(answer, KalturaError) and not may_have_been_done(answer):
        LEASES.keep(change, adding_since=None)
    _raise(answer)
    return wire(answer.id)


def _status(entry_id: str, kaltura: Kaltura) -> str:
    answer = kaltura.ask_once([get_entry(entry_id)])[0]
    if isinstance(answer, RemoteRejected) and answer.code in ABSENT:
        raise CannotChange("The new video was deleted at Kaltura before it was finished.")
    _raise(answer)
    return wire(answer.status)


# --- The recording itself ---------------------------------------------------------------------


def _trim(change: RecordingChange, kaltura: Kaltura) -> None:
    """Replace the content by a part of it. A second cut would cut what is left, so look first."""
    source = _source_of(change, kaltura)
    raw = _read(source.entry_id, kaltura)
    held = read_recording(raw)
    was_sent = change.adding_since is not None
    if not was_sent:
        if not is_of_session(kaltura, change.session, raw):
            raise CannotChange(
                "This video is not this session's alone, so the portal does not cut it. Cut a new "
                "video from it instead."
            )
        _refuse_unfit(change, held)
        LEASES.keep(change, adding_since=timezone.now(), length_before_ms=held.milliseconds)
    if not held.is_changing and held.milliseconds == change.length_before_ms:
        _replace(change, source.entry_id, kaltura, was_sent=was_sent)
    with transaction.atomic():
        LEASES.keep(change, entry_id=source.entry_id)
        Recording.objects.filter(pk=source.pk).update(is_changing=True)
        _follow(change, None)


def _replace(change: RecordingChange, entry_id: str, kaltura: Kaltura, *, was_sent: bool) -> None:
    """``was_sent``: an earlier try may have been done; what Kaltura replaces then is ours."""
    resource = _part_of(entry_id, change)
    LEASES.keep(change)
    sent = kaltura.ask_once(
        [Request(lambda c: c.media.updateContent(entry_id, resource), write=True)]
    )[0]
    if isinstance(sent, RemoteRejected) and sent.code == _IS_REPLACED:
        if was_sent:
            return
        raise CannotChange(_BUSY_THERE)
    _raise(sent)


def _read(entry_id: str, kaltura: Kaltura) -> Any:
    answer = kaltura.ask_once([get_entry(entry_id)])[0]
    if isinstance(answer, RemoteRejected) and answer.code in ABSENT:
        raise CannotChange("The recording was deleted at Kaltura.")
    _raise(answer)
    return answer


def _refuse_unfit(change: RecordingChange, held: HeldRecording) -> None:
    """A place in a video is one only in the video that the person saw."""
    if held.is_changing or _other_cuts(change).filter(finished_at=None).exists():
        raise CannotChange(_BUSY_THERE)
    ordered_s = change.length_before_ms // 1000
    was_cut = _other_cuts(change).filter(
        state=RecordingChangeState.DONE, finished_at__gte=change.asked_at
    )
    is_other = bool(ordered_s) and held.seconds != ordered_s
    if is_other or was_cut.exists() or change.start_ms + change.length_ms > _end_of(held):
        raise CannotChange(
            "The recording is not as long any more as when this was ordered. Look at it again."
        )


def _end_of(held: HeldRecording) -> int:
    """People choose by whole seconds, to which Kaltura may have rounded up."""
    return max(held.milliseconds, held.seconds * 1000)


def _other_cuts(change: RecordingChange) -> QuerySet[RecordingChange]:
    """Cuts of the same recording itself that were sent to Kaltura."""
    cuts = RecordingChange.objects.filter(kind=RecordingChangeKind.TRIM, source=change.source_id)
    return cuts.exclude(adding_since=None).exclude(pk=change.pk)


def _source_of(change: RecordingChange, kaltura: Kaltura) -> Recording:
    source = change.source
    if source is None or source.state != RecordingStatus.READY:
        raise CannotChange("The recording to be cut is not ready at Kaltura.")
    if not may_be_cut(kaltura, change, source):
        raise CannotChange("This event may not use the video that was to be cut.")
    return source


def _part_of(entry_id: str, change: RecordingChange) -> Any:
    cut = new("KalturaClipAttributes", offset=change.start_ms, duration=change.length_ms)
    return new(
        "KalturaOperationResource",
        resource=new("KalturaEntryResource", entryId=entry_id),
        operationAttributes=[cut],
    )


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
        # What a look asked before this moment tells nothing of it.
        now = timezone.now()
        LEASES.release(change, state=RecordingChangeState.PROCESSING, adding_since=now, error="")
        if origin is not None:
            _keep_row(change, origin)


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
