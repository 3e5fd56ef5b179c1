"""One room for the sessions of a track: made by the track, booked by each, left again."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from analytics.models import SessionAttendance
from analytics.pull import pull_attendance
from analytics.reports.session import loaded
from events.actions import NotAllowed
from events.models import Event, Session, SessionType
from events.programme.extending import extend_session
from kaltura_bridge.join.destination import destination_of
from kaltura_bridge.join.identity import kaltura_user_id
from kaltura_bridge.models import SessionDelivery
from kaltura_bridge.sync import service
from tests.factories import (
    EventFactory,
    InteractiveFactory,
    SessionFactory,
    TrackFactory,
    WebcastFactory,
)
from tests.kaltura_bridge.join.test_types import place_and_role
from tests.kaltura_bridge.support.joining import attendee_of, live_session
from tests.kaltura_bridge.support.oracle import differences
from tests.kaltura_bridge.support.planning import in_step, settle
from tests.kaltura_bridge.support.recipe_cases import decide, decide_event

pytestmark = [pytest.mark.django_db(transaction=True)]
HOUR = timedelta(hours=1)


@pytest.fixture
def event(simulator: Any) -> Event:
    """A track with two meetings, a webinar and a webcast, one after another; a meeting beside."""
    planned = EventFactory(title="Spring", starts_on=timezone.now().date())
    track = TrackFactory(event=planned, name="Ethics", description="Hard questions.")
    start = timezone.now() - timedelta(minutes=10)
    kinds = ("interactive", "interactive", "webinar", "webcast")
    for number, kind in enumerate(kinds):
        begins = start + number * HOUR
        live_session(
            event=planned,
            track=track,
            title=f"{kind} {number}",
            session_type=kind,
            starts_at=begins,
            ends_at=begins + HOUR / 2,
        )
    InteractiveFactory(event=planned, title="Beside")
    return planned


def rooms(simulator: Any, kind: str, name: str) -> dict[str, str]:
    """Our rooms by name, and what carries their keys: a track or a session."""
    rows = [row for row in simulator.objects(kind) if str(row.get(name)).startswith("portal:")]
    return {row[name]: row["name"] for row in rows if "Room" in row["objectType"]} | {
        row[name]: row["name"] for row in rows if "Location" in row["objectType"]
    }


def keys(event: Event) -> tuple[str, str]:
    return f"portal:{event.tracks.get().uuid}", f"portal:{event.sessions.get(title='Beside').uuid}"


def entered(event: Event, *titles: str) -> list[str]:
    sessions = Session.objects.select_related("event", "track").filter(event=event)
    return [destination_of(sessions.get(title=title)).entry_id for title in titles]


@pytest.mark.parametrize(
    ("form", "kind", "name"),
    [("entry", "entry", "referenceId"), ("legacy", "scheduleResource", "systemName")],
)
def test_sessions_of_a_track_share_a_room_and_get_their_own_again(
    simulator: Any, event: Event, form: str, kind: str, name: str
) -> None:
    track, beside = keys(event)
    decide_event(event, room_form=form, room_sharing="track")
    settle(event)
    shared = rooms(simulator, kind, name), differences(simulator, event), in_step(event)
    again = service.sync_event(event, 20).writes

    decide_event(event, room_form=form, room_sharing="session")
    settle(event)

    assert shared == (
        {f"{track}/interactive": "Ethics", f"{track}/webinar": "Ethics", beside: "Beside"},
        [],
        True,
    )
    assert again == 0
    assert (len(rooms(simulator, kind, name)), differences(simulator, event)) == (4, [])
    assert in_step(event)


def test_people_of_each_session_enter_the_room_of_the_track(simulator: Any, event: Event) -> None:
    decide_event(event, room_sharing="track")
    settle(event)

    first, second, webinar, beside = entered(
        event, "interactive 0", "interactive 1", "webinar 2", "Beside"
    )
    session = event.sessions.get(title="interactive 0")

    assert first == second
    assert len({first, webinar, beside}) == 3
    assert place_and_role(attendee_of(session), session) == (first, "attendee")


def test_track_makes_its_room_for_the_first_session_and_drops_it_after_the_last(
    simulator: Any,
) -> None:
    event = EventFactory(title="Spring")
    track = TrackFactory(event=event)
    decide_event(event, room_sharing="track")
    WebcastFactory(event=event, track=track)
    settle(event)
    none = rooms(simulator, "entry", "referenceId")

    session = SessionFactory(event=event, track=track, session_type=SessionType.WEBINAR)
    settle(event)
    one = list(rooms(simulator, "entry", "referenceId"))
    session.delete()
    settle(event)

    assert (none, one) == ({}, [f"portal:{track.uuid}/webinar"])
    assert rooms(simulator, "entry", "referenceId") == {}
    assert in_step(event)


def test_settings_of_one_session_stand_on_its_event_not_on_the_shared_room(
    simulator: Any, event: Event
) -> None:
    tags = {"custom_rs_room_cap": 50}
    decide_event(event, room_form="legacy", room_sharing="track", room_tags=tags)
    session = event.sessions.get(title="interactive 0")
    decide(session, room_tags={"custom_rs_show_chat": False}, calendar_tags="Law")
    settle(event)

    track, _ = keys(event)
    (room,) = (
        r
        for r in simulator.objects("scheduleResource")
        if r["systemName"] == f"{track}/interactive"
    )
    by_key = {row["referenceId"]: row for row in simulator.objects("scheduleEvent")}
    own = by_key[f"portal:{session.uuid}"]
    assert (
        room["tags"]
        == "vcprovider:newrow,custom_rs_class_mode:virtual_classroom,custom_rs_room_cap:50"
    )
    assert own["tags"] == "Law,custom_rs_show_chat:off"
    assert SessionDelivery.objects.count() == 1
    assert (differences(simulator, event), in_step(event)) == ([], True)


@pytest.mark.postgres
def test_attendance_of_a_shared_room_goes_by_time(simulator: Any, event: Event) -> None:
    decide_event(event, room_sharing="track")
    settle(event)
    session = event.sessions.get(title="interactive 0")
    ann = attendee_of(session, name="Ann Lee")
    (room,) = entered(event, "interactive 0")
    start = int(session.starts_at.timestamp())
    visit = {"entryId": room, "userId": kaltura_user_id(ann), "name": "Ann Lee"}
    simulator.add_visits([visit | {"joined": start, "left": start + 300}])

    pull_attendance(event)

    found = SessionAttendance.objects.filter(user=ann, attended=True)
    assert [row.session.title for row in found] == ["interactive 0"]
    reported = loaded(Session.objects.filter(event=event)).order_by("title")
    assert {s.title: (s.has_room, s.has_webcast) for s in reported} == {
        "Beside": (True, False),
        "interactive 0": (True, False),
        "interactive 1": (True, False),
        "webcast 3": (False, True),
        "webinar 2": (True, False),
    }


@pytest.mark.parametrize(
    ("title", "fields", "minutes", "refused"),
    [
        ("interactive 0", {"room_sharing": "track"}, 30, False),
        ("interactive 0", {"room_sharing": "track"}, 31, True),
        ("interactive 0", {"room_sharing": "session"}, 31, False),
        ("interactive 0", {"room_sharing": "track", "room_form": "legacy"}, 31, False),
        ("webinar 2", {"room_sharing": "track"}, 31, False),
    ],
)
def test_session_is_not_extended_into_the_next_one_in_the_shared_room(
    event: Event, title: str, fields: dict[str, str], minutes: int, refused: bool
) -> None:
    decide_event(event, **fields)
    session = event.sessions.get(title=title)

    def extend() -> str:
        try:
            extend_session(session, minutes, from_end=session.ends_at, now=timezone.now())
        except NotAllowed as error:
            return str(error)
        return ""

    next_one = event.sessions.get(title="interactive 1")
    clock = f"{next_one.starts_at.astimezone(event.zone):%H:%M}"
    sentence = f"“interactive 1” starts at {clock} in the same room (Ethics)."
    assert extend() == (sentence if refused else "")
