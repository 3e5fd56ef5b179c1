"""What attendees see of recordings, changed here alone: nothing of this is written to Kaltura."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from django.db import transaction
from django.utils import timezone

from events.models import Session
from kaltura_bridge.captions.asking import apply_rules_soon
from kaltura_bridge.models import Recording, RecordingLook, RecordingStatus
from kaltura_bridge.recordings.choosing import best_of, is_ruled_out
from kaltura_bridge.recordings.writing import is_watchable, note_shown_changed, settle_main


def publish(recording: Recording) -> bool:
    """Show it to attendees; False when it is shown already, or is not there any more."""

    def do(rows: list[Recording]) -> bool:
        return not is_ruled_out(recording) and _set(rows, recording.pk, is_published=True)

    return _changed(recording.session, do)


def hide(recording: Recording) -> bool:
    """Show it no more; False when it is not shown."""

    def do(rows: list[Recording]) -> bool:
        # Whoever hides what was chosen has not chosen it any longer.
        return _set(rows, recording.pk, is_published=False, chosen_at=None)

    return _changed(recording.session, do)


def choose(recording: Recording) -> bool:
    """Make it the main one, and leave it there; False when it is, or cannot be played."""

    def do(rows: list[Recording]) -> bool:
        row = next((each for each in rows if each.pk == recording.pk), None)
        is_so = row is not None and row.is_main and row.chosen_at is not None and row.is_published
        if row is None or is_so or row.state != RecordingStatus.READY or is_ruled_out(row):
            return False
        session_rows = Recording.objects.filter(session=recording.session)
        session_rows.exclude(pk=row.pk).update(is_main=False, chosen_at=None)
        session_rows.filter(pk=row.pk).update(
            is_main=True, is_published=True, chosen_at=timezone.now()
        )
        return True

    return _changed(recording.session, do)


def _set(rows: Iterable[Recording], pk: int, *, is_published: bool, **also: object) -> bool:
    row = next((each for each in rows if each.pk == pk), None)
    if row is None or row.is_published == is_published or row.state == RecordingStatus.GONE:
        return False
    Recording.objects.filter(pk=pk).update(is_published=is_published, **also)
    return True


def _changed(session: Session, do: Callable[[list[Recording]], bool]) -> bool:
    """One at a time with looks at the same session; then the main one, and the pages."""
    with transaction.atomic():
        list(RecordingLook.objects.select_for_update().filter(session=session))
        was_shown = is_watchable(session)
        if not do(list(Recording.objects.filter(session=session))):
            return False
        settle_main(session)
        note_shown_changed(session, was_shown=was_shown)
        apply_rules_soon({session.event_id})
    return True


def to_publish(session: Session, recordings: Iterable[Recording]) -> Recording | None:
    """What "publish" means for a session in a list: its main one, where nothing is shown yet."""
    rows = list(recordings)
    best = best_of(rows)
    return None if best is None or any(each.is_shown for each in rows) else best
