"""Who asks for what: an event on PostgreSQL, a session that is on, and thousands of visitors."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from html import unescape

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session as Visit
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from events.caching.fragments import forget_all
from events.models import Event, Registration, Session, SessionType, User
from kaltura_bridge.join import tickets
from tests.bench import join
from tests.bench.web.plain import KEY
from tests.bench.web.waiting import WaitingPage

GZIP = {"Accept-Encoding": "gzip", "Accept": "text/html"}
_ON_AIR = re.compile(r'data-on-air-url="([^"]+)"')
_BACKEND = "django.contrib.auth.backends.ModelBackend"


@dataclass(frozen=True)
class Fact:
    """What one page costs whoever asks, counted in this process."""

    queries: int
    cold_queries: int
    cold_ms: float
    warm_ms: float
    size: int
    packed: int


def crowd(event: Event, count: int) -> list[str]:
    """So many registered people, signed in: the cookie of each."""
    new = [
        User(email=_email(number), name=f"Visitor {number}", password="!")
        for number in range(count)
    ]
    users = User.objects.bulk_create(new, batch_size=500)
    Registration.objects.bulk_create(
        [Registration(event=event, user=user) for user in users], batch_size=500
    )
    ends = timezone.now() + timedelta(days=1)
    store, visits = SessionStore(), []
    for number, user in enumerate(users):
        known = {
            SESSION_KEY: str(user.pk),
            BACKEND_SESSION_KEY: _BACKEND,
            HASH_SESSION_KEY: user.get_session_auth_hash(),
        }
        key = f"crowd{number:027}"
        visits.append(Visit(session_key=key, session_data=store.encode(known), expire_date=ends))
    Visit.objects.bulk_create(visits, batch_size=500)
    return [f"{settings.SESSION_COOKIE_NAME}={visit.session_key}" for visit in visits]


def live_session_path(event: Event) -> str:
    """The join page of a webcast that is on, here and at Kaltura."""
    session = join.live_session(event, SessionType.WEBCAST)
    return f"{session.get_absolute_url()}join/"


def waiting_question(session: Session) -> str:
    """Where the pages of those who wait for this session's broadcast ask."""
    page = join.attendee().get(f"{session.get_absolute_url()}join/").content.decode()
    found = _ON_AIR.search(page)
    if found is None:
        raise RuntimeError("The join page waits for nothing.")
    return unescape(found[1])


def waiting_pages(session: Session, cookies: Sequence[str]) -> list[WaitingPage]:
    """What the page of each of ``crowd`` holds while it waits, in its order."""
    found = {user.email: user for user in User.objects.filter(email__startswith="crowd")}
    path = f"{session.get_absolute_url()}join/frame/"
    return [
        WaitingPage(cookie, f"{path}?ticket={tickets.issue(found[_email(number)], session)}")
        for number, cookie in enumerate(cookies)
    ]


def _email(number: int) -> str:
    return f"crowd{number}@example.org"


def counted(path: str, cookie: str = "") -> Fact:
    """Ask in this process: cold, then warm."""
    headers: Mapping[str, str] = {**GZIP, **({"Cookie": cookie} if cookie else {})}
    client = Client(SERVER_NAME="localhost", headers=headers)
    client.get(path)  # What a process needs once: templates, connections.
    cache.clear()
    forget_all()  # As in a process that has just started.
    with CaptureQueriesContext(connection) as asked_cold:
        cold_ms = _ms(client, path)
    cold_queries = len(asked_cold)
    with CaptureQueriesContext(connection) as asked:
        page = client.get(path)
    queries = len(asked)
    warm_ms = min(_ms(client, path) for _ in range(5))
    whole = Client(SERVER_NAME="localhost", headers={"Cookie": cookie} if cookie else {})
    size = len(whole.get(path).content)
    return Fact(queries, cold_queries, cold_ms, warm_ms, size, len(page.content))


def _ms(client: Client, path: str) -> float:
    began = time.perf_counter()
    client.get(path)
    return 1000 * (time.perf_counter() - began)


def store_plain(path: str) -> None:
    """The page as strangers get it, for the plain views to send."""
    page = Client(SERVER_NAME="localhost", headers=GZIP).get(path)
    cache.set(KEY, page.content, 3600)
