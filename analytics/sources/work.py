"""Which of Kaltura's reports are asked about which sessions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Final

from django.conf import settings

from analytics.match import recording_ids, remote_ids
from analytics.models import Source
from analytics.sources.kaltura_reports import ENGAGEMENT, REALTIME, WEBCAST, PersonReport
from events.models import Session
from kaltura_bridge.specs import Kind

# So long the realtime report may know more than the others.
REALTIME_FOR: Final = timedelta(hours=6)


def viewer_work(
    sessions: Sequence[Session], now: datetime
) -> Iterator[tuple[PersonReport, list[tuple[Session, list[str]]]]]:
    """Which reports are asked about which sessions, and about which entries of each.

    A webcast's recordings are asked about together with it, a room's by themselves: what
    happened in the room says Newrow.
    """
    recordings, rooms = recording_ids(sessions), remote_ids(sessions, Kind.ROOM)
    entries = remote_ids(sessions, Kind.ENTRY)
    watched = [
        (session, ids)
        for session in sessions
        if (ids := [*filter(None, [entries.get(session.pk)]), *recordings.get(session.pk, [])])
    ]
    if watched:
        yield WEBCAST, watched
    further = settings.KALTURA_FURTHER_REPORTS
    live = [(s, [place]) for s in sessions if (place := entries.get(s.pk) or rooms.get(s.pk))]
    if Source.ENGAGEMENT in further and live:
        yield ENGAGEMENT, live
    # The first report is late by minutes or hours; after that it knows better.
    recent = [(s, ids) for s, ids in live if s.pk in entries and s.ends_at > now - REALTIME_FOR]
    if Source.REALTIME in further and recent:
        yield REALTIME, recent
