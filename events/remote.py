"""What the domain asks of whoever streams its sessions.

The domain plans sessions; where they take place is somebody else's business, who says
how a place stands by registering a source when it starts (``AppConfig.ready``).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

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
    """How a session stands where it is streamed."""

    room: RoomState = RoomState.PREPARING
    recording: RecordingState = RecordingState.NONE


Source = Callable[[Session, StageRole], RemoteState]
_sources: list[Source] = []


def register_source(source: Source) -> None:
    """Let ``source`` answer for all sessions; the one before is replaced."""
    _sources[:] = [source]


def remote_state(session: Session, role: StageRole) -> RemoteState:
    """How the place stands that people of this role enter; preparing when nobody streams."""
    return _sources[0](session, role) if _sources else RemoteState()
