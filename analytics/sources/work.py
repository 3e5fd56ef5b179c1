"""Which of Kaltura's reports are asked about which sessions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from django.conf import settings

from analytics.match import remote_ids
from analytics.models import Source
from analytics.sources.kaltura_reports import ENGAGEMENT, REALTIME, WEBCAST, PersonReport
from analytics.sources.recordings import Recordings, SharedRecording, recordings_of
from analytics.sources.shared_rooms import OwnHours, hours_of
from events.models import Session
from kaltura_bridge.specs import Kind

# So long the realtime report may know more than the others.
REALTIME_FOR: Final = timedelta(hours=6)


class Watched(NamedTuple):
    """What a report is asked about for a session, and under which id its rows are kept.

    ``place`` is the session's own webcast or room, which no other session has. Viewers of the
    ``entries`` are the session's, of ``shared`` recordings only for a time. ``own_hours``: of a
    room that others have, too. ``is_shared``: something of it is said of several sessions
    together, and is not asked about.
    """

    place: str
    entries: tuple[str, ...]
    shared: tuple[SharedRecording, ...] = ()
    own_hours: OwnHours | None = None
    is_shared: bool = False


ViewerWork = list[tuple[Session, Watched]]


def viewer_work(
    sessions: Sequence[Session], now: datetime
) -> Iterator[tuple[PersonReport, ViewerWork]]:
    """Which reports are asked about which sessions, and about which entries of each.

    A webcast's recordings are asked about together with it, a room's by themselves: what
    happened in the room says Newrow.
    """
    entries, rooms = remote_ids(sessions, Kind.ENTRY), remote_ids(sessions, Kind.ROOM)
    further = settings.KALTURA_FURTHER_REPORTS
    live = [(s, Watched(entries[s.pk], (entries[s.pk],))) for s in sessions if s.pk in entries]
    # First the one that tells addresses: whose ids these are, the others do not say.
    if Source.ENGAGEMENT in further and (entries or rooms):
        yield ENGAGEMENT, [*live, *_in_rooms(sessions, entries, rooms)]
    if watched := _watched(sessions, entries, rooms):
        yield WEBCAST, watched
    # The first report is late by minutes or hours; after that it knows better.
    recent = [(s, seen) for s, seen in live if s.ends_at > now - REALTIME_FOR]
    if Source.REALTIME in further and recent:
        yield REALTIME, recent


def _in_rooms(
    sessions: Sequence[Session], entries: dict[int, str], rooms: dict[int, str]
) -> ViewerWork:
    """Each room whose session has no webcast; of one that a track shares, the session's hours."""
    own = {pk: room for pk, room in rooms.items() if pk not in entries}
    hours = hours_of(sessions, own)
    found: ViewerWork = []
    for session in sessions:
        if at := hours.get(session.pk):
            place = place_in_shared_room(at.room, session)
            found.append((session, Watched(place, (), (), at, at.of_several)))
        elif room := own.get(session.pk):
            found.append((session, Watched(room, (room,))))
    return found


def _place_in_track(session: Session, own: Recordings) -> str:
    """What stands for the place of a session in its track's room: that is not its own."""
    return f"recordings/{session.uuid.hex}" if own.alone else ""


def place_in_shared_room(room: str, session: Session) -> str:
    """No other session has this place, so what is kept under it is never another's."""
    return f"{room}/{session.uuid.hex}"


def _watched(
    sessions: Sequence[Session], entries: dict[int, str], rooms: dict[int, str]
) -> ViewerWork:
    """Each webcast with its recordings, and each room that has any."""
    recordings = recordings_of(sessions)
    found: ViewerWork = []
    for session in sessions:
        own = recordings.get(session.pk, Recordings())
        webcast = entries.get(session.pk)
        place = webcast or rooms.get(session.pk) or _place_in_track(session, own)
        ids = (*([webcast] if webcast else []), *own.alone)
        if place and (ids or own.shared or own.of_several):
            is_shared = bool(own.of_several)
            found.append((session, Watched(place, ids, own.shared, is_shared=is_shared)))
    return found
