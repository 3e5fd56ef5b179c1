"""Who watches waits for the broadcast, and goes in by itself when it begins."""

from __future__ import annotations

import heapq
import http.client
import json
import random
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
from kaltura_bridge.join import tickets, waiting
from kaltura_bridge.join.destination import remote_entry_id
from kaltura_bridge.live.state import forget_state
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
PEOPLE, PATIENCE_S = 500, 10.0


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
    assert 0 < answer.json()["again_s"] <= 1 + waiting.SPREAD_S
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


# --- Five hundred people ------------------------------------------------------------------


class WaitingPages:
    """So many pages that do what room.js does, some at a time; when each was told and let in.

    Each has the cookie of its person, and the address with a ticket that its page keeps.
    """

    def __init__(self, portal: str, pages: list[tuple[str, str]], question: str) -> None:
        self.host, self.question, self._pages = urlsplit(portal).netloc, question, pages
        self.told: dict[int, float] = {}
        self.entered: dict[int, float] = {}
        self.asked = 0
        self._lock = threading.Lock()
        now = time.monotonic()
        self._due = [(now + random.uniform(0, 4), number) for number in range(len(pages))]
        heapq.heapify(self._due)

    def run(self, for_s: float, workers: int = 8) -> None:
        """Until all are in, or the time is over."""
        until = time.monotonic() + for_s
        threads = [threading.Thread(target=self._work, args=[until]) for _ in range(workers)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def _work(self, until: float) -> None:
        line = http.client.HTTPConnection(self.host, timeout=30)
        while time.monotonic() < until and len(self.entered) < len(self._pages):
            with self._lock:
                due = heapq.heappop(self._due) if self._due else None
            if due is None:
                time.sleep(0.02)
                continue
            time.sleep(max(0.0, min(due[0], until) - time.monotonic()))
            self._enter(line, due[1]) if due[1] in self.told else self._ask(line, due[1])
        line.close()

    def _ask(self, line: http.client.HTTPConnection, number: int) -> None:
        line.request("GET", self.question, headers={"Accept": "application/json"})
        found = json.loads(line.getresponse().read())
        self.asked += 1
        again = time.monotonic()
        if found["live"]:
            self.told[number] = again
        else:
            again += found["again_s"]
        with self._lock:
            heapq.heappush(self._due, (again, number))

    def _enter(self, line: http.client.HTTPConnection, number: int) -> None:
        cookie, frame = self._pages[number]
        line.request("GET", frame, headers={"Accept": "text/html", "Cookie": cookie})
        answer = line.getresponse()
        body = answer.read()
        assert answer.status == 302, body.decode()
        self.entered[number] = time.monotonic()


@pytest.mark.proof
@pytest.mark.django_db(transaction=True)
def test_five_hundred_who_wait_are_told_within_ten_seconds_of_live(simulator, live_portal, capsys):
    session = at_kaltura(simulator)
    entry_id = remote_entry_id(session)
    people = [attendee_of(session) for _ in range(PEOPLE)]
    clients = [signed_in(user) for user in people]
    question = question_of(clients[0], session)
    kept = [
        (
            f"sessionid={client.cookies['sessionid'].value}",
            f"{join_url(session)}frame/?ticket={tickets.issue(user, session)}",
        )
        for user, client in zip(people, clients, strict=True)
    ]
    pages = WaitingPages(live_portal, kept, question)
    simulator.forget_requests()
    began = time.monotonic()
    live_at: list[float] = []

    def go_live() -> None:
        simulator.switch(entry_id, "on_air")
        live_at.append(time.monotonic())

    threading.Timer(12, go_live).start()
    pages.run(for_s=40)
    took = time.monotonic() - began
    calls = simulator.calls("liveStream.isLive")  # each beside its details, in one request
    waited = sorted(moment - live_at[0] for moment in pages.told.values())
    last_in = max(pages.entered.values()) - live_at[0]

    with capsys.disabled():
        print(
            f"\n{PEOPLE} people waited {took:.1f} s with {pages.asked} questions and {calls} calls "
            f"to Kaltura; told {waited[0]:.1f} to {waited[-1]:.1f} s after live, the last in after "
            f"{last_in:.1f} s (one process serves and asks)"
        )
    assert len(waited) == len(pages.entered) == PEOPLE
    assert calls <= took / 5 + 1
    assert waited[-1] < PATIENCE_S
