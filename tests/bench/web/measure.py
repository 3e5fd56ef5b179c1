"""All of it in one run, with the limits that are wanted beside what was measured."""

from __future__ import annotations

import os
import statistics
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from socket import AF_INET, SOCK_STREAM, socket

from django.urls import reverse

from events.models import Event
from tests.bench.figures import Column, Row, Table
from tests.bench.stage import event_of
from tests.bench.web import crowd, scene
from tests.bench.web.load import Connection, Load, cpu_s, load, memory_mib
from tests.bench.web.server import WORKERS, WebServer, web_server

SMALL, LARGE = 50, 500
SECONDS = float(os.environ.get("BENCH_WEB_SECONDS", "6"))
CROWD = int(os.environ.get("BENCH_WEB_CROWD", "5000"))
WITHIN_S = 60.0


def measure() -> Iterator[Table]:
    """Counts and sizes first, then requests a second, then everybody at once."""
    small = event_of(SMALL)
    agenda = reverse("events:agenda", args=[small.slug])
    small_fact = scene.counted(f"{agenda}?day=all")
    event = event_of(LARGE)
    join_path = scene.live_session_path(event)
    cookies = scene.crowd(event, max(CROWD, 1))
    yield _counts(event, small_fact, join_path, cookies[0])
    with _plain(f"{agenda}?day=all") as plain, web_server(agenda) as portal:
        yield _rates(event, plain, portal, join_path, cookies[0])
        yield _crowd("Kaltura's API answers", portal, join_path, cookies)
        yield _memory(portal)
    with _hanging() as nowhere, web_server(agenda, KALTURA_SERVICE_URL=nowhere) as portal:
        yield _hanging_rates(portal, join_path, cookies[0])


# --- Counts -----------------------------------------------------------------------------


def _counts(event: Event, small: scene.Fact, join_path: str, cookie: str) -> Table:
    table = Table(
        "Pages, counted",
        f"{LARGE} sessions ({SMALL} in the first row) on PostgreSQL; in this process, through all "
        "middleware; cold is a process that has just started with an empty cache",
        (
            *(Column("SQL"), Column("limit"), Column("cold SQL"), Column("limit")),
            *(Column("cold ms", 1), Column("limit"), Column("warm ms", 1)),
            *(Column("bytes"), Column("limit"), Column("sent"), Column("limit")),
        ),
    )
    agenda = reverse("events:agenda", args=[event.slug]) + "?day=all"
    table.rows.append(_fact(f"agenda of {SMALL}, stranger", small, 1))
    for name, path, who, limit in _pages(event, agenda, join_path, cookie):
        is_agenda = path == agenda
        fact = scene.counted(path, who)
        table.rows.append(_fact(name, fact, limit, is_agenda=is_agenda))
    table.add_ratio("agenda, 50 to 500 (1.5x)", table.rows[1], table.rows[0])
    return table


def _pages(
    event: Event, agenda: str, join_path: str, cookie: str
) -> list[tuple[str, str, str, int | None]]:
    session = event.sessions.order_by("starts_at", "pk")[LARGE // 2]
    speaker = session.speakers.first()
    assert speaker
    session_path = session.get_absolute_url()
    speaker_path = reverse("events:speaker", args=[event.slug, speaker.slug])
    return [
        ("agenda, stranger", agenda, "", 1),
        ("agenda, signed in", agenda, cookie, 4),
        ("event, stranger", event.get_absolute_url(), "", None),
        ("session, stranger", session_path, "", 4),
        ("session, signed in", session_path, cookie, 4),
        ("speaker, stranger", speaker_path, "", 4),
        ("speaker, signed in", speaker_path, cookie, 4),
        ("agenda.ics, stranger", reverse("events:agenda_ics", args=[event.slug]), "", None),
        ("join page, signed in", join_path, cookie, 6),
    ]


def _fact(name: str, fact: scene.Fact, limit: int | None, *, is_agenda: bool = False) -> Row:
    cold = (6, 80) if is_agenda else (None, None)
    sizes = (200 * 1024, 20 * 1024) if is_agenda else (None, None)
    return Row(
        name,
        (
            *(fact.queries, limit, fact.cold_queries, cold[0], fact.cold_ms, cold[1]),
            *(fact.warm_ms, fact.size, sizes[0], fact.packed, sizes[1]),
        ),
    )


# --- Rates ------------------------------------------------------------------------------

_RATES = (
    *(Column("requests/s", 1), Column("limit", 1), Column("p50 ms", 1), Column("p99 ms", 1)),
    *(Column("limit"), Column("failed"), Column("CPU ms", 2)),
)


@contextmanager
def _plain(agenda: str) -> Iterator[WebServer]:
    """The plain views, on a server of the same kind; they send what the agenda is."""
    scene.store_plain(agenda)
    package = "tests.bench.web"
    settings = f"{package}.plain_settings"
    with web_server("/plain/", f"{package}.plain_wsgi", DJANGO_SETTINGS_MODULE=settings) as server:
        yield server


def _rates(event: Event, plain: WebServer, portal: WebServer, join_path: str, cookie: str) -> Table:
    table = Table(
        "Pages, served",
        f"gunicorn with {WORKERS} web processes, PostgreSQL and Redis; 8 connections on the same "
        f"cores, each asking again when it has its answer; {SECONDS:g} s a row after a warm-up; "
        "limits of the agenda are half of the plain view that sends the same bytes from Redis",
        _RATES,
    )
    signed_in = {**scene.GZIP, "Cookie": cookie}
    agenda = reverse("events:agenda", args=[event.slug]) + "?day=all"
    bare = _rate(plain, "/plain/", scene.GZIP)
    table.rows.append(_row("plain view", bare))
    table.rows.append(
        _row("agenda, stranger", _rate(portal, agenda, scene.GZIP), bare[0].per_s / 2)
    )
    known = _rate(plain, "/plain/signed-in/", signed_in)
    table.rows.append(_row("plain view, session looked up", known))
    rate = _rate(portal, agenda, signed_in)
    table.rows.append(_row("agenda, signed in", rate, known[0].per_s / 2))
    etag = Connection(portal.port).ask(agenda, scene.GZIP)[1]["etag"]
    unchanged = _rate(portal, agenda, {**scene.GZIP, "If-None-Match": etag}, 304)
    table.rows.append(_row("agenda unchanged, stranger", unchanged))
    for name, path, who, _ in _pages(event, agenda, join_path, cookie)[2:-1]:
        least = 300 if path.endswith(".ics") else None
        headers = {**scene.GZIP, **({"Cookie": who} if who else {})}
        table.rows.append(_row(name, _rate(portal, path, headers), least))
    table.rows.append(_row("join page", _rate(portal, join_path, signed_in), 200, 60))
    return table


def _hanging_rates(portal: WebServer, join_path: str, cookie: str) -> Table:
    table = Table("Kaltura's API hangs", "the same server; nobody answers at its address", _RATES)
    rate = _rate(portal, join_path, {**scene.GZIP, "Cookie": cookie})
    table.rows.append(_row("join page", rate, 200, 60))
    return table


def _rate(
    server: WebServer, path: str, headers: Mapping[str, str], status: int = 200
) -> tuple[Load, float]:
    """The load, and the web processes' CPU milliseconds for each answer."""
    load(server.port, path, headers, min(2.0, SECONDS), status)
    before = cpu_s(server.workers)
    found = load(server.port, path, headers, SECONDS, status)
    return found, 1000 * (cpu_s(server.workers) - before) / max(1, found.requests)


def _row(
    name: str, rate: tuple[Load, float], least: float | None = None, p99_ms: int | None = None
) -> Row:
    found, cpu_ms = rate
    values = (found.per_s, least, found.p50_ms, found.p99_ms, p99_ms, found.failed, cpu_ms)
    return Row(name, values)


@contextmanager
def _hanging() -> Iterator[str]:
    """The address of a server that takes connections and says nothing."""
    with socket(AF_INET, SOCK_STREAM) as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(128)
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"


# --- Everybody at once ----------------------------------------------------------------------


def _crowd(name: str, portal: WebServer, join_path: str, cookies: list[str]) -> Table:
    table = Table(
        "Everybody joins",
        f"{len(cookies)} people open the join page and its frame within {WITHIN_S:g} s; times are "
        "from when each meant to come until Kaltura's address was there",
        (
            *(Column("people"), Column("joined"), Column("refused"), Column("failed")),
            *(Column("p50 ms", 1), Column("p99 ms", 1), Column("CPU s", 1)),
        ),
    )
    before = cpu_s(portal.workers)
    came = crowd.everybody_joins(portal.port, join_path, cookies, WITHIN_S)
    cuts = statistics.quantiles(came.took, n=100)
    counts = (len(cookies), came.joined, came.refused, came.failed)
    times = (1000 * cuts[49], 1000 * cuts[98], cpu_s(portal.workers) - before)
    table.rows.append(Row(name, (*counts, *times)))
    return table


def _memory(portal: WebServer) -> Table:
    table = Table(
        "Memory",
        "resident memory of each web process after all of this, in MiB",
        (Column("MiB", 1), Column("limit")),
    )
    for number, pid in enumerate(portal.workers, 1):
        table.rows.append(Row(f"web process {number}", (memory_mib(pid), 110)))
    return table
