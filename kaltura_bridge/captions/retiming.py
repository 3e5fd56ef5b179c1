"""Captions of a recording that was cut: withheld from viewers while their times are the old ones.

Kaltura deletes them then and copies them with the times that they have in the part, under new
ids (kCopyCaptionsFlowManager of kaltura/server); where the content was replaced otherwise, it
leaves them as they are. So captions that the portal knew before fit no more, until others come,
or until somebody of the team says that they do. Nothing here speaks to Kaltura.
"""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from events.models import Session
from kaltura_bridge.models import CaptionTrack, Transcript
from kaltura_bridge.models.captions import RETIMED_WITHIN


def withhold(session: Session, entry_id: str, seconds: int, before: datetime) -> None:
    """The recording has another length by now. ``before``: it certainly had not yet at that time.

    What was read since then may be right already, unless it goes on after the end.
    """
    with transaction.atomic():
        row = _of(session, entry_id).select_for_update().first()
        if row is None:
            return  # It is read for the first time.
        tracks = row.tracks.all()
        late = [track.pk for track in tracks if track.cues and track.cues[-1][0] > seconds * 1000]
        old = tracks.filter(Q(fetched_at__lte=before) | Q(pk__in=late))
        now = timezone.now()
        waits = {"cut_at": now} if old.update(is_outdated=True) else {}
        Transcript.objects.filter(pk=row.pk).update(look_at=now, **waits)


def expect_copies(session: Session, entry_id: str, source_id: str) -> None:
    """A video was cut from another: Kaltura copies that one's captions, if it has any."""
    if not CaptionTrack.objects.filter(transcript__entry_id=source_id).exists():
        return
    row, _ = Transcript.objects.get_or_create(session=session, entry_id=entry_id)
    if not row.tracks.exists():
        Transcript.objects.filter(pk=row.pk).update(cut_at=timezone.now())


def read_soon(session: Session, entry_id: str) -> None:
    """Something was changed about the recording: its captions may be others."""
    _of(session, entry_id).update(look_at=timezone.now())


def _of(session: Session, entry_id: str) -> QuerySet[Transcript]:
    return Transcript.objects.filter(session=session, entry_id=entry_id)


def is_awaited(row: Transcript) -> bool:
    """Whether captions with the right times may come any minute."""
    return row.cut_at is not None and not row.is_overdue


def awaited() -> Q:
    """The same of many."""
    return Q(cut_at__gt=timezone.now() - RETIMED_WITHIN)


def settle(row: Transcript) -> None:
    """After all of its captions were read: nothing is awaited once all that there are fit."""
    fitting, old = (row.tracks.filter(is_outdated=flag).exists() for flag in (False, True))
    if fitting and not old:
        Transcript.objects.filter(pk=row.pk, cut_at=row.cut_at).update(cut_at=None)
        row.cut_at = None


def keep_as_they_are(track: CaptionTrack) -> bool:
    """Somebody says that the times are right; False when that is not in question."""
    with transaction.atomic():
        old = CaptionTrack.objects.filter(pk=track.pk, is_outdated=True)
        if not old.update(is_outdated=False):
            return False
        settle(track.transcript)
    return True
