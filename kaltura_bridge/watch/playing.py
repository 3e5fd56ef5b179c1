"""What there is to play of a session now: the broadcast, its recording, or nothing yet.

In the order in which Kaltura's own players look: live, the redirect, the recording, a finished
one among several (``kaltura-facts``: what to play). What a recording is and whether it is ready
is read from our own tables, which a worker keeps; Kaltura is asked for one thing only, whether
the broadcast is on air, once for all who ask within five seconds.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from django.utils import timezone

from events.models import Session
from events.remote import RecordingState
from events.roles import StageRole
from kaltura_bridge.join.destination import JoinDestination, KafPage, destination_of
from kaltura_bridge.live.state import live_state


class WhatPlays(StrEnum):
    """What somebody sees who opens the player now."""

    LIVE = "live"  # the broadcast, or that it has not begun
    RECORDING = "recording"
    PROCESSING = "processing"
    NOTHING = "nothing"


@dataclass(frozen=True)
class Playable:
    """What plays, and the id of its entry at Kaltura; "" where nothing does."""

    what: WhatPlays
    entry_id: str = ""


# A broadcast that runs on so long after its planned end is somebody's mistake.
_RUNS_ON: Final = timedelta(days=1)
_NOT_READY: Final = {RecordingState.PROCESSING: WhatPlays.PROCESSING}


def playable(session: Session, role: StageRole = StageRole.ATTENDEE) -> Playable:
    """What people of this role play of the session now."""
    return playable_at(session, destination_of(session, role), timezone.now())


def playable_at(session: Session, destination: JoinDestination, now: datetime) -> Playable:
    """The same, where it is already known what the session became at Kaltura."""
    is_broadcast = destination.page is KafPage.ENTRY and bool(destination.entry_id)
    if is_broadcast and (now < session.ends_at or _runs_on(session, destination, now)):
        return Playable(WhatPlays.LIVE, destination.entry_id)
    if destination.recording_id:
        return Playable(WhatPlays.RECORDING, destination.recording_id)
    return Playable(_NOT_READY.get(destination.state.recording, WhatPlays.NOTHING))


def _runs_on(session: Session, destination: JoinDestination, now: datetime) -> bool:
    """Whether viewers still see the broadcast after its planned end.

    A simulive is its own recording: then the entry is what is watched in either case.
    """
    if now - session.ends_at > _RUNS_ON or destination.recording_id == destination.entry_id:
        return False
    return live_state(destination.entry_id).is_on_air
