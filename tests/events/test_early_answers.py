"""Strangers are sent again what was just sent to a stranger; everybody else is asked about."""

from __future__ import annotations

import gzip
import re
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core.handlers.wsgi import WSGIHandler
from django.core.signals import request_started
from django.db import close_old_connections
from django.test import Client, RequestFactory
from django.utils import timezone

from events.caching.early_answers import SECONDS, EarlyAnswers
from events.models import Event
from events.models.event import EventStatus
from tests.factories import EventFactory, SessionFactory, SessionSpeakerFactory, UserFactory

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]
AGENDA = "/e/congress/agenda/"
PAGES = [
    AGENDA,
    f"{AGENDA}?day=all",
    f"{AGENDA}?zone=Asia/Tokyo",
    "/e/congress/",
    "/e/congress/sessions/maps/",
    "/e/congress/speakers/ada/",
]
_PASSING = re.compile(rb'(?<=data-now=")[\d.]+')
_PASSING_HEADERS = {"Server-Timing", "Content-Length"}


class Door:
    """The application as a web process serves it; ``asked`` counts what Django was asked."""

    def __init__(self) -> None:
        self.asked = 0
        self._django = WSGIHandler()
        self._early = EarlyAnswers(self._count)

    def _count(self, environ: Any, start: Any) -> Any:
        self.asked += 1
        return self._django(environ, start)

    def get(self, path: str, method: str = "GET", **headers: str) -> tuple[str, dict, bytes]:
        environ = RequestFactory().generic(method, path, **headers).environ
        environ.pop("HTTP_COOKIE", None)
        environ |= {name: value for name, value in headers.items() if name == "HTTP_COOKIE"}
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


@pytest.fixture
def door() -> Door:
    return Door()


@pytest.fixture
def event() -> Event:
    event = EventFactory(slug="congress")
    maps = SessionFactory(event=event, slug="maps", title="Maps")
    SessionSpeakerFactory(session=maps, speaker__event=event, speaker__slug="ada")
    return event


def lasting(answer: tuple[str, dict, bytes]) -> tuple[str, dict, bytes]:
    """An answer without its moment."""
    status, headers, body = answer
    packed = headers.get("Content-Encoding") == "gzip"
    text = _PASSING.sub(b"", gzip.decompress(body) if packed else body)
    return status, {k: v for k, v in headers.items() if k not in _PASSING_HEADERS}, text


@pytest.mark.parametrize("encoding", ["gzip", "identity"])
@pytest.mark.parametrize("path", PAGES)
def test_second_answer_is_that_of_django_and_asks_nothing(
    door, event, path, encoding, django_assert_num_queries
):
    first = door.get(path, HTTP_ACCEPT_ENCODING=encoding)
    with django_assert_num_queries(0):
        second = door.get(path, HTTP_ACCEPT_ENCODING=encoding)

    assert lasting(second) == lasting(first)
    assert second[0] == "200 OK"
    assert int(second[1]["Content-Length"]) == len(second[2])
    assert door.asked == 1


def test_it_has_the_time_of_its_own(door, event):
    start = timezone.now()
    with time_machine.travel(start, tick=False):
        door.get(AGENDA)
    with time_machine.travel(start + timedelta(seconds=0.25), tick=False):
        _, headers, body = door.get(AGENDA)

    moment = (start + timedelta(seconds=0.25)).timestamp()
    assert float(_PASSING.findall(body)[0]) == pytest.approx(moment, abs=0.002)
    assert headers["Server-Timing"] == f'now;desc="{moment:.3f}"'
    assert door.asked == 1


def test_who_has_the_page_is_told_so_as_by_django(door, event):
    tag = door.get(AGENDA)[1]["ETag"]
    early = door.get(AGENDA, HTTP_IF_NONE_MATCH=tag)
    django = Door().get(AGENDA, HTTP_IF_NONE_MATCH=tag)

    assert lasting(early) == lasting(django)
    assert (early[0], early[2], door.asked) == ("304 Not Modified", b"", 1)


def test_a_change_shows_within_a_second(door, event):
    start = timezone.now()
    with time_machine.travel(start, tick=False):
        door.get(AGENDA)
        event.status = EventStatus.DRAFT
        event.save()
    with time_machine.travel(start + timedelta(seconds=SECONDS + 0.01), tick=False):
        assert door.get(AGENDA)[0] == "404 Not Found"
    assert SECONDS < 1


@pytest.mark.parametrize(
    "headers",
    [
        {"HTTP_COOKIE": "theme=dark"},
        {"HTTP_AUTHORIZATION": "Bearer x"},
        {"HTTP_ACCEPT_LANGUAGE": "de"},
        {"HTTP_ACCEPT_ENCODING": "gzip"},
        {"HTTP_HOST": "evil.example.org"},
        {"HTTP_X_FORWARDED_PROTO": "https"},
        {"HTTP_ACCEPT_LANGUAGE": "x" * 1_000},
        {"method": "HEAD"},
        {"method": "POST"},
    ],
)
def test_whoever_asks_otherwise_is_answered_by_django(door, event, headers):
    door.get(AGENDA)
    otherwise = door.get(AGENDA, **headers)

    assert door.asked == 2
    assert lasting(otherwise) == lasting(Door().get(AGENDA, **headers))


def test_what_a_stranger_chose_is_a_page_of_its_own(door, event):
    plain = door.get(AGENDA)
    chosen = {"HTTP_COOKIE": "zone=Asia/Tokyo; agenda=view=grid"}
    leads = door.get(AGENDA, **chosen)
    zone = {"HTTP_COOKIE": "zone=Asia/Tokyo"}
    first, second = door.get(AGENDA, **zone), door.get(AGENDA, **zone)

    assert (leads[0], leads[1]["Location"]) == ("302 Found", f"{AGENDA}?view=grid")
    assert lasting(first) == lasting(second) != lasting(plain)
    assert door.asked == 3


def test_people_get_their_own_page_and_leave_nothing_behind(door, event):
    client = Client()
    client.force_login(
        UserFactory(name="Ada Lovelace"), backend="django.contrib.auth.backends.ModelBackend"
    )
    own = door.get(AGENDA, HTTP_COOKIE=f"sessionid={client.cookies['sessionid'].value}")
    strangers = door.get(AGENDA)

    assert b"Ada Lovelace" in own[2]
    assert b"Ada Lovelace" not in strangers[2]
    assert door.asked == 2


@pytest.mark.parametrize(
    "path", [f"{AGENDA}?q=maps", f"{AGENDA}?made=up", "/e/none/agenda/", "/accounts/login/"]
)
def test_what_is_not_for_all_is_not_kept(door, event, path):
    door.get(path)
    door.get(path)

    assert door.asked == 2


def test_no_more_than_its_places_are_kept(door, event):
    for number in range(300):
        door.get(AGENDA, HTTP_ACCEPT_LANGUAGE=f"de;q=0.{number}")

    assert len(door._early._kept) <= 128
