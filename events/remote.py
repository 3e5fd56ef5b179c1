"""What the domain asks of whoever streams its sessions.

The domain plans sessions; where they take place is somebody else's business, who says
how a place stands by registering a source when it starts (``AppConfig.ready``).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from django.db.models import IntegerField, Value

from events.models import Session
from events.roles import StageRole


class RoomState(StrEnum):
    """How far the room or broadcast of a session is."""

    READY = "ready"
    PREPARING = "preparing"
    FAILED = "failed"
    NOT_CONFIGURED = "not_configured"


class RecordingState(StrEnum):
    """Whether there is something to watch after a session."""

    NONE = "none"
    PROCESSING = "processing"
    READY = "ready"


@dataclass(frozen=True)
class RemoteState:
    """How a session stands where it is streamed.

    ``recording_s``: the length of what there is to watch afterwards; 0 where nobody knows.
    ``can_download``: whether attendees may keep a copy of it. ``has_transcript``: whether what is
    said in it can be read.
    """

    room: RoomState = RoomState.PREPARING
    recording: RecordingState = RecordingState.NONE
    recording_s: int = 0
    can_download: bool = False
    has_transcript: bool = False


Source = Callable[[Session, StageRole], RemoteState]
_sources: list[Source] = []


def register_source(source: Source) -> None:
    """Let ``source`` answer for all sessions; the one before is replaced."""
    _sources[:] = [source]


def remote_state(session: Session, role: StageRole) -> RemoteState:
    """How the place stands that people of this role enter; preparing when nobody streams."""
    return _sources[0](session, role) if _sources else RemoteState()


_lengths: list[Callable[[], Any]] = []


def register_recorded_length(expression: Callable[[], Any]) -> None:
    """Let ``expression`` find what was recorded of sessions, as ``recorded_length`` says it.

    The one before is replaced. Whoever changes what it finds raises the programme's version
    (``programme/recording.py``).
    """
    _lengths[:] = [expression]


def recorded_length() -> Any:
    """For a query of sessions: the seconds of what attendees can watch of each once it is over.

    NULL where that is nothing, 0 where nobody knows how long it is.
    """
    return _lengths[0]() if _lengths else Value(None, IntegerField(null=True))


def length_text(seconds: int) -> str:
    """``1:02:03`` or ``2:03``."""
    hours, rest = divmod(seconds, 3600)
    minutes, left = divmod(rest, 60)
    return f"{hours}:{minutes:02}:{left:02}" if hours else f"{minutes}:{left:02}"
