"""The main stage of a track: what is on it at a moment, and what follows.

The track's sessions, a moment and what is known of the broadcast go in. Who may enter what is on
is decided for each session by itself, as everywhere (``events.access``).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from events.access import status_of
from events.i18n.content import ShownText, content_of
from events.models import Event, Session, SessionStatus, Track


class StageKind(StrEnum):
    """What a main stage shows."""

    SESSION = "session"
    PAUSE = "pause"
    OVER = "over"


@dataclass(frozen=True)
class StageMoment:
    """What is ``shown`` (None: nothing now) and what is ``coming`` next (None: nothing more).

    ``changes_at``: when time alone changes that.
    """

    shown: Session | None
    coming: Session | None
    changes_at: datetime | None

    @property
    def kind(self) -> StageKind:
        if self.shown:
            return StageKind.SESSION
        return StageKind.PAUSE if self.coming else StageKind.OVER


def has_main_stage(event: Event, track: Track) -> bool:
    """Whether the event chose one for this track."""
    return event.main_stages or track.main_stage


def main_stages(event: Event, tracks: Iterable[Track]) -> list[tuple[Track, ShownText]]:
    """Those of the tracks that have one, with their names in the language of the page."""
    content = content_of(event)
    chosen = [track for track in tracks if has_main_stage(event, track)]
    return [(track, content.text(track, "name")) for track in chosen]


def staged_at(
    sessions: Sequence[Session], now: datetime, is_off: Callable[[Session], bool]
) -> StageMoment:
    """What is on the stage of these sessions, which come in the order of their starts.

    Of two at a time it is the one that began later. Whatever is longer than planned stays until
    the next begins or its doors close, unless its broadcast ``is_off``, which is asked of that
    one only.
    """
    planned = [each for each in sessions if status_of(each) == SessionStatus.PUBLISHED]
    begun = [each for each in planned if each.starts_at <= now]
    coming = next((each for each in planned if each.starts_at > now), None)
    shown = next((each for each in reversed(begun) if now < each.ends_at), None)
    if shown is None and begun:
        last = max(begun, key=lambda each: each.ends_at)
        shown = last if now < last.doors_close_at and not is_off(last) else None
    changes = [coming.starts_at] if coming else []
    if shown:
        changes.append(shown.ends_at if now < shown.ends_at else shown.doors_close_at)
    return StageMoment(shown, coming, min(changes, default=None))
