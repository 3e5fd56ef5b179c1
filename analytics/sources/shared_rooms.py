"""Which hours of a room that a track shares are one session's alone.

A report of minutes has no times, and Kaltura counts by the hour. So what it says of a room is a
session's only for whole hours in which no other session of the room has its window; where two
have a part of the same hour, the minutes are of several sessions, and count at none of them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final, NamedTuple

from analytics.match import sessions_by_remote_id
from events.models import EventStatus, Session, SessionStatus
from kaltura_bridge.specs import Kind

HOUR: Final = timedelta(hours=1)
SECOND: Final = timedelta(seconds=1)
#: Noted at a report of a room that is not asked about, for nobody's numbers are in it alone.
OF_SEVERAL: Final = "of several sessions"


class OwnHours(NamedTuple):
    """A room, and between which whole hours it is the session's alone: none in ``of_several``."""

    room: str
    since: datetime
    until: datetime
    of_several: bool = False


def hours_of(sessions: Sequence[Session], rooms: Mapping[int, str]) -> dict[int, OwnHours]:
    """Session pk -> its hours, of those whose room others have, too; ``rooms`` by session pk."""
    booked = sessions_by_remote_id(rooms.values(), Kind.ROOM)
    found: dict[int, OwnHours] = {}
    for session in sessions:
        room = rooms.get(session.pk, "")
        others = [each for each in booked.get(room, ()) if each.pk != session.pk]
        if not others:
            continue
        since, until = _whole_hours(session)
        of_several = any(
            start < until and since < end
            for start, end in (_whole_hours(each) for each in others if _takes_place(each))
        )
        found[session.pk] = OwnHours(room, since, until, of_several)
    return found


def _whole_hours(session: Session) -> tuple[datetime, datetime]:
    since = session.doors_open_at.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    # At a full hour the next one has not begun.
    last = session.doors_close_at.astimezone(UTC) - timedelta(microseconds=1)
    return since, last.replace(minute=0, second=0, microsecond=0) + HOUR


def _takes_place(session: Session) -> bool:
    """A cancelled session takes nobody's minutes."""
    is_cancelled = session.status == SessionStatus.CANCELLED
    return not is_cancelled and session.event.status != EventStatus.CANCELLED
