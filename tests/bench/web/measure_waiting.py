"""People who wait for one broadcast, on gunicorn as it is configured; the limits stand beside."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from typing import Final

from django.core.cache import cache

from events.models import Session, SessionType
from kaltura_bridge.join.destination import remote_entry_id
from kaltura_simulator.testing import Simulator
from tests.bench import join
from tests.bench.figures import Column, Row, Table
from tests.bench.stage import event_of
from tests.bench.web import scene
from tests.bench.web.load import cpu_s
from tests.bench.web.server import WebServer, web_server
from tests.bench.web.waiting import WaitingPages

PEOPLE: Final = int(os.environ.get("BENCH_WAITING", "500"))
RUNS: Final = int(os.environ.get("BENCH_WAITING_RUNS", "2"))
IN_WITHIN_S: Final = 10.0
# As many calls as there are times five seconds, and the one at the beginning.
EVERY_S: Final = 5.0
# Long enough for two looks at Kaltura. Live comes right after the next one, which is the worst
# moment: nobody may ask again for five seconds.
_BEFORE_S: Final = 8.0
LOOK: Final = "liveStream.isLive"
_AT_MOST_S: Final = 45.0
_COLUMNS: Final = (
    *(Column("people"), Column("in"), Column("failed"), Column("questions")),
    *(Column("calls"), Column("limit"), Column("first told s", 1), Column("last told s", 1)),
    *(Column("last in s", 1), Column("limit"), Column("CPU s", 1)),
)


def measure(kaltura: Simulator) -> Iterator[Table]:
    """With one web process and with two; seconds are from live."""
    event = event_of(50)
    session = join.live_session(event, SessionType.WEBCAST)
    people = scene.crowd(event, PEOPLE)
    table = Table(
        "Waiting",
        f"{PEOPLE} people wait for one broadcast and go in when it begins, right after a look at "
        f"Kaltura, which may be asked once in {EVERY_S:g} s; gunicorn on PostgreSQL and Redis, the "
        "pages on the same cores; seconds from live",
        _COLUMNS,
    )
    path = f"{session.get_absolute_url()}join/"
    for workers in (1, 2):
        with web_server(path, WEB_CONCURRENCY=str(workers)) as portal:
            for run in range(RUNS):
                name = f"{workers} web process{'es' if workers > 1 else ''}, run {run + 1}"
                values = _waited(kaltura, portal, session, people)
                table.rows.append(Row(name, values))
    yield table


def _waited(
    kaltura: Simulator, portal: WebServer, session: Session, people: list[str]
) -> tuple[float | None, ...]:
    entry_id = str(remote_entry_id(session))
    kaltura.switch(entry_id, "off")
    cache.clear()
    pages = WaitingPages(
        portal.port, scene.waiting_pages(session, people), scene.waiting_question(session)
    )
    kaltura.forget_requests()
    live_at: list[float] = []
    cpu_at: list[float] = []

    def go_live() -> None:
        looks = kaltura.calls(LOOK)
        while kaltura.calls(LOOK) == looks:
            time.sleep(0.05)
        kaltura.switch(entry_id, "on_air")
        live_at.append(time.monotonic())
        cpu_at.append(cpu_s(portal.workers))

    began = time.monotonic()
    timer = threading.Timer(_BEFORE_S, go_live)
    timer.start()
    waited = pages.run(_AT_MOST_S)
    took = time.monotonic() - began
    timer.join()
    told = sorted(moment - live_at[0] for moment in waited.told.values())
    last_in = max(waited.entered.values(), default=live_at[0]) - live_at[0]
    calls = len({request["request"] for request in kaltura.requests()})
    return (
        *(len(people), len(waited.entered), waited.failed, waited.asked),
        *(calls, int(took / EVERY_S) + 1, told[0] if told else None, told[-1] if told else None),
        *(last_in, IN_WITHIN_S, cpu_s(portal.workers) - cpu_at[0]),
    )
