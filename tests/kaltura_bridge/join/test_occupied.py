"""Nobody comes into another session of a shared room without knowing it."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from events.models import Session, SessionType, Track
from kaltura_bridge.models import RemoteLink, SyncTarget, TargetKind
from kaltura_bridge.specs import Kind, key_for
from tests.factories import EventFactory, TrackFactory
from tests.kaltura_bridge.support.joining import attendee_of, join_url, live_session, signed_in

MINUTE = timedelta(minutes=1)
ROOM = SessionType.INTERACTIVE


def a_shared_room(**event: int) -> Track:
    """A track whose meetings share one room at Kaltura."""
    track = TrackFactory(event=EventFactory(doors_open_minutes=15, overrun_minutes=20, **event))
    about = {"event_uuid": track.event.uuid, "title": track.name}
    target, _ = SyncTarget.objects.update_or_create(
        kind=TargetKind.TRACK, object_uuid=track.uuid, defaults=about
    )
    RemoteLink.objects.create(
        target=target, kind=Kind.ROOM, key=key_for(track.uuid, ROOM), remote_id="1_shared12"
    )
    return track


def said(client: Client, session: Session, query: str = "") -> tuple[int, str]:
    """The answer's status, and the session whose turn it is, if that is said."""
    page = client.get(join_url(session) + query)
    whose = re.search(r'belongs to <strong dir="auto">(.*?)</strong>', page.content.decode())
    return page.status_code, re.sub("<.*?>", "", whose[1]) if whose else ""


@pytest.mark.django_db
def test_whoever_comes_reads_whose_turn_it_is_and_goes_in_knowingly():
    track, now = a_shared_room(), timezone.now()
    plan = {"Before": (0, 30), "After": (30, 60), "Beside": (40, 50)}
    sessions = [
        live_session(
            event=track.event,
            track=track,
            session_type=ROOM,
            title=title,
            starts_at=now + begins * MINUTE,
            ends_at=now + ends * MINUTE,
        )
        for title, (begins, ends) in plan.items()
    ]
    before, after, beside = sessions
    client = signed_in(attendee_of(before))

    def at(minutes: int, session: Session, query: str = "") -> tuple[int, str]:
        with time_machine.travel(now + minutes * MINUTE):
            return said(client, session, query)

    assert at(5, before) == (200, "")
    # Its doors are open, and the one before is not over.
    assert at(20, after) == (409, "Before")
    assert at(20, after, "?anyway=1") == (200, "")
    assert at(20, after, "?stage=1") == (409, "Before")
    assert at(31, after) == (200, "")
    # The one before is longer than planned; the room is no longer its own.
    assert at(35, before) == (409, "After")
    # Of two that were planned at the same time the first has the room.
    assert (at(45, after), at(45, beside)) == ((200, ""), (409, "After"))


@pytest.mark.django_db
def test_asking_whose_turn_it_is_costs_no_query(django_assert_num_queries):
    track, now = a_shared_room(), timezone.now()
    room = {"event": track.event, "track": track, "session_type": ROOM}
    live_session(**room)
    after = live_session(**room, starts_at=now + 5 * MINUTE, ends_at=now + 50 * MINUTE)
    client = signed_in(attendee_of(after))
    client.get(join_url(after))

    with django_assert_num_queries(4):
        assert client.get(join_url(after)).status_code == 409
