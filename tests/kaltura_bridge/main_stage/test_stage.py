"""A main stage over HTTP: what is on, for whom, and what it costs to ask."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from events.agenda.main_stage import StageKind, staged_at
from events.models import Event, Session, SessionStatus, SessionType, Track, Visibility
from kaltura_bridge.join.destination import remote_entry_id
from kaltura_bridge.live.state import forget_state
from kaltura_bridge.models import Recording, RecordingOrigin, RecordingStatus
from tests.factories import EventFactory, SessionFactory, TrackFactory, UserFactory
from tests.kaltura_bridge.join.test_kaf import at_kaltura
from tests.kaltura_bridge.support.joining import attendee_of, join_url, linked, signed_in

MINUTE = timedelta(minutes=1)
FRAMED = re.compile(r'data-stage-place.*?<iframe [^>]*src="([^"?]+)\?stage=1"', re.DOTALL)
MARKS = re.compile(r'<li class="is-(\w+)"')


@pytest.fixture(autouse=True)
def nobody_knows_yet():
    cache.clear()


def a_stage(**event: Any) -> tuple[Event, Track, datetime]:
    """A track with a main stage at an event that runs now, and now."""
    fields = {"doors_open_minutes": 10, "overrun_minutes": 20, **event}
    track = TrackFactory(event=EventFactory(**fields), main_stage=True)
    return track.event, track, timezone.now().replace(microsecond=0)


def a_session(track: Track, starts_at: datetime, minutes: int = 30, **fields: Any) -> Session:
    fields = {"session_type": SessionType.INTERACTIVE, **fields}
    ends_at = starts_at + minutes * MINUTE
    return SessionFactory(
        event=track.event, track=track, starts_at=starts_at, ends_at=ends_at, **fields
    )


def stage_url(track: Track, name: str = "main_stage") -> str:
    return reverse(f"kaltura:{name}", args=[track.event.slug, track.slug])


def on_it(client: Client, track: Track) -> tuple[str, str, list[str]]:
    """What the stage shows: its kind, the address in the frame, and the marks beside it."""
    said = client.get(stage_url(track, "main_stage_state")).json()
    page = client.get(stage_url(track))
    assert page.status_code == 200, page.content.decode()
    text = page.content.decode()
    framed = FRAMED.search(text)
    assert f'data-key="{said["key"]}" data-kind="{said["kind"]}"' in text
    return said["kind"], framed[1] if framed else "", MARKS.findall(text)


@pytest.mark.django_db
def test_the_stage_carries_on_from_session_to_session():
    _, track, now = a_stage()
    first = a_session(track, now, 30)
    a_session(track, now + 30 * MINUTE, status=SessionStatus.CANCELLED)
    second = a_session(track, now + 40 * MINUTE, 30)
    third = a_session(track, now + 100 * MINUTE, 30)
    a_session(TrackFactory(event=track.event), now)
    client = signed_in(attendee_of(first))

    def at(minutes: float) -> tuple[str, str, list[str]]:
        with time_machine.travel(now + minutes * MINUTE, tick=False):
            return on_it(client, track)

    cancelled = "cancelled"
    assert [at(minutes) for minutes in (-1, 0, 35, 40, 95, 100, 149, 151)] == [
        ("pause", "", ["next", cancelled, "coming", "coming"]),
        ("session", join_url(first), ["now", cancelled, "next", "coming"]),
        # A room stays open after its time, until the next begins or its doors close.
        ("session", join_url(first), ["now", cancelled, "next", "coming"]),
        ("session", join_url(second), ["past", cancelled, "now", "next"]),
        ("pause", "", ["past", cancelled, "past", "next"]),
        ("session", join_url(third), ["past", cancelled, "past", "now"]),
        ("session", join_url(third), ["past", cancelled, "past", "now"]),
        ("over", "", ["past", cancelled, "past", "past"]),
    ]


@pytest.mark.django_db
def test_the_moments_at_which_time_alone_changes_it():
    _, track, now = a_stage()
    a_session(track, now, 30)
    a_session(track, now + 10 * MINUTE, 60)
    a_session(track, now + 120 * MINUTE, 30)
    sessions = list(Session.objects.select_related("event").order_by("starts_at"))
    found, moment = [], now - MINUTE
    while moment:
        stage = staged_at(sessions, moment, lambda session: False)
        found.append((stage.kind, sessions.index(stage.shown) if stage.shown else None))
        moment = stage.changes_at

    assert found == [
        (StageKind.PAUSE, None),
        (StageKind.SESSION, 0),
        (StageKind.SESSION, 1),  # of two at a time the one that began later
        (StageKind.SESSION, 1),  # longer than planned
        (StageKind.PAUSE, None),
        (StageKind.SESSION, 2),
        (StageKind.SESSION, 2),
        (StageKind.OVER, None),
    ]


@pytest.mark.django_db
def test_only_where_the_event_chose_it_and_for_whom_the_programme_is():
    event, track, now = a_stage()
    session = a_session(track, now)
    plain = TrackFactory(event=event)
    a_session(plain, now)
    a_session(TrackFactory(event=event, main_stage=True), now, status=SessionStatus.DRAFT)
    empty = TrackFactory(event=event, main_stage=True)
    attendee, stranger = signed_in(attendee_of(session)), signed_in(UserFactory())

    def seen(client: Client, track: Track) -> tuple[int, int]:
        return (
            client.get(stage_url(track)).status_code,
            client.get(stage_url(track, "main_stage_state")).status_code,
        )

    assert (seen(Client(), track), seen(Client(), plain), seen(attendee, empty)) == (
        (200, 200),
        (404, 404),
        (404, 404),
    )
    event.main_stages = True
    event.save()
    assert seen(Client(), plain) == (200, 200)
    for visibility in (Visibility.REGISTERED, Visibility.INVITED):
        event.visibility = visibility
        event.save()
        theirs = [seen(client, track) for client in (attendee, stranger, Client())]
        assert theirs == [(200, 200), (404, 404), (404, 404)], visibility


@pytest.mark.django_db
def test_links_lead_to_a_stage_where_there_is_one(client):
    event, track, now = a_stage()
    session = a_session(track, now)
    link = f'href="{stage_url(track)}"'
    paths = [
        reverse("events:agenda", args=[event.slug]) + "?day=all",
        event.get_absolute_url(),
        session.get_absolute_url(),
    ]

    with_stage = [link in client.get(path).content.decode() for path in paths]
    track.main_stage = False
    track.save()

    assert with_stage == [True, True, True]
    assert not any(link in client.get(path).content.decode() for path in paths)


@pytest.mark.django_db
def test_after_the_last_one_the_stage_lists_what_can_be_watched_again(client):
    _, track, now = a_stage()
    sessions = [a_session(track, now - hours * 60 * MINUTE) for hours in (5, 4, 3)]
    for session, is_published in zip(sessions, (True, False), strict=False):
        Recording.objects.create(
            session=session,
            entry_id=f"1_{session.pk}",
            origin=RecordingOrigin.ROOM,
            state=RecordingStatus.READY,
            is_published=is_published,
            recorded_at=session.starts_at,
        )

    page = client.get(stage_url(track)).content.decode()

    assert re.findall(r'<li><a href="([^"]+/join/)"', page) == [join_url(sessions[0])]


# --- The doors of each session ------------------------------------------------------------


@pytest.mark.django_db
def test_the_session_in_the_frame_says_who_may_not_enter_and_the_stage_goes_on():
    _, track, now = a_stage()
    limited = a_session(track, now - MINUTE, 10, capacity=1)
    linked(limited)
    open_to_all = a_session(track, now + 20 * MINUTE)
    linked(open_to_all, "1_abcd2346")
    registered, stranger = signed_in(attendee_of(limited)), signed_in(UserFactory())

    def said(client: Client, session: Session) -> tuple[int, str, str]:
        page = client.get(f"{join_url(session)}?stage=1")
        text = page.content.decode()
        action = re.search(r'<a class="button" href="([^"]+)"(?: target="(\w+)")?', text)
        assert page["X-Frame-Options"] == "SAMEORIGIN"
        assert "frame-ancestors 'self'" in page["Content-Security-Policy"]
        assert "stage-bar" not in text
        code = re.search(r'data-denied="(\w+)"', text)
        return page.status_code, code[1] if code else "", (action[2] or "") if action else ""

    assert said(Client(), limited) == (403, "sign_in", "_top")
    assert said(stranger, limited) == (403, "register", "_top")
    assert said(registered, limited) == (403, "no_place", "_top")
    sign_in = Client().get(f"{join_url(limited)}?stage=1").content.decode()
    assert f"next={stage_url(track)}" in sign_in.replace("%2F", "/")
    with time_machine.travel(now + 21 * MINUTE):
        assert on_it(registered, track)[:2] == ("session", join_url(open_to_all))
        assert said(registered, open_to_all)[:2] == (200, "")


@pytest.mark.django_db
def test_a_join_page_is_framed_by_our_own_pages_only_and_only_on_a_stage():
    _, track, now = a_stage()
    session = a_session(track, now)
    linked(session)
    client = signed_in(attendee_of(session))
    whole = {"Sec-Fetch-Dest": "document"}

    plain, alone = (
        client.get(join_url(session)),
        client.get(f"{join_url(session)}?stage=1", headers=whole),
    )
    stage = client.get(stage_url(track))

    assert plain["X-Frame-Options"] == "DENY"
    assert "frame-ancestors 'none'" in plain["Content-Security-Policy"]
    assert (alone.status_code, alone["Location"]) == (302, join_url(session))
    assert stage["X-Frame-Options"] == "DENY"
    assert "frame-src 'self';" in f"{stage['Content-Security-Policy']};"
    assert stage["Permissions-Policy"] == plain["Permissions-Policy"]


# --- The state ----------------------------------------------------------------------------


@pytest.mark.postgres
@pytest.mark.django_db
def test_asking_for_the_state_costs_as_little_with_many_sessions_as_with_one(
    django_assert_num_queries,
):
    _, track, now = a_stage()
    first = a_session(track, now)
    client = signed_in(attendee_of(first))
    address = stage_url(track, "main_stage_state")

    for sessions in (1, 3):
        for number in range(1, sessions):
            a_session(track, now + 60 * number * MINUTE)
        etag = client.get(address)["ETag"]
        with django_assert_num_queries(3):  # the visit, the person, and what they are to the event
            unchanged = client.get(address, headers={"If-None-Match": etag})
        assert (unchanged.status_code, unchanged.content) == (304, b"")
        assert unchanged["Cache-Control"] == "private, no-cache"
        with django_assert_num_queries(1):
            assert Client().get(address).status_code == 200


@pytest.mark.django_db(transaction=True)
def test_a_broadcast_says_by_its_state_whether_it_is_late_or_longer(
    simulator, django_assert_num_queries
):
    _, track, now = a_stage()
    session = at_kaltura(simulator, event=track.event, track=track, starts_at=now - MINUTE)
    client, entry_id = signed_in(attendee_of(session)), remote_entry_id(session)
    simulator.forget_requests()

    def now_on(state: str, at: datetime) -> tuple[str, list[str]]:
        simulator.switch(entry_id, state)
        forget_state(entry_id)
        with time_machine.travel(at):
            kind, _, marks = on_it(client, track)
        return kind, marks

    planned, longer = timezone.now(), session.ends_at + MINUTE
    assert [now_on(*each) for each in (("off", planned), ("on_air", planned))] == [
        ("session", ["starting"]),
        ("session", ["now"]),
    ]
    assert simulator.calls("liveStream.isLive") == 2  # page and script share an answer
    assert [now_on(*each) for each in (("on_air", longer), ("off", longer))] == [
        ("session", ["now"]),
        ("over", ["past"]),
    ]
    with django_assert_num_queries(4):
        client.get(stage_url(track, "main_stage_state"))


@pytest.mark.django_db
def test_a_stage_of_several_days_names_them():
    _, track, now = a_stage()
    a_session(track, now - 10 * MINUTE)
    client = signed_in(UserFactory())
    one_day = client.get(stage_url(track)).content.decode()
    a_session(track, now + timedelta(days=1))
    two_days = client.get(stage_url(track)).content.decode()

    assert (one_day.count("main-stage-day"), two_days.count("main-stage-day")) == (0, 2)
