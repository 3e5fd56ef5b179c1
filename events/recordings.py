"""Whether there is something to watch after a session.

The domain plans sessions; whoever streams them knows about recordings and says so
by registering a source when it starts (``AppConfig.ready``).
"""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum

from events.models import Session


class Recording(StrEnum):
    NONE = "none"
    PROCESSING = "processing"
    READY = "ready"


Source = Callable[[Session], Recording]
_sources: list[Source] = []


def register_source(source: Source) -> Source:
    """Let ``source`` answer for sessions. Usable as a decorator."""
    if source not in _sources:
        _sources.append(source)
    return source


def recording_of(session: Session) -> Recording:
    """The best answer of all sources: ready before processing before none."""
    answers = {source(session) for source in _sources}
    for answer in (Recording.READY, Recording.PROCESSING):
        if answer in answers:
            return answer
    return Recording.NONE
