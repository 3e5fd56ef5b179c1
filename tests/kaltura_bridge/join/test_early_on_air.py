"""Those who wait hear again what was just said to one of them; everything else asks Django."""

from __future__ import annotations

import json
import time
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core.handlers.wsgi import WSGIHandler
from django.core.signals import request_started
from django.db import close_old_connections
from django.test import RequestFactory
from django.utils import timezone

from kaltura_bridge.join.destination import remote_entry_id
from kaltura_bridge.join.early_on_air import EarlyOnAir
from kaltura_bridge.join.waiting import SPREAD_S, OnAirAnswer
from kaltura_bridge.live.elsewhere import note_led_elsewhere
from kaltura_bridge.live.state import FRESH_S, forget_state, live_state
from tests.kaltura_bridge.join.test_kaf import at_kaltura
from tests.kaltura_bridge.join.test_waiting import nobody_knows_yet, question_of  # noqa: F401
from tests.kaltura_bridge.support.joining import attendee_of, join_url, signed_in

pytestmark = pytest.mark.django_db(transaction=True)


class Door:
    """The application as a web process serves it; ``asked`` counts what Django was asked."""

    def __init__(self) -> None:
        self.asked = 0
        self._django = WSGIHandler()
        self._early = EarlyOnAir(self._count)

    def _count(self, environ: Any, start: Any) -> Any:
        self.asked += 1
        return self._django(environ, start)

    def get(self, path: str, method: str = "GET", **headers: str) -> tuple[str, dict, bytes]:
        environ = RequestFactory().generic(method, path, **headers).environ
        environ.pop("CONTENT_LENGTH", None)
        said: list[Any] = []
        body = b"".join(self._early(environ, lambda *args: said.append(args)))
        status, given = said[-1][:2]
        return status, dict(given), body


@pytest.fixture(autouse=True)
def _open_connection():
    """As Django's own test client does it: the test's connection is open until its end."""
    request_started.disconnect(close_old_connections)
    yield
    request_started.connect(close_old_connections)


def test_what_was_said_to_one_is_said_to_all_for_a_moment(simulator):
    session = at_kaltura(simulator)
    entry_id, door = str(remote_entry_id(session)), Door()
    question = question_of(signed_in(attendee_of(session)), session)
    passing = {"Content-Length", "Expires"}
    live_state(entry_id)

    said = [door.get(question) for _ in range(20)]

    assert door.asked == 1
    assert {(status, json.loads(body)["live"]) for status, _, body in said} == {("200 OK", False)}
    first = {name: text for name, text in said[0][1].items() if name not in passing}
    for _, headers, body in said[1:]:
        assert {name: text for name, text in headers.items() if name not in passing} == first
        assert int(headers["Content-Length"]) == len(body)
    again = {json.loads(body)["again_s"] for _, _, body in said}
    assert len(again) > 1 and max(again) <= FRESH_S + SPREAD_S + 0.1

    simulator.switch(entry_id, "on_air")
    forget_state(entry_id)
    with time_machine.travel(timezone.now() + timedelta(seconds=0.6)):
        assert json.loads(door.get(question)[2])["live"] is True


def test_who_is_led_elsewhere_hears_it_within_half_a_second(simulator):
    session = at_kaltura(simulator)
    entry_id, door = str(remote_entry_id(session)), Door()
    question = question_of(signed_in(attendee_of(session)), session)
    first = json.loads(door.get(question)[2])["live"]

    note_led_elsewhere(entry_id, "0_another1")
    with time_machine.travel(timezone.now() + timedelta(seconds=0.6)):
        then = json.loads(door.get(question)[2])["live"]

    assert (first, then) == (False, True)


@pytest.mark.parametrize("cookie", ["short", "0123456789abcdef0123456789abcdef"])
def test_cookies_of_one_are_told_to_nobody_else(simulator, settings, cookie):
    """Django takes a cookie of no session away; whoever waits beside them stays signed in."""
    session = at_kaltura(simulator)
    question = question_of(signed_in(attendee_of(session)), session)
    live_state(str(remote_entry_id(session)))
    door = Door()

    first = door.get(question, HTTP_COOKIE=f"{settings.SESSION_COOKIE_NAME}={cookie}")
    others = [door.get(question) for _ in range(3)]

    assert "Set-Cookie" in first[1]
    assert [(status, "Set-Cookie" in headers) for status, headers, _ in others] == [
        ("200 OK", False)
    ] * 3


def test_everything_else_is_asked_of_django(simulator):
    session = at_kaltura(simulator)
    door = Door()
    question = question_of(signed_in(attendee_of(session)), session)
    door.get(question)
    others: list[tuple[str, dict[str, str], str]] = [
        (f"{join_url(session)}on-air/?of=made-up", {}, "404"),
        (f"{question}x", {}, "404"),
        (question, {"method": "HEAD"}, "405"),
        (question, {"HTTP_HOST": "evil.example"}, "400"),
        (question, {"HTTP_RANGE": "bytes=0-1"}, "200"),
        (f"{question}&more={'x' * 2000}", {}, "200"),
    ]

    for path, how, status in others:
        for _ in range(2):
            before = door.asked
            answer = door.get(path, **how)  # type: ignore[arg-type]
            assert (answer[0][:3], door.asked) == (status, before + 1), (path, how)


@pytest.mark.parametrize(
    ("age_s", "least", "most"),
    [
        # As soon as Kaltura may be asked again, spread over two seconds.
        (0.0, FRESH_S, FRESH_S + SPREAD_S + 0.1),
        (4.0, 1.0, 1.0 + SPREAD_S + 0.1),
        # Somebody is asking: soon; the longer it takes, the later.
        (5.2, 0.25, 0.85),
        (7.5, 1.0, 3.5),
        (900.0, 1.0, 3.5),
    ],
)
def test_pages_ask_again_when_there_is_something_new(age_s, least, most):
    now = time.time()
    with time_machine.travel(now, tick=False):
        said = OnAirAnswer(False, now - age_s, now)
        drawn = [said.again_s() for _ in range(200)]

    assert least <= min(drawn) <= max(drawn) <= most
