"""Who watches waits for the broadcast, and goes in by itself when it begins."""

from __future__ import annotations

import re
import threading
import time
from datetime import timedelta
from html import unescape
from typing import Any
from urllib.parse import urlsplit

import pytest
import time_machine
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from events.models import Session, SessionType, TeamRole
from kaltura_bridge.join.destination import remote_entry_id
from kaltura_bridge.live.state import forget_state
from tests.bench.web import scene
from tests.bench.web.waiting import WaitingPages
from tests.browser import wait_until
from tests.factories import (
    SessionFactory,
    SessionSpeakerFactory,
    SpeakerFactory,
    TeamMemberFactory,
    UserFactory,
)
from tests.kaltura_bridge.join.test_kaf import at_kaltura, sign_in
from tests.kaltura_bridge.support.joining import (
    attendee_of,
    join_url,
    linked,
    live_session,
    signed_in,
)
from tests.kaltura_bridge.support.on_air import on_air

ON_AIR = re.compile(r'data-on-air-url="([^"]+)"')
PEOPLE, PATIENCE_S = 200, 10.0


@pytest.fixture(autouse=True)
def nobody_knows_yet():
    cache.clear()


def question_of(client: Client, session: Session) -> str:
    """Where the join page asks whether it is on air; "" when it waits for nothing."""
    page = client.get(join_url(session))
    assert page.status_code == 200, page.content.decode()
    found = ON_AIR.search(page.content.decode())
    return unescape(found[1]) if found else ""


def speaker_of(session: Session) -> Client:
    user = UserFactory()
    SessionSpeakerFactory(session=session, speaker=SpeakerFactory(event=session.event, user=user))
    return signed_in(user)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("session_type", "waits"),
    [
        (SessionType.WEBCAST, True),
        (SessionType.STUDIO, True),
        (SessionType.SIMULIVE, True),
        (SessionType.INTERACTIVE, False),
        (SessionType.WEBINAR, False),
    ],
)
def test_attendees_wait_for_broadcasts_and_nobody_else_does(session_type, waits):
    session = live_session(session_type=session_type)
    linked(session)
    team = signed_in(TeamMemberFactory(event=session.event, role=TeamRole.MANAGER).user)

    asked = [
        bool(question_of(client, session))
        for client in (signed_in(attendee_of(session)), speaker_of(session), team)
    ]

    assert asked == [waits, False, False]


@pytest.mark.django_db
def test_after_the_planned_end_nobody_waits_any_more():
    start = timezone.now() - timedelta(minutes=46)
    session = live_session(starts_at=start, ends_at=start + timedelta(minutes=45))
    linked(session)

    assert question_of(signed_in(attendee_of(session)), session) == ""


@pytest.mark.django_db(transaction=True)
def test_the_answer_is_what_viewers_see_and_costs_no_query(simulator, django_assert_num_queries):
    session = at_kaltura(simulator)
    entry_id = remote_entry_id(session)
    question = question_of(signed_in(attendee_of(session)), session)
    nobody = Client(headers={"Accept": "application/json"})

    def said() -> Any:
        forget_state(entry_id)
        with django_assert_num_queries(0):
            return nobody.get(question).json()["live"]

    answers = [said()]
    for state in ("preview", "on_air", "off"):
        simulator.switch(entry_id, state)
        answers.append(said())

    assert (answers[0], answers[2], answers[3]) == (False, True, False)


@pytest.mark.django_db(transaction=True)
def test_when_kaltura_does_not_say_the_page_goes_in_and_sees_for_itself(settings):
    settings.KALTURA_SERVICE_URL = "http://127.0.0.1:9"
    session = live_session()
    linked(session)

    answer = Client().get(question_of(signed_in(attendee_of(session)), session))

    assert answer.json()["live"] is None
    assert 0.25 <= answer.json()["again_s"] <= 3.5
    assert answer["Cache-Control"].startswith("max-age=0")


@pytest.mark.django_db
@pytest.mark.parametrize("word", ["", "1_abcd2345", "1_abcd2345.x.y", "x" * 3000])
def test_a_word_that_no_join_page_gave_is_not_found(client, word):
    session = live_session()

    assert client.get(f"{join_url(session)}on-air/", {"of": word}).status_code == 404


@pytest.mark.django_db
def test_the_word_is_of_one_session_and_ends_a_day_after_it(settings):
    settings.KALTURA_SERVICE_URL = "http://127.0.0.1:9"
    session = live_session()
    other = live_session(event=session.event)
    linked(session)
    question = question_of(signed_in(attendee_of(session)), session)
    path, _, word = question.partition("?")

    def status(address: str, hours: float) -> int:
        with time_machine.travel(session.ends_at + timedelta(hours=hours)):
            return Client().get(address).status_code

    assert path == f"{join_url(session)}on-air/"
    assert status(question, 23.9) == 200
    assert status(question, 24.1) == 404
    assert status(f"{join_url(other)}on-air/?{word}", 0) == 404


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_nobody_waits_while_the_desk_shows_something_else(simulator, django_assert_num_queries):
    air = on_air(simulator)
    spare = SessionFactory(event=air.session.event, starts_at=air.session.starts_at)
    air.sync()
    attendee, nobody = air.client("attendee"), Client()
    question = question_of(attendee, air.session)

    def told() -> tuple[Any, bool]:
        """What those hear who wait already, and whether whoever comes now waits."""
        with django_assert_num_queries(0):
            live = nobody.get(question).json()["live"]
        return live, bool(question_of(attendee, air.session))

    before = told()
    air.confirm("swap", entry=remote_entry_id(spare))
    meanwhile = told()
    cache.clear()
    comes_later = bool(question_of(attendee, air.session))
    air.confirm("back")

    assert (before, meanwhile, comes_later, told()) == (
        (False, True),
        (True, False),
        False,
        (False, True),
    )


@pytest.mark.django_db(transaction=True)
def test_in_a_browser_the_page_waits_and_goes_in_within_ten_seconds_of_live(
    simulator, live_portal, page
):
    session = at_kaltura(simulator)
    sign_in(page, live_portal, attendee_of(session, name="Jane Doe"))
    page.goto(live_portal + join_url(session))
    page.get_by_text("The broadcast has not begun yet.").wait_for()
    assert page.locator("iframe").count() == 0

    simulator.switch(remote_entry_id(session), "on_air")
    began = time.monotonic()
    page.frame_locator("iframe").get_by_text("Jane Doe").first.wait_for(timeout=15_000)

    assert time.monotonic() - began < PATIENCE_S + 2  # the frame's own loading included
    assert not page.get_by_text("The broadcast has not begun yet.").is_visible()


@pytest.mark.django_db(transaction=True)
def test_in_a_browser_whoever_does_not_want_to_wait_goes_in(simulator, live_portal, page):
    session = at_kaltura(simulator)
    sign_in(page, live_portal, attendee_of(session, name="Jane Doe"))
    page.goto(live_portal + join_url(session))

    page.get_by_role("button", name="Go in now").click()

    page.frame_locator("iframe").get_by_text("Jane Doe").first.wait_for()
    wait_until(page, "document.querySelector('[data-wait]').hidden")


# --- A crowd --------------------------------------------------------------------------------


@pytest.mark.proof
@pytest.mark.django_db(transaction=True)
def test_a_crowd_that_waits_is_in_within_ten_seconds_of_live(simulator, live_portal):
    """Two hundred, served by the process that asks; ``make bench ARGS=waiting`` has gunicorn."""
    session = at_kaltura(simulator)
    entry_id = remote_entry_id(session)
    cookies = scene.crowd(session.event, PEOPLE)
    question = question_of(signed_in(attendee_of(session)), session)
    port = urlsplit(live_portal).port
    pages = WaitingPages(port, scene.waiting_pages(session, cookies), question)
    simulator.forget_requests()
    live_at: list[float] = []

    def go_live() -> None:
        simulator.switch(entry_id, "on_air")
        live_at.append(time.monotonic())

    began = time.monotonic()
    threading.Timer(2, go_live).start()
    waited = pages.run(30)
    took = time.monotonic() - began

    calls = simulator.calls("liveStream.isLive")  # each beside its details, in one request
    assert (len(waited.told), len(waited.entered), waited.failed) == (PEOPLE, PEOPLE, 0)
    assert calls <= took / 5 + 1
    assert max(waited.entered.values()) - live_at[0] < PATIENCE_S
