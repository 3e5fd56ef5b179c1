"""The whole way in, synced and joined over HTTP: what Kaltura's own pages make of it."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
import requests
from django.utils import timezone

from events.models import Session, SessionType, SpeakerRole, TeamRole, User
from kaltura_bridge.join.destination import remote_entry_id
from kaltura_bridge.join.identity import kaltura_user_id
from kaltura_bridge.sync import service
from tests.browser import wait_until
from tests.factories import (
    SessionFactory,
    SessionSpeakerFactory,
    SpeakerFactory,
    TeamMemberFactory,
    UserFactory,
)
from tests.kaltura_bridge.support.joining import (
    attendee_of,
    frame_url,
    join_url,
    launched,
    live_session,
    signed_in,
)

pytestmark = pytest.mark.django_db(transaction=True)
PLACE = re.compile(r"<main class=\"place[^>]*>")
DATA = re.compile(r'data-([a-z-]+)="([^"]*)"')


def at_kaltura(simulator: Any, **fields: Any) -> Session:
    """A live session whose objects Kaltura holds."""
    session = live_session(**fields)
    service.settle(service.targets_of(session.event), 20)
    assert remote_entry_id(session)
    return session


def kaf_page(address: str) -> dict[str, str]:
    """What the page at Kaltura says of the person in it."""
    answer = requests.get(address, timeout=10)
    place = PLACE.search(answer.text)
    assert answer.status_code == 200 and place, answer.text
    found = {name: unescape(value) for name, value in DATA.findall(place[0])}
    named = ("entry-id", "user-id", "user-name", "role", "kaf-role")
    return {name: found[name] for name in named}


@pytest.mark.parametrize("session_type", [SessionType.WEBCAST, SessionType.INTERACTIVE])
def test_kaltura_knows_the_persons_name_and_role(simulator, session_type):
    session = at_kaltura(simulator, session_type=session_type)
    user = attendee_of(session, name="Jane Doe")

    assert kaf_page(launched(signed_in(user), session)) == {
        "entry-id": remote_entry_id(session),
        "user-id": kaltura_user_id(user),
        "user-name": "Jane Doe",
        "role": "attendee",
        "kaf-role": "viewerRole",
    }


@pytest.mark.parametrize("session_type", [SessionType.WEBCAST, SessionType.INTERACTIVE])
@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("x,userContextualRole:0", "x‚userContextualRole∶0"),
        ("x,roomModerator:1,role:adminRole", "x‚roomModerator∶1‚role∶adminRole"),
        ("edit:*", "edit∶∗"),
        ("disableentitlement", "disable·entitlement"),
        ("x&role=adminRole&userContextualRole=0", "x&role=adminRole&userContextualRole=0"),
        ("x%2CroomModerator%3A1", "x٪2CroomModerator٪3A1"),
        ("<b>Bo</b> & Ann", "‹b›Bo‹/b› & Ann"),
        ("", "Guest"),
    ],
)
def test_a_hostile_name_gains_nothing_and_still_shows(simulator, session_type, name, shown):
    session = at_kaltura(simulator, session_type=session_type)
    user = attendee_of(session, name=name)

    assert kaf_page(launched(signed_in(user), session)) == {
        "entry-id": remote_entry_id(session),
        "user-id": kaltura_user_id(user),
        "user-name": shown,
        "role": "attendee",
        "kaf-role": "viewerRole",
    }


def test_roles_arrive_in_a_room(simulator):
    session = at_kaltura(simulator, session_type=SessionType.INTERACTIVE)
    speaker = UserFactory()
    SessionSpeakerFactory(
        session=session, speaker=SpeakerFactory(event=session.event, user=speaker)
    )
    people = [
        speaker,
        TeamMemberFactory(event=session.event, role=TeamRole.MODERATOR).user,
        TeamMemberFactory(event=session.event, role=TeamRole.OWNER).user,
    ]

    pages = [kaf_page(launched(signed_in(user), session)) for user in people]

    assert [(page["role"], page["kaf-role"]) for page in pages] == [
        ("instructor", "viewerRole"),
        ("moderator", "viewerRole"),
        ("moderator", "viewerRole"),
    ]


def test_another_events_moderator_is_an_attendee_at_kaltura(simulator):
    session = at_kaltura(simulator, session_type=SessionType.INTERACTIVE)
    user = attendee_of(session)
    elsewhere = SessionFactory()
    TeamMemberFactory(event=elsewhere.event, user=user, role=TeamRole.MODERATOR)
    SessionSpeakerFactory(
        session=session,
        speaker=SpeakerFactory(event=elsewhere.event, user=user),
        role=SpeakerRole.MODERATOR,
    )

    page = kaf_page(launched(signed_in(user), session))

    assert (page["role"], page["kaf-role"]) == ("attendee", "viewerRole")


def test_the_ks_of_a_browser_is_useless_at_the_api(simulator):
    session = at_kaltura(simulator, session_type=SessionType.INTERACTIVE)
    ks = launched(signed_in(attendee_of(session)), session).rsplit("/", 1)[1]

    answer = requests.post(
        f"{simulator.url}/api_v3/service/room_room/action/update",
        data={"ks": ks, "format": "1", "id": remote_entry_id(session), "room:name": "Mine"},
        timeout=10,
    )

    assert answer.json()["code"] == "INVALID_ACTIONS_LIMIT"
    names = {room["id"]: room["name"] for room in simulator.objects("room")}
    assert names[remote_entry_id(session)] == session.title


def test_joining_calls_kaltura_not_once(simulator):
    session = at_kaltura(simulator)
    client = signed_in(attendee_of(session))
    simulator.forget_requests()

    client.get(frame_url(client.get(join_url(session))))

    assert simulator.calls() == 0


def sign_in(page: Any, portal: str, user: User) -> None:
    cookie = signed_in(user).cookies["sessionid"].value
    page.context.add_cookies([{"name": "sessionid", "value": cookie, "url": portal}])


def test_in_a_browser_the_frame_shows_the_person_and_the_address_stays_ours(
    simulator, live_portal, page
):
    session = at_kaltura(simulator, title="Opening, live", session_type=SessionType.INTERACTIVE)
    sign_in(page, live_portal, attendee_of(session, name="Jane Doe"))

    page.goto(live_portal + join_url(session))
    inside = page.frame_locator("iframe")
    inside.get_by_text("Jane Doe").first.wait_for()

    assert inside.locator("main").get_attribute("data-role") == "attendee"
    assert page.url == live_portal + join_url(session)
    assert "/ks/" not in page.content()
    assert page.get_by_role("button", name="Full screen").is_visible()
    page.get_by_role("link", name="Leave").click()
    page.wait_for_url(live_portal + session.get_absolute_url())
    page.go_back()
    page.frame_locator("iframe").get_by_text("Jane Doe").first.wait_for()


def test_in_a_browser_kalturas_page_may_use_camera_and_screen(simulator, live_portal, page):
    session = at_kaltura(simulator, session_type=SessionType.INTERACTIVE)
    sign_in(page, live_portal, attendee_of(session))

    page.goto(live_portal + join_url(session))
    page.frame_locator("iframe").get_by_role("heading").first.wait_for()
    kaf = next(frame for frame in page.frames if frame.url.startswith(simulator.url))
    wanted = ["autoplay", "camera", "display-capture", "fullscreen", "geolocation", "microphone"]
    allowed = kaf.evaluate(
        "wanted => wanted.filter(f => document.featurePolicy.allowsFeature(f))", wanted
    )

    assert allowed == ["autoplay", "camera", "display-capture", "fullscreen", "microphone"]


def test_in_a_browser_only_kalturas_page_may_ask_for_room(simulator, live_portal, page):
    session = at_kaltura(simulator)
    simulator.switch(remote_entry_id(session), "on_air")
    sign_in(page, live_portal, attendee_of(session))
    page.goto(live_portal + join_url(session))
    page.frame_locator("iframe").get_by_role("heading").first.wait_for()
    kaf = next(frame for frame in page.frames if frame.url.startswith(simulator.url))
    message = "JSON.stringify({subject: 'lti.frameResize', height: 1900})"
    height = "document.querySelector('[data-stage]').clientHeight"

    page.evaluate(f"window.postMessage({message}, '*')")
    page.wait_for_timeout(200)
    before = page.evaluate(height)
    kaf.evaluate(f"window.parent.postMessage({message}, '*')")
    wait_until(page, f"{height} >= 1900")

    assert before < 1900


def test_in_a_browser_the_doors_open_by_themselves(simulator, live_portal, page):
    doors = timedelta(minutes=15)
    start = timezone.now() + doors + timedelta(seconds=6)
    session = at_kaltura(simulator, starts_at=start, ends_at=start + timedelta(minutes=45))
    simulator.switch(remote_entry_id(session), "on_air")
    sign_in(page, live_portal, attendee_of(session, name="Jane Doe"))

    page.goto(live_portal + join_url(session))
    page.get_by_text("The doors open in 00:0").wait_for()

    page.frame_locator("iframe").get_by_text("Jane Doe").first.wait_for(timeout=20_000)
