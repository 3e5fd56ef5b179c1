"""The click to join: the page, the frame's signed address, and no call to Kaltura."""

from __future__ import annotations

import re
import urllib.request
from collections.abc import Callable
from datetime import timedelta
from html import unescape
from typing import Any

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from events import actions
from events.models import Event, Session, SessionType
from kaltura_bridge.sync import service
from kaltura_simulator.testing import Simulator
from tests.bench.figures import SPREAD, Column, Row, Table, timed
from tests.bench.stage import attendee

RUNS = 50
COLUMNS = (Column("queries"), Column("bytes"), *SPREAD, Column("Kaltura calls"))
_FRAME = re.compile(r'<iframe[^>]* src="([^"]+)"')
_OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def measure(kaltura: Simulator, event: Event) -> Table:
    """The page and the frame's redirect, for a webcast and for a room."""
    table = Table(
        "Join",
        f"an attendee joins a live session of {event.sessions.count()}; in this process, through "
        f"all middleware; median of {RUNS} after a warm-up; calls as the local Kaltura counted "
        "them over all runs",
        COLUMNS,
    )
    for kind in (SessionType.WEBCAST, SessionType.INTERACTIVE):
        session, client = live_session(event, kind), attendee()
        url = reverse("kaltura:join", args=[event.slug, session.slug])
        _see_it_open(client, url)
        table.rows.append(_row(f"{kind.label}: page", kaltura, lambda: client.get(url), 200))  # noqa: B023
        table.rows.append(_frame_row(f"{kind.label}: frame", kaltura, client, url))
    return table


def live_session(event: Event, kind: SessionType) -> Session:
    """A session of this type that is on now, here and at Kaltura."""
    session = event.sessions.filter(session_type=kind).earliest("starts_at", "pk")
    start = timezone.now() - timedelta(minutes=10)
    actions.move_session(session, start, start + timedelta(minutes=45))
    service.sync_due(service.targets_of(event))
    return session


def _see_it_open(client: Client, url: str) -> None:
    """Follow the way to its end once: what is measured must let people in."""
    location = client.get(_frame_url(client, url))["Location"]
    with _OPENER.open(location, timeout=30) as page:
        found = page.read().decode()
    if 'data-state="in"' not in found:
        raise RuntimeError(f"Kaltura's page of {url} does not let the attendee in.")


def _frame_url(client: Client, url: str) -> str:
    page = client.get(url).content.decode()
    found = _FRAME.search(page)
    if found is None:
        raise RuntimeError(f"There is no frame in {url}.")
    return unescape(found[1])


def _row(name: str, kaltura: Simulator, get: Callable[[], Any], status: int) -> Row:
    before = kaltura.calls()
    with CaptureQueriesContext(connection) as queries:
        answer = get()
    if answer.status_code != status:
        raise RuntimeError(f"{name} answered {answer.status_code}, not {status}.")
    counts = (len(queries), len(answer.content))
    took = timed(get, RUNS)
    return Row(name, (*counts, *took.ms, kaltura.calls() - before))


def _frame_row(name: str, kaltura: Simulator, client: Client, url: str) -> Row:
    """Each ticket opens the frame once, so they are drawn before the clock runs."""
    tickets = iter([_frame_url(client, url) for _ in range(RUNS + 2)])
    return _row(name, kaltura, lambda: client.get(next(tickets)), 302)
