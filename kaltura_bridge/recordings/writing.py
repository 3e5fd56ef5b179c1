"""Keeps what a look found: rows made, renewed or marked as gone, and one of them the main one."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from events.models import Session
from events.news.recorded import tell_recorded
from events.programme.recording import raise_version
from kaltura_bridge.captions import retiming
from kaltura_bridge.delivery.options import event_delivery
from kaltura_bridge.models import (
    Recording,
    RecordingChange,
    RecordingChangeKind,
    RecordingChangeState,
    RecordingLook,
    RecordingOrigin,
    RecordingStatus,
)
from kaltura_bridge.queue import notify_worker_on_commit
from kaltura_bridge.recordings.choosing import POINTED, best_of, recorded_seconds
from kaltura_bridge.recordings.cut_outcome import cut_outcome
from kaltura_bridge.sync import states

if TYPE_CHECKING:  # it loads the Kaltura client, which the web process does without
    from kaltura_bridge.recordings.asking import Asked, HeldRecording

#: Who waits longer for Kaltura waits in vain.
PATIENCE: Final = timedelta(days=7)
#: How each is seen by attendees: when one of these changes, their pages do.
_SHOWN: Final = ("pk", "entry_id", "state", "seconds", "is_published", "is_main")


@dataclass(frozen=True)
class FoundRecording:
    """A video that a look found for a session. ``is_stage``: recorded where only the stage is."""

    held: HeldRecording
    origin: RecordingOrigin
    is_stage: bool = False


def write_found(
    session: Session,
    found: Mapping[str, FoundRecording],
    asked: Asked,
    sizes: Mapping[str, int],
    *,
    foreign: Collection[str] = (),
) -> bool:
    """Bring the session's rows in step with a look, in one transaction; written twice is once.

    True when that changed what there is to watch. Rows of other looks and what people chose
    stay: origin, name in the portal's list, publication and the choice of the main one.
    ``foreign``: what the session names and may not have (any longer) goes.
    """
    now = timezone.now()
    with transaction.atomic():
        # Two looks at once write one after the other.
        if not RecordingLook.objects.select_for_update().filter(session=session):
            return False  # the session was deleted while Kaltura was asked
        before, was_shown = _shown(session), is_watchable(session)
        pointed = Recording.objects.filter(session=session, origin__in=POINTED)
        pointed.filter(entry_id__in=foreign).delete()
        rows = {row.entry_id: row for row in Recording.objects.filter(session=session)}
        for entry_id, row in rows.items():
            was = RecordingContent.of(row)
            _renew(row, asked, sizes, now)
            _look_after_captions(session, row, was)
            if entry_id in found:
                _upgrade(row, found[entry_id])
            row.save()
        for entry_id, each in found.items():
            if entry_id not in rows and each.held.status is not RecordingStatus.GONE:
                rows[entry_id] = _new(session, each, sizes, now)
        _settle_changes(session, rows, asked)
        settle_main(session)
        has_changed = _shown(session) != before
        if has_changed:
            note_shown_changed(session, was_shown=was_shown)
    return has_changed


def _shown(session: Session) -> list[Any]:
    rows = Recording.objects.filter(session=session).order_by("pk")
    return list(rows.values_list(*_SHOWN))


def is_watchable(session: Session) -> bool:
    """Whether attendees have anything to watch once the session is over; as they are told so."""
    found = Session.objects.filter(pk=session.pk).annotate(recorded_s=recorded_seconds())
    return found.filter(recorded_s__isnull=False).exists()


def note_shown_changed(session: Session, *, was_shown: bool) -> None:
    """What attendees can watch has changed: their pages are rendered anew.

    Of the first that they can watch those hear who starred the session. Where Kaltura lists
    recordings, and leads viewers to them, follows with the next sync (recipes/recorded.py).
    """
    raise_version(session.event_id, "default")
    states.touch(session)
    notify_worker_on_commit()
    if not was_shown and is_watchable(session):
        tell_recorded(session)


def _renew(row: Recording, asked: Asked, sizes: Mapping[str, int], now: datetime) -> None:
    held = asked.recordings.get(row.entry_id)
    if held is None:
        if row.entry_id in asked.absent:
            row.state, row.is_changing = RecordingStatus.GONE, False
        return
    row.state, row.is_changing, row.seen_at = held.status, held.is_changing, now
    row.name, row.seconds, row.plays = held.name or row.name, held.seconds, held.plays
    row.bytes = sizes.get(row.entry_id, row.bytes)


@dataclass(frozen=True)
class RecordingContent:
    """What tells whether a recording has other content than at the look before."""

    seconds: int
    is_changing: bool
    seen_at: datetime

    @classmethod
    def of(cls, row: Recording) -> RecordingContent:
        return cls(row.seconds, row.is_changing, row.seen_at)


def _look_after_captions(session: Session, row: Recording, was: RecordingContent) -> None:
    """Captions of what was cut or replaced, here or at Kaltura, have the times from before."""
    if row.state != RecordingStatus.READY or not row.seconds or not was.seconds:
        return
    is_done = was.is_changing and not row.is_changing
    if row.seconds < was.seconds or (is_done and row.seconds != was.seconds):
        retiming.withhold(session, row.entry_id, row.seconds, _before_cut(row, was))
    elif is_done:
        retiming.read_soon(session, row.entry_id)


def _before_cut(row: Recording, was: RecordingContent) -> datetime:
    """When it certainly was as before."""
    cuts = RecordingChange.objects.filter(kind=RecordingChangeKind.TRIM, source=row)
    of_now = cuts.filter(Q(finished_at=None) | Q(finished_at__gt=was.seen_at))
    ordered = of_now.exclude(adding_since=None).order_by("-asked_at").values_list("asked_at")
    return max([was.seen_at, *(asked_at for (asked_at,) in ordered[:1])])


def _upgrade(row: Recording, found: FoundRecording) -> None:
    """A broadcast's recording may be told by its root first and by its name later, or so."""
    if row.origin in (RecordingOrigin.CHILD, RecordingOrigin.RECORDED, RecordingOrigin.REDIRECT):
        row.origin = found.origin


def _new(
    session: Session, each: FoundRecording, sizes: Mapping[str, int], now: datetime
) -> Recording:
    held = each.held
    return Recording.objects.create(
        session=session,
        entry_id=held.entry_id,
        origin=each.origin,
        state=held.status,
        name=held.name,
        seconds=held.seconds,
        bytes=sizes.get(held.entry_id, 0),
        plays=held.plays,
        is_published=_is_published(session, each),
        is_changing=held.is_changing,
        recorded_at=held.created_at,
        seen_at=now,
    )


def _is_published(session: Session, each: FoundRecording) -> bool:
    """By the event's choice; never by itself what was recorded before the doors or backstage."""
    decided = event_delivery(session.event)
    if each.is_stage or (decided and decided.recordings_by_hand):
        return False
    if each.origin == RecordingOrigin.SOURCE:
        options = getattr(session, "delivery", None)
        return bool(options is None or options.replay)
    is_part = each.origin in (RecordingOrigin.CHILD, RecordingOrigin.ROOM, RecordingOrigin.NAMED)
    return not (is_part and each.held.created_at < session.doors_open_at)


def settle_main(session: Session) -> None:
    """Exactly one main recording where any is ready; the one that a person chose, if it is."""
    rows = list(Recording.objects.filter(session=session))
    best = best_of(rows)
    for row in rows:
        if row.is_main and (best is None or row.pk != best.pk):
            Recording.objects.filter(pk=row.pk).update(is_main=False, chosen_at=None)
    if best is not None and not best.is_main:
        Recording.objects.filter(pk=best.pk).update(is_main=True)


def _settle_changes(session: Session, rows: Mapping[str, Recording], asked: Asked) -> None:
    """End the changes whose video is ready, or failed; what was to be replaced is hidden."""
    open_ = RecordingChange.objects.filter(session=session, state=RecordingChangeState.PROCESSING)
    sent_before = Q(adding_since=None) | Q(adding_since__lte=asked.begun_at)
    for change in open_.filter(sent_before).exclude(entry_id=""):
        row = rows.get(change.entry_id)
        error = _outcome(change, row, asked) if row else None
        if row is None or error is None:
            continue
        change.state = RecordingChangeState.FAILED if error else RecordingChangeState.DONE
        change.error, change.finished_at = error, timezone.now()
        change.save(update_fields=["state", "error", "finished_at"])
        if not error and change.kind == RecordingChangeKind.CLIP and change.source:
            retiming.expect_copies(session, row.entry_id, change.source.entry_id)
        if not error and change.replaces and change.kind != RecordingChangeKind.TRIM:
            show_instead(row)


def _outcome(change: RecordingChange, row: Recording, asked: Asked) -> str | None:
    """What went wrong; "" when it is done, and None while it goes on."""
    if row.state in _WENT_WRONG:
        return _WENT_WRONG[row.state]
    if timezone.now() > change.asked_at + PATIENCE:
        return "Kaltura has not finished it within a week."
    if row.state == RecordingStatus.PROCESSING:
        return None
    if change.kind == RecordingChangeKind.TRIM:
        return cut_outcome(change, asked.recordings.get(row.entry_id))
    return None if row.is_changing else ""


_WENT_WRONG: Final[Mapping[str, str]] = {
    RecordingStatus.FAILED: "Kaltura could not process it.",
    RecordingStatus.GONE: "It was deleted at Kaltura before it was ready.",
}


def show_instead(row: Recording) -> None:
    """Make it the main one, chosen by a person; what was shown until then is hidden."""
    others = Recording.objects.filter(session=row.session_id).exclude(pk=row.pk)
    others.update(is_main=False, chosen_at=None, is_published=False)
    Recording.objects.filter(pk=row.pk).update(
        is_main=True, is_published=True, chosen_at=timezone.now()
    )
