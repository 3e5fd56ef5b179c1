"""Which recording is "the recording" of a session, and which ones attendees can watch.

Attendees see what is published and ready; of several the main one comes first. Which one that
is Kaltura's own order decides (where it leads viewers, what it recorded last, the newest of
the rest) until a person chooses. Where the portal itself leads viewers, that is an echo of this
choice and decides nothing (looking.py): of several broadcasts the newest is the main one.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery

from events.models import Session
from kaltura_bridge.models import (
    Recording,
    RecordingChange,
    RecordingChangeKind,
    RecordingOrigin,
    RecordingStatus,
    SessionDelivery,
)

_ORDER: Final = (
    RecordingOrigin.REPLACED,
    RecordingOrigin.SOURCE,
    RecordingOrigin.REDIRECT,
    RecordingOrigin.RECORDED,
)

#: What a session has because something points there, so that it may be another's.
POINTED: Final = (
    RecordingOrigin.SOURCE,
    RecordingOrigin.NAMED,
    RecordingOrigin.REDIRECT,
    RecordingOrigin.ROOM,
)


#: What a session has because its own broadcast or room recorded it.
OWN: Final = (RecordingOrigin.RECORDED, RecordingOrigin.CHILD, RecordingOrigin.ROOM)
#: What the portal makes a video for.
MADE: Final = (RecordingChangeKind.CLIP, RecordingChangeKind.UPLOAD)


def main_recording(session: Session) -> Recording | None:
    """What attendees watch after the session; None while there is nothing. One query."""
    return published_recordings(session).first()


def published_recordings(session: Session) -> QuerySet[Recording]:
    """Everything that attendees can watch of a session, the main one first."""
    return watchable().filter(session=session).order_by("-is_main", "-recorded_at", "pk")


def watchable() -> QuerySet[Recording]:
    """What attendees can watch, of all sessions: what is published and ready.

    Not the video of a simulive whose settings say that it is not watched again.
    """
    shown = Recording.objects.filter(is_published=True, state=RecordingStatus.READY)
    return shown.exclude(origin=RecordingOrigin.SOURCE, session__delivery__replay=False)


def own_recordings() -> QuerySet[Recording]:
    """What is ready and certainly one session's alone: recorded of it, or made for it.

    What two sessions of a room might both have is neither's.
    """
    same = Q(entry_id=OuterRef("entry_id"))
    made = RecordingChange.objects.filter(same, session=OuterRef("session"), kind__in=MADE)
    others = Recording.objects.filter(same, origin__in=OWN).exclude(session=OuterRef("session"))
    ready = Recording.objects.filter(Q(origin__in=OWN) | Exists(made), ~Exists(others))
    return ready.filter(state=RecordingStatus.READY)


def is_ruled_out(recording: Recording) -> bool:
    """Whether it is a simulive's video that may not be watched after the session. One query."""
    return (
        recording.origin == RecordingOrigin.SOURCE
        and SessionDelivery.objects.filter(session=recording.session_id, replay=False).exists()
    )


def recorded_seconds() -> Subquery:
    """The same for a query of sessions, as the domain asks for it (``events.remote``)."""
    shown = watchable().filter(session=OuterRef("pk"))
    return Subquery(shown.order_by("-is_main", "-recorded_at", "pk").values("seconds")[:1])


def best_of(recordings: Iterable[Recording]) -> Recording | None:
    """Which of a session's recordings should be the main one now; None: there is none. Pure."""
    alive = [each for each in recordings if each.state == RecordingStatus.READY]
    chosen = next((each for each in alive if each.is_main and each.chosen_at), None)
    return chosen or max(alive, key=_rank, default=None)


def _rank(recording: Recording) -> tuple[bool, int, float, int]:
    """What is published goes before what is not; the newer of two alike."""
    origins: Sequence[str] = _ORDER
    place = origins.index(recording.origin) if recording.origin in origins else len(origins)
    return recording.is_published, -place, recording.recorded_at.timestamp(), -(recording.pk or 0)
