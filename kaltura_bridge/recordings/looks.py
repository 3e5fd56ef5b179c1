"""Asks for looks: somebody pressed a button, or Kaltura said that an entry changed."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from django.utils import timezone

from events.models import Session
from kaltura_bridge.models import Recording, RecordingLook, RemoteLink, TargetKind
from kaltura_bridge.specs import Kind


def make_looks(pks: Sequence[int]) -> None:
    """A look for each of these sessions that has none."""
    looks = [RecordingLook(session_id=pk) for pk in pks]
    RecordingLook.objects.bulk_create(looks, ignore_conflicts=True)


def look_soon(pks: Collection[int]) -> None:
    """Have the worker look for the recordings of these sessions with its next round."""
    make_looks(list(pks))
    RecordingLook.objects.filter(session__in=pks).update(next_look_at=timezone.now(), failures=0)


def look_for_entries(ids: Collection[str]) -> None:
    """The same for the sessions that these entries are recordings or places of.

    Kaltura sends a message for each change, so a session whose look was a moment ago keeps its
    turn: what is due later comes first, nothing comes twice.
    """
    of_recordings = Recording.objects.filter(entry_id__in=ids).values_list("session", flat=True)
    links = RemoteLink.objects.filter(
        remote_id__in=ids, kind__in=(Kind.ENTRY, Kind.ROOM), target__kind=TargetKind.SESSION
    )
    uuids = links.values_list("target__object_uuid", flat=True)
    started = Session.objects.filter(uuid__in=list(uuids), starts_at__lte=timezone.now())
    if pks := {*of_recordings, *started.values_list("pk", flat=True)}:
        now = timezone.now()
        make_looks(sorted(pks))
        later = RecordingLook.objects.filter(session__in=pks, next_look_at__gt=now)
        later.update(next_look_at=now)
