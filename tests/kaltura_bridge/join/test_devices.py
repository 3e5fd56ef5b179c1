"""A second device: allowed, replacing the first, or refused, when its ticket is used up."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit
from weakref import WeakKeyDictionary

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from events.models import Session, SessionType, SpeakerRole, TeamRole, User
from kaltura_bridge.join import devices
from kaltura_bridge.models import EventDelivery, LaunchTicket, SecondDevice
from tests.browser import soon, wait_until
from tests.factories import (
    SessionSpeakerFactory,
    SpeakerFactory,
    TeamMemberFactory,
    UserFactory,
)
from tests.kaltura_bridge.join.test_kaf import at_kaltura, sign_in
from tests.kaltura_bridge.support.joining import (
    attendee_of,
    frame_url,
    join_url,
    linked,
    live_session,
    signed_in,
)


@pytest.fixture(autouse=True)
def kaf(settings: Any) -> None:
    settings.KALTURA_KAF_URL = "https://101.kaf.example.org"


def session_with(policy: SecondDevice, **fields: Any) -> Session:
    session = live_session(session_type=SessionType.INTERACTIVE, **fields)
    linked(session, f"1_of{session.pk}")
    EventDelivery.objects.update_or_create(event=session.event, defaults={"second_device": policy})
    return session


# With which ticket each browser went to the door last.
_SHOWN: WeakKeyDictionary[Client, str] = WeakKeyDictionary()


def come_in(client: Client, session: Session) -> int:
    address = frame_url(client.get(join_url(session)))
    _SHOWN[client] = parse_qs(urlsplit(address).query)["ticket"][0]
    return client.get(address).status_code


def ticket_of(client: Client) -> str:
    return _SHOWN.get(client, "")


def says(client: Client, session: Session, what: str = "here", ticket: str | None = None) -> int:
    """What a join page is answered; without ``ticket``, the one that came in last."""
    said = {"do": what, "ticket": ticket_of(client) if ticket is None else ticket}
    return client.post(f"{join_url(session)}here/", said).status_code


def two_devices(user: User) -> tuple[Client, Client]:
    return signed_in(user), signed_in(user)


@pytest.mark.postgres
@pytest.mark.django_db
@pytest.mark.parametrize(
    ("policy", "second", "first_afterwards"),
    [
        (SecondDevice.ALLOW, 302, 204),
        (SecondDevice.REPLACE, 302, 410),
        (SecondDevice.REFUSE, 403, 204),
    ],
)
def test_what_becomes_of_a_second_device(policy, second, first_afterwards):
    session = session_with(policy)
    laptop, phone = two_devices(attendee_of(session))

    found = [come_in(laptop, session), come_in(phone, session), says(laptop, session)]

    assert found == [302, second, first_afterwards]
    assert come_in(laptop, session) == 302  # the same device comes in again, or comes back


@pytest.mark.django_db
def test_the_refused_device_reads_why_and_comes_in_when_the_other_left_or_fell_silent():
    session = session_with(SecondDevice.REFUSE)
    laptop, phone = two_devices(attendee_of(session))
    come_in(laptop, session)

    page = phone.get(frame_url(phone.get(join_url(session))))
    left = says(laptop, session, "left")
    after_goodbye = come_in(phone, session)
    silent = timezone.now() - devices.SILENCE - timedelta(seconds=1)
    LaunchTicket.objects.update(seen_at=silent)
    after_silence = come_in(laptop, session)

    assert 'data-denied="device"' in page.content.decode()
    assert "You are in this session with another device." in page.content.decode()
    assert (left, after_goodbye, after_silence) == (204, 302, 302)


@pytest.mark.postgres
@pytest.mark.django_db
@pytest.mark.parametrize("policy", [SecondDevice.REPLACE, SecondDevice.REFUSE])
def test_a_tab_that_is_closed_says_nothing_of_the_other(policy):
    session = session_with(policy)
    laptop, phone = two_devices(attendee_of(session))
    come_in(laptop, session)
    first = ticket_of(laptop)
    come_in(laptop, session)
    second = ticket_of(laptop)

    closed = says(laptop, session, "left", second)
    beats = [says(laptop, session, "here", first) for _ in range(2)]
    says(laptop, session, "left", first)
    says(laptop, session, "left", second)  # once more, and late
    come_in(laptop, session)
    says(laptop, session, "left", first)
    reloaded = says(laptop, session)

    assert (closed, beats, reloaded) == (204, [204, 204], 204)
    assert come_in(phone, session) == (302 if policy is SecondDevice.REPLACE else 403)


@pytest.mark.postgres
@pytest.mark.django_db
@pytest.mark.parametrize("policy", [SecondDevice.REPLACE, SecondDevice.REFUSE])
def test_a_page_that_said_goodbye_is_in_again_unless_another_device_came(policy):
    session = session_with(policy)
    laptop, phone = two_devices(attendee_of(session))
    come_in(laptop, session)

    says(laptop, session, "left")
    brought_back = says(laptop, session)
    inside = LaunchTicket.objects.get()
    says(laptop, session, "left")
    phone_enters = come_in(phone, session)

    assert (brought_back, inside.left_at, phone_enters) == (204, None, 302)
    assert [says(laptop, session), says(phone, session)] == [410, 204]


@pytest.mark.django_db
@pytest.mark.parametrize("policy", [SecondDevice.REPLACE, SecondDevice.REFUSE])
def test_a_device_that_slept_while_another_came_is_out_when_it_wakes(policy):
    session = session_with(policy)
    laptop, phone = two_devices(attendee_of(session))
    come_in(laptop, session)
    silent = timezone.now() - devices.SILENCE - timedelta(seconds=1)
    LaunchTicket.objects.update(seen_at=silent)

    alone = says(laptop, session)
    LaunchTicket.objects.update(seen_at=silent)
    come_in(phone, session)

    assert (alone, says(laptop, session), says(phone, session)) == (204, 410, 204)


@pytest.mark.django_db
def test_stage_and_team_use_as_many_as_they_like():
    session = session_with(SecondDevice.REFUSE)
    moderator = UserFactory()
    SessionSpeakerFactory(
        session=session,
        speaker=SpeakerFactory(event=session.event, user=moderator),
        role=SpeakerRole.MODERATOR,
    )
    manager = TeamMemberFactory(event=session.event, role=TeamRole.MANAGER).user

    found = [
        come_in(device, session) for user in (moderator, manager) for device in two_devices(user)
    ]

    assert found == [302] * 4
    assert "data-device" not in signed_in(manager).get(join_url(session)).content.decode()


@pytest.mark.django_db
def test_a_message_reaches_nobody_elses_place():
    session, other = session_with(SecondDevice.REPLACE), session_with(SecondDevice.REPLACE)
    person = attendee_of(session)
    laptop = signed_in(person)
    come_in(laptop, session)
    ticket = ticket_of(laptop)

    found = [
        says(Client(), session, "left", ticket),
        says(signed_in(attendee_of(session)), session, "left", ticket),
        says(signed_in(person), session, "left", ticket),  # another browser of theirs
        says(laptop, other, "left"),
        says(laptop, session, "left", "made up"),
        laptop.post(join_url(session).replace("join/", "nothing/join/here/")).status_code,
    ]

    assert found == [403, 410, 410, 410, 410, 404]
    assert LaunchTicket.objects.get().left_at is None


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_of_two_devices_at_once_one_comes_in():
    session = session_with(SecondDevice.REFUSE)
    person = attendee_of(session)
    addresses = [
        (client, frame_url(client.get(join_url(session)))) for client in two_devices(person)
    ]
    start = threading.Barrier(2)

    def race(asked: tuple[Client, str]) -> int:
        try:
            start.wait(timeout=10)
            return asked[0].get(asked[1]).status_code
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(race, addresses)) == [302, 403]


@pytest.mark.postgres
@pytest.mark.django_db
def test_the_team_reads_who_came_from_several_browsers(django_assert_num_queries):
    session = session_with(SecondDevice.ALLOW)
    ann = attendee_of(session, name="Ann Ash")
    for device in two_devices(ann):
        come_in(device, session)
    come_in(signed_in(attendee_of(session, name="Bo Birch")), session)
    page = reverse("admin:kaltura_bridge_devices", args=[session.event.pk])
    helper = signed_in(TeamMemberFactory(event=session.event, role=TeamRole.MODERATOR).user)
    analyst = signed_in(TeamMemberFactory(event=session.event, role=TeamRole.ANALYST).user)

    text = helper.get(page).content.decode()

    assert ("Ann Ash" in text, "Bo Birch" in text) == (True, False)
    assert "Several devices at once are allowed" in text
    assert analyst.get(page).status_code == 404


@pytest.mark.django_db(transaction=True)
def test_in_a_browser_the_replaced_device_says_so_and_comes_back(simulator, live_portal, page):
    session = at_kaltura(simulator, session_type=SessionType.INTERACTIVE)
    EventDelivery.objects.update_or_create(
        event=session.event, defaults={"second_device": SecondDevice.REPLACE}
    )
    person = attendee_of(session, name="Jane Doe")
    sign_in(page, live_portal, person)
    page.goto(live_portal + join_url(session))
    page.frame_locator("iframe").get_by_text("Jane Doe").first.wait_for()

    come_in(signed_in(person), session)
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    page.get_by_text("You went on in another browser").wait_for()
    gone = page.locator("[data-stage] > iframe").count()
    page.get_by_role("button", name="Come back here").click()
    page.frame_locator("iframe").get_by_text("Jane Doe").first.wait_for()

    assert gone == 0
    wait_until(page, "document.querySelector('[data-device]').hidden")


@pytest.mark.django_db(transaction=True)
def test_in_a_browser_the_second_tab_closes_and_the_first_stays_in(simulator, live_portal, page):
    session = at_kaltura(simulator, session_type=SessionType.INTERACTIVE)
    EventDelivery.objects.update_or_create(
        event=session.event, defaults={"second_device": SecondDevice.REPLACE}
    )
    sign_in(page, live_portal, attendee_of(session, name="Jane Doe"))
    page.goto(live_portal + join_url(session))
    page.frame_locator("iframe").get_by_text("Jane Doe").first.wait_for()
    tab = page.context.new_page()
    tab.goto(live_portal + join_url(session))
    tab.frame_locator("iframe").get_by_text("Jane Doe").first.wait_for()

    tab.goto("about:blank")  # as closing it does, and closing waits for nothing
    assert soon(lambda: LaunchTicket.objects.exclude(left_at=None).count() == 1)
    tab.close()
    with page.expect_response(lambda answer: answer.url.endswith("/here/")) as beat:
        page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    page.get_by_text("Trouble?").click()
    page.get_by_role("button", name="Load the room again").click()
    assert soon(lambda: LaunchTicket.objects.exclude(left_at=None).count() == 2)

    assert beat.value.status == 204
    page.frame_locator("iframe").get_by_text("Jane Doe").first.wait_for()
    newest, *others = LaunchTicket.objects.order_by("-redeemed_at")
    assert [newest.left_at is None, *(row.left_at is None for row in others)] == [
        True,
        False,
        False,
    ]
